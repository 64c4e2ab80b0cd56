"""Random draws: functions of a key, without a derivative, of the same bits under all transforms."""

import numpy as np

from ..random import continuous, discrete, keys
from .primitive import Primitive
from .reduction import broadcast_to
from .shape import reshape

DRAWS = {
    f.__name__: f.batched
    for f in (
        keys.split, keys.fold_in, continuous.bits, continuous.uniform, continuous.normal,
        continuous.truncated_normal, continuous.exponential, continuous.gumbel,
        discrete.rademacher, discrete.randint, discrete.permutation, discrete.choice,
    )
}  # fmt: skip


def _draw(key, *, draw, arguments):
    given = dict(arguments)
    return DRAWS[draw](key, *given.pop("data", ()), **given)


def _tail(draw, arguments):
    """The shape of one draw, behind the axes of the keys."""
    if draw in ("split", "fold_in"):
        return (arguments["num"], 2) if draw == "split" else (2,)
    return (arguments["x"],) if draw == "permutation" else arguments["shape"]


def _dtype(key, *, draw, arguments):
    given = dict(arguments)
    if draw in ("split", "fold_in"):
        return np.uint64
    return given["dtype"] if "dtype" in given else np.int64


def _check_key(key, draw):
    if key.dtype != np.uint64 or key.shape[-1:] != (2,):
        raise ValueError(
            f"random.{draw}: key must be a uint64 array of shape (2,), got {key.dtype} "
            f"{tuple(key.shape)}; make one with random.key(seed)"
        )


def _shape(key, *, draw, arguments):
    _check_key(key, draw)
    return (*key.shape[:-1], *_tail(draw, dict(arguments)))


# z: one draw per key, by the function of that name in `shared.random`. arguments: all of its
# others, as pairs of a name and a number, a shape or a dtype.
random = Primitive(
    "random",
    _draw,
    shape=_shape,
    dtype=_dtype,
    jvp=0,
    vjp=0,
    batch=lambda args, batched, draw, arguments: random(args[0], draw=draw, arguments=arguments),
)


def _fold_shape(key, data):
    _check_key(key, "fold_in")
    if tuple(data.shape) != tuple(key.shape[:-1]):
        raise ValueError(
            f"random.fold_in: there is one integer per key, but data has shape {tuple(data.shape)} "
            f"(key: {tuple(key.shape)})"
        )
    return tuple(key.shape)


def _fold_batch(args, batched):
    key, data = args
    size = next(a.shape[0] for a, b in zip(args, batched, strict=True) if b)
    whole = [
        a if b else broadcast_to(reshape(a, shape=(1, *a.shape)), shape=(size, *a.shape))
        for a, b in zip((key, data), batched, strict=True)
    ]
    return fold_in(*whole)


def _fold(key, data):
    """keys (..., 2) and as many integers (...); the generator wants at least one axis of them."""
    if data.ndim:
        return keys.fold_in.batched(key, data)
    return keys.fold_in(key, int(data))


# the key of each integer under its key
fold_in = Primitive(
    "fold_in", _fold, shape=_fold_shape, jvp=0, vjp=0, batch=_fold_batch,
    dtype=lambda key, data: np.uint64,
)  # fmt: skip
