"""Other dtypes and devices for a Tensor."""

from ..shared.backend import device_of
from ..shared.dispatch import bottom
from ..shared.ops.promotion import astype
from ..shared.primitives.device import transfer
from .dtypes import as_dtype


def to(tensor, *args, dtype=None, device=None):
    """tensor.to("cuda"), .to(float32), .to(other), .to("cuda", float32), or by keyword."""
    for a in args:
        if isinstance(a, str) and (a == "cpu" or a.startswith("cuda")):
            device = a
        elif hasattr(a, "value"):
            dtype, device = a.dtype, a.device
        else:
            dtype = a
    if device is not None:
        tensor = on_device(tensor, device)
    return tensor if dtype is None else astype(tensor, as_dtype(dtype))


def on_device(tensor, device):
    """The Tensor on another device, differentiable; itself where it is there already."""
    source = device_of(bottom(tensor))
    if source == ("cuda:0" if device == "cuda" else device):
        return tensor
    return transfer(tensor, device=device, source=source)
