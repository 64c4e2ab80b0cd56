"""Views: Tensors that look into the memory of another, and stay right when it changes.

A view remembers how it was made. When its base has changed in place since, the view is made anew
from it before the next use, so that it shows the new values and its gradient takes the new path.
"""

import numpy as np


class View:
    """How a Tensor was made from another: primitive(parent, *rest, **static).

    count: the version of the shared memory that the view has seen.
    """

    __slots__ = ("count", "parent", "primitive", "rest", "static")

    def __init__(self, parent, primitive, rest, static):
        self.parent, self.primitive, self.rest, self.static = parent, primitive, rest, static
        self.count = parent.version.count

    def refresh(self, tensor):
        """Make `tensor` anew from its parent, if the memory they share was changed since."""
        count = tensor.version.count
        if self.count != count:
            self.count = count
            again = self.primitive(self.parent, *self.rest, **self.static)
            tensor.value, tensor.node = again.value, again.node


def shares_memory(z, x):
    """True where z may look into x: for arrays by their addresses, for other payloads always."""
    if isinstance(z, np.ndarray) and isinstance(x, np.ndarray):
        return z.base is not None and np.may_share_memory(z, x)
    return not isinstance(z, np.generic)
