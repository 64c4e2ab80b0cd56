"""Parameter: a Tensor that a module finds, names and hands to the optimiser."""

import numpy as np

from ...shared.backend import device_of, is_array, to_device
from ...shared.dispatch import Value
from ..dtypes import get_default_dtype
from ..graph import Version
from ..tensor import Tensor


class Parameter(Tensor):
    """A Tensor that a module registers where it is assigned: `self.weight = Parameter(data)`.

    data: an array or a Tensor, whose memory is shared and whose history is left behind.

    >>> Parameter(np.zeros(2, np.float32))
    Parameter containing:
    tensor([0., 0.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data, requires_grad=True):
        super().__init__(data, requires_grad=requires_grad)

    def __repr__(self):
        return f"Parameter containing:\n{super().__repr__()}"


def overwrite(tensor, value):
    """Copy `value`, an array, number or Tensor, into the memory of a Tensor, unrecorded."""
    value = value.value if isinstance(value, Tensor) else value
    if isinstance(tensor.value, Value) or isinstance(value, Value):
        tensor.value = value  # under a transform there is no memory to write to
        return
    device = device_of(tensor.value)
    if is_array(value) and device_of(value) != device:
        value = to_device(value, device)
    if isinstance(tensor.value, np.generic):
        tensor.value = np.asarray(tensor.value)  # memory that can be written to
    tensor.value[...] = value
    touched(tensor)


def touched(tensor):
    """Count a change in place, and note the user's line."""
    if tensor.version is None:
        tensor.version = Version()
    tensor.version.bump()


def replace_value(tensor, value):
    """Give a Tensor another payload (another dtype, another device); it stays the same object."""
    tracked = tensor.requires_grad
    tensor.former_version = tensor.version  # whoever kept the old memory still watches it
    tensor.node = tensor.base = tensor.version = None
    tensor.value = value
    if tracked:
        tensor.requires_grad = True  # a leaf of the new dtype


def zeros(shape, dtype=None, device=None):
    """An array of zeros for a parameter or buffer: the default float on the host, unless named."""
    array = np.zeros(shape, get_default_dtype() if dtype is None else dtype)
    return array if device is None else to_device(array, device)
