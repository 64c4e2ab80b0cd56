"""Changes in place: x += y, x[i] = v, x.add_(y) ...

A change in place is the operation itself, recorded as always, followed by a change of identity: the
Tensor takes the value of the result, in its own memory, and the history of the result. Everything
is checked before anything is changed. Where the Tensor is a view, what it looks into takes the
history of "itself, but for this place"; other views of that memory notice by its version, and are
made anew when they are next used.
"""

from functools import partial, wraps

import numpy as np

from ..shared.backend import is_array
from ..shared.dispatch import Value
from ..shared.errors import describe
from ..shared.ops.promotion import astype
from ..shared.primitives import indexing
from ..shared.primitives.barrier import stop_gradient
from ..shared.primitives.indexing import getitem
from ..shared.tape import FREED
from .grad_mode import recording
from .graph import TensorNode, Version, payload, version_of
from .hooks import retain_again
from .promotion import can_cast
from .tensor import Tensor, wrap
from .views import ancestors, in_memory, renew, repeats, written


def in_place(function, name=None, apart=False):
    """The method `function`_ that gives a Tensor what `function` of it returns.

    apart: `function` is several operations, which need the value of x after it is overwritten.
    """
    name = name or f"{function.__name__}_"

    @wraps(function)
    def method(self, *args, **kwargs):
        check_writable(self, name)
        before = self
        if apart and is_array(self.value):
            before = self.like(self.value.copy(), self.node)
        return become(self, function(before, *args, **kwargs), name)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"{function.__doc__}\n\n    In place: x itself becomes the result."
    return method


def check_writable(x, operation):
    """Raise unless x may be changed in place."""
    x.fresh()
    if recording.get() and (x.node is not None or x.base is not None):
        for tensor in (x, *ancestors(x)):
            if tensor.node is not None and tensor.node.plan is None:
                which = "this leaf" if tensor is x else "a view of a leaf"
                raise RuntimeError(
                    f"{operation}: {which} that requires a gradient cannot be changed in place, as "
                    "its gradient would belong to no value; compute out of place (x = x + y), or "
                    "write within no_grad()"
                )
    if repeats(x):
        raise RuntimeError(
            f"{operation}: several entries of this Tensor are one place in memory, as after "
            "expand(); write to a copy, x.clone()"
        )


def become(x, result, operation):
    """Give x, which is writable, the value and the history of `result`; returns x."""
    result = fitting(x, result, operation)
    recorded = bool(recording.get()) and is_recorded(x, result, operation)
    if in_memory(x) and not isinstance(result.value, Value):
        overwrite(x, result, recorded)
    else:
        rebind(x, result, recorded)
    return x


def fitting(x, result, operation):
    """The result as a Tensor that x can become, or the error that says why not."""
    if not isinstance(result, Value):
        result = x.like(result)
    if not isinstance(result, Tensor) or result.level != x.level:
        raise RuntimeError(
            f"{operation}: the result is traced by a functional transform "
            f"({type(result).__name__}), but the Tensor was made outside of it and would outlive "
            "it; compute out of place (x = x + y)"
        )
    if tuple(result.shape) != tuple(x.shape):
        raise ValueError(
            f"{operation}: the result has shape {tuple(result.shape)}, but a change in place keeps "
            f"the shape {tuple(x.shape)}; compute out of place (x = x + y)"
        )
    if result.dtype == x.dtype:
        return result
    if not can_cast(result.dtype, x.dtype):
        raise TypeError(
            f"{operation}: the result is {describe(result)}, which does not fit into "
            f"{describe(x)}; compute out of place (x = x + y), or convert x first"
        )
    return astype(result, x.dtype)


def is_recorded(x, result, operation):
    """True where somebody's history changes; RuntimeError where a view was made without one."""
    if x.base is None:
        return result.node is not None or x.node is not None
    if all(t.node is None for t in (result, x, *ancestors(x))):
        return False
    view = x.base
    while view is not None and view.primitive is not stop_gradient:
        if not view.mode:
            raise RuntimeError(
                f"{operation}: this view was made within no_grad(), so its base could not learn of "
                "the gradient; make the view outside, or write within no_grad() too"
            )
        view = view.parent.base
    return True


def overwrite(x, result, recorded):
    """Write into the memory of x, which its views and detached Tensors share."""
    histories = []
    if recorded:
        histories = list(new_histories(x, result))
        keep_apart(result.node, x)
    x.value[...] = result.value
    settle(x, histories)


def new_histories(x, result):
    """(Tensor, node) of x and of everything that x is a view of, given what x becomes."""
    yield x, result.node
    tensor, child = x, result
    for parent in ancestors(x):
        if child.node is None and parent.node is None:
            return
        child = as_written(tensor.base, parent, child)
        yield parent, child.node
        tensor = parent


def as_written(view, parent, child):
    """`written` for arrays that share memory: its value is there once the child is written."""
    if view.primitive is getitem:
        return record_write(indexing.update, parent, child, key=view.static["key"])
    return written(view, parent, child)


def record_write(primitive, x, *args, **static):
    """primitive(x, ..., v), recorded without being computed: only its history counts.

    primitive: one that writes v into x, and keeps neither.
    """
    operands = (x, *args)
    mask = sum(1 << i for i, t in enumerate(operands) if getattr(t, "node", None) is not None)
    if not mask:
        return x.like(x.value)
    parents = [t.node for t in operands if getattr(t, "node", None) is not None]
    values = [payload(t, x.level) for t in operands]
    plan = primitive.reverse(mask)
    _, node = plan.record(lambda *args, **static: x.value, TensorNode, values, parents, static)
    node.guards, node.line = (None,) * len(plan.guarded or ()), None  # indices are copies of ours
    return x.like(x.value, node)


def keep_apart(node, x):
    """Copy what `node` kept in the memory of x, which is to be overwritten: x *= y may keep x."""
    if node.__class__ is not TensorNode or node.kept is FREED:
        return
    if x.version is None:
        x.version = Version()
    mine = [version_of(guard) is x.version for guard in node.guards]
    if not any(mine) or x.version.changed < node.order:
        return
    kept = [k.copy() if is_array(k) and overlap(k, x.value) else k for k in node.kept]
    copied = sum(a is not b for a, b in zip(kept, node.kept, strict=True))
    alone = copied == sum(mine)
    if alone:
        node.kept = tuple(kept)
    # Not the Tensor itself: x is about to hold the node.
    guards = zip(node.guards, mine, strict=True)
    node.guards = tuple([(None if alone else x.version) if m else guard for guard, m in guards])


def overlap(a, b):
    """True for arrays that share memory, as far as one can tell; empty ones share any."""
    return not a.size or np.may_share_memory(a, b)


def rebind(x, result, recorded):
    """Give x another payload, and write it into everything that x is a view of."""
    chain, tensor, child, cut = [(x, result, False)], x, result, False
    while tensor.base is not None:
        view = tensor.base
        cut = cut or view.primitive is stop_gradient
        child = child if view.primitive is stop_gradient else written(view, view.parent, child)
        tensor = view.parent
        chain.append((tensor, child, cut))
    histories = []
    for tensor, child, cut in chain:
        tensor.value = np.copy(child.value) if is_array(child.value) else child.value
        if recorded and not cut:
            histories.append((tensor, child.node))
    settle(x, histories)
    if is_array(tensor.value):  # x and the views between look into the new memory of the last
        while x.base is not None:
            x.base.count -= 1
            x = x.base.parent
        renew(chain[0][0])


def settle(x, histories):
    """x was changed: hand out the new histories, and say so to whoever keeps an old value."""
    for tensor, node in histories:
        tensor.node = node
    if x.version is None:
        x.version = Version()
    x.version.bump()
    tensor = x
    while tensor.base is not None:  # these know already
        tensor.base.count = x.version.count
        tensor = tensor.base.parent
    for tensor, _ in histories:
        if tensor.retains is not None:
            retain_again(tensor, partial(wrap, level=tensor.level))
