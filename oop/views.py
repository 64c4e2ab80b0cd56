"""Views: Tensors that look into the memory of another, and stay right when it changes.

A view remembers how it was made. When the memory it shares was changed since, by whichever Tensor,
the view is made anew from its parent before its next use, so that it shows the new values and its
gradient takes the new path. In the other direction, `written` says what a parent becomes when a
view of it is written to.
"""

import numpy as np
from numpy import ndarray

from ..shared.backend import is_array
from ..shared.dispatch import Value
from ..shared.primitives import indexing
from ..shared.primitives.barrier import stop_gradient
from ..shared.primitives.complex import imag, join, real
from ..shared.primitives.indexing import getitem
from ..shared.primitives.keys import ARRAY
from ..shared.primitives.reduction import broadcast_to
from ..shared.primitives.shape import flip, inverse_permutation, reshape, transpose
from .grad_mode import recording


class View:
    """How a Tensor was made from another: primitive(parent, *rest, **static), recorded or not.

    count: the version of the shared memory that the view has seen. mode: whether operations were
    recorded when it was made.
    """

    __slots__ = ("count", "mode", "parent", "primitive", "rest", "static")

    def __init__(self, parent, primitive, rest, static):
        self.parent, self.primitive, self.rest, self.static = parent, primitive, rest, static
        self.count = parent.version.count
        self.mode = recording.get()

    def refresh(self, tensor):
        """Make `tensor` anew from its parent, if the memory they share was changed since."""
        if self.count != tensor.version.count:
            renew(tensor)


class Piece:
    """One of the results of a primitive with several, as a primitive of its own."""

    __slots__ = ("index", "primitive")

    def __init__(self, primitive, index):
        self.primitive, self.index = primitive, index

    @property
    def name(self):
        """The name of the primitive."""
        return self.primitive.name

    def __call__(self, *args, **static):
        """The result of this number."""
        return self.primitive(*args, **static)[self.index]


def renew(tensor):
    """Make a view anew, and first the views it was made from; a loop, since chains may be long."""
    stale = []
    while tensor.base is not None and tensor.base.count != tensor.version.count:
        stale.append(tensor)
        tensor = tensor.base.parent
    for view in reversed(stale):
        _make_again(view)


def _make_again(tensor):
    base = tensor.base
    base.count = tensor.version.count
    token = recording.set(base.mode)
    try:
        again = base.primitive(base.parent, *base.rest, **base.static)
    finally:
        recording.reset(token)
    tensor.value = again.value
    if tensor.node is None or tensor.node.plan is not None:
        tensor.node = again.node
    elif again.node is not None:
        raise RuntimeError(
            f"{base.primitive.name}: this view collects gradients of its own (requires_grad was "
            "set on it), but the Tensor it looks into was changed in place to a value that depends "
            "on others; take a copy instead, x.detach().clone().requires_grad_()"
        )


def shares_memory(z, x):
    """True where z looks into x: for arrays by their addresses, for other payloads always."""
    if z.__class__ is not ndarray:
        if isinstance(z, Value):
            return True
        if isinstance(z, np.generic):
            return False
    elif isinstance(x, Value):
        return True
    owner = z.base
    return owner is not None and (owner is x or owner is x.base or np.may_share_memory(z, x))


def in_memory(x):
    """True where the array of x may be overwritten; what is read-only or lent is replaced instead.

    So are traced values.
    """
    value = x.value
    if isinstance(value, np.ndarray):
        return value.flags.writeable
    return is_array(value) and not (x.version is not None and x.version.lent)


def ancestors(tensor):
    """The Tensors whose history a write to `tensor` changes: its parents up to a detach()."""
    base = tensor.base
    while base is not None and base.primitive is not stop_gradient:
        yield base.parent
        base = base.parent.base


def repeats(tensor):
    """True where one place in memory is several entries, as after expand()."""
    value = tensor.value
    if is_array(value):
        if value.base is None:
            return False
        steps = zip(value.strides, value.shape, strict=True)
        return any(step == 0 and n > 1 for step, n in steps)
    base = tensor.base
    while base is not None:
        if base.primitive is broadcast_to and base.static["shape"] != tuple(base.parent.shape):
            return True
        base = base.parent.base
    return False


def written(view, parent, child):
    """What `parent` becomes when the view of it becomes `child`: a Tensor, recorded."""
    rule = WRITTEN.get(view.primitive)
    return _placed(view, parent, child) if rule is None else rule(view, parent, child)


def _of_real(view, parent, child):
    return join(child, imag(parent)) if parent.dtype.kind == "c" else child


def _of_imag(view, parent, child):
    return join(real(parent), child)


WRITTEN = {
    getitem: lambda view, parent, child: indexing.update(parent, child, **view.static),
    reshape: lambda view, parent, child: reshape(child, shape=tuple(parent.shape)),
    transpose: lambda view, parent, child: transpose(
        child, axes=inverse_permutation(view.static["axes"])
    ),
    flip: lambda view, parent, child: flip(child, **view.static),
    real: _of_real,
    imag: _of_imag,
}


def _placed(view, parent, child):
    """The general way: follow the numbers of the entries through the view, and write there."""
    if child.dtype != parent.dtype:
        raise RuntimeError(
            f"{view.primitive.name}: this view of dtype {child.dtype} looks into a Tensor of dtype "
            f"{parent.dtype}, which cannot be changed through it; change the Tensor itself"
        )
    shape = tuple(parent.shape)
    size = int(np.prod(shape))
    numbers = np.arange(size).reshape(shape)
    places = view.primitive(numbers, *view.rest, **view.static).reshape(1, -1)
    flat, values = reshape(parent, shape=(size,)), reshape(child, shape=(places.size,))
    return reshape(indexing.scatter_set(flat, places, values, key=(ARRAY,)), shape=shape)
