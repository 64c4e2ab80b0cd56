"""Values back into the model's own tensors."""

import numpy as np

from ..oop.nn.parameter import overwrite
from ..oop.tensor import Tensor, constant
from ..shared.dispatch import Value
from .fit import fitted


def write_back(pure, params, state=None):
    """Copy values into the tensors of pure.model, in place; see Pure.write_back."""
    for write in writes(pure, params, state):
        write()


def writes(pure, params, state=None):
    """Functions that each write one value, after everything was found to fit.

    ValueError lists the leaves that do not fit the model, or its tensors that cannot be written
    to; TypeError names a traced value.
    """
    plan = pure.plan
    own = {name: t.fresh().value for name, t in plan.buffers.items()}
    params, given = fitted(plan, params, own if state is None else state, pure.late)
    leaves = params if state is None else params | given
    for name, x in leaves.items():
        if is_traced(x):
            raise TypeError(
                f"write_back: {name!r} is traced ({type(x).__name__}), and would outlive its "
                "transform; return it from the function, and write it back outside"
            )
    tensors = plan.parameters | plan.buffers
    locked = [name for name in leaves if is_locked(tensors.get(name))]
    if locked:
        raise ValueError(
            f"write_back: the model's {', '.join(map(repr, locked))} cannot be written to, as its "
            "array is read-only; give the Parameter a copy of it"
        )
    return [writer(pure, tensors.get(name), name, x) for name, x in leaves.items()]


def is_traced(x):
    """True for what a transform made; a Tensor around an array is none."""
    x = x.value if isinstance(x, Tensor) else x
    return isinstance(x, Value)


def is_locked(tensor):
    """True for a Tensor around read-only memory."""
    x = None if tensor is None else tensor.value
    return isinstance(x, np.ndarray) and not x.flags.writeable


def writer(pure, tensor, name, x):
    """A function that writes x: into its tensor, or as a buffer that was None or absent."""
    if tensor is not None and x is not None:
        return lambda: overwrite(tensor, x)
    path, _, key = name.rpartition(".")
    owner = pure.model.get_submodule(path)
    x = x.detach() if isinstance(x, Tensor) else x
    return lambda: owner.register_buffer(key, x if x is None else constant(x.copy()))
