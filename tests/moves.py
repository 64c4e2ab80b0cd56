"""What a draft of a random program can do next.

Each move adds a step or more, or nothing where no operand fits.
"""

import numpy as np
from hypothesis import strategies as st

FLOATS, DTYPES = ("float32", "float64"), ("float32", "float64", "int64", "bool")
ANY = (
    "neg absolute square sign tanh sin cos arctan arcsinh sigmoid softplus relu erf gelu cbrt "
    "gelu_tanh floor ceil trunc rint clone stop_gradient deg2rad gelu_slope "
    "isnan isfinite signbit".split()
)
# name: where the operation is well conditioned
WITHIN = {
    "exp": lambda x: x.max() < 4, "expm1": lambda x: x.max() < 4, "exp2": lambda x: x.max() < 6,
    "sinh": lambda x: abs(x).max() < 4, "cosh": lambda x: abs(x).max() < 4,
    "log": lambda x: x.min() > 0.05, "log2": lambda x: x.min() > 0.05,
    "log10": lambda x: x.min() > 0.05, "log1p": lambda x: x.min() > -0.8,
    "sqrt": lambda x: x.min() > 0.01, "reciprocal": lambda x: abs(x).min() > 0.1,
    "arcsin": lambda x: abs(x).max() < 0.95, "arccos": lambda x: abs(x).max() < 0.95,
    "arctanh": lambda x: abs(x).max() < 0.95, "arccosh": lambda x: x.min() > 1.1,
    "tan": lambda x: abs(x).max() < 1.3,
}  # fmt: skip
BINARY = "add sub mul maximum minimum fmax fmin copysign arctan2 hypot logaddexp".split()
COMPARED = "equal not_equal less less_equal greater greater_equal".split()
INTEGRAL = "add sub mul maximum minimum bitwise_and bitwise_or bitwise_xor".split()
LOGICAL = "logical_and logical_or logical_xor".split()
NUMBERS = (1.0, 2.0, 0.5, 0.0, -1.5, -0.0, 3, 0.1)


def unary(d):
    name = d.choose([*ANY, *WITHIN])
    x = d.floats(WITHIN.get(name, lambda x: True) if not d.special else lambda x: True)
    return None if x is None else d.apply(name, (x,))


def near(d, x):
    """An operand that broadcasts with x: a value, a number, x itself, or a statistic of x."""
    a = d.arrays[x]
    kind = d.choose(["value", "number", "statistic", "given"])
    if kind == "number":
        return d.choose(NUMBERS) if a.dtype.kind == "f" else d.choose((1, 2, -3))
    if kind == "statistic" and a.ndim and a.dtype.kind == "f":
        found = d.apply(d.choose(["sum", "mean", "max"]), (x,), axis=axes(d, a), keepdims=True)
        return (x,) if found is None else (found,)
    if kind == "given":
        return (d.fresh([d.choose((n, 1)) for n in a.shape], a.dtype.name),)
    return (d.pick(lambda y: y.dtype == a.dtype and broadcasts(a.shape, y.shape)),)


def broadcasts(*shapes):
    return len({len(s) for s in shapes}) == 1 and all(
        len(set(ns) - {1}) <= 1 for ns in zip(*shapes, strict=True)
    )


def axes(d, a):
    """Some axes, at least one, in order."""
    return tuple(sorted(d.draw(st.sets(st.integers(0, a.ndim - 1), min_size=1))))


def binary(d):
    x = d.floats()
    if x is None:
        return None
    y = near(d, x)
    operands = ((x,), y) if isinstance(y, tuple) or d.coin() else (y, (x,))
    return d.apply(d.choose(BINARY), *operands)


def quotient(d):
    x = d.floats()
    if x is None:
        return None
    y = near(d, x)
    size = np.abs(d.arrays[y[0]] if isinstance(y, tuple) else y)
    if np.min(size) < 0.1 and not d.special:
        return None
    return d.apply(d.choose(["div", "remainder", "floor_divide"][:1] * 4 + ["remainder"]), (x,), y)


def power(d):
    x = d.floats()
    if x is None:
        return None
    n = d.choose((2, 3, 0, 1, 5, 8, -1, -2, -4))
    if n < 0 and np.abs(d.arrays[x]).min() < 0.1 and not d.special:
        return None
    return d.apply("integer_power", (x,), n=n)


def real_power(d):
    x = d.floats(lambda x: d.special or x.min() > 0.05)
    return None if x is None else d.apply("power", (x,), near(d, x))


def clipped(d):
    x = d.floats()
    return (
        None if x is None else d.apply("clip", (x,), d.choose((-1.0, -0.5)), d.choose((0.5, 1.0)))
    )


def comparison(d):
    x = d.pick(lambda x: x.dtype.kind in "fi")
    return None if x is None else d.apply(d.choose(COMPARED), (x,), near(d, x))


def of_number(d):
    """Arithmetic with a Python number that comes from outside."""
    x = d.floats()
    if x is None:
        return None
    number = d.given((), d.choose(["float64", "int64"]), "number")
    operands = [(x,), (number,)]
    name = d.choose(["add", "sub", "mul", "div", "less", "greater_equal"])
    return d.apply(name, *(operands if d.coin() else operands[::-1]))


def integral(d):
    x = d.pick(lambda x: x.dtype.kind == "i")
    if x is None:
        return None
    name = d.choose([*INTEGRAL, "neg", "absolute", "sign", "invert", "square"])
    return d.apply(name, (x,)) if name not in INTEGRAL else d.apply(name, (x,), near(d, x))


def logical(d):
    x = d.pick(lambda x: x.dtype.kind == "b")
    if x is None:
        return None
    name = d.choose([*LOGICAL, "logical_not"])
    if name == "logical_not":
        return d.apply(name, (x,))
    return d.apply(name, (x,), (d.fresh(d.arrays[x].shape, "bool"),))


def chosen(d):
    """where of a condition that is there or given, with a partner or a number."""
    x = d.pick(lambda x: x.dtype.kind in "fi")
    if x is None:
        return None
    y = near(d, x)
    shapes = [d.arrays[x].shape] + ([d.arrays[y[0]].shape] if isinstance(y, tuple) else [])
    condition = d.pick(lambda c: c.dtype.kind == "b" and broadcasts(c.shape, *shapes))
    if condition is None:
        condition = d.given(shapes[0], "bool")
    branches = ((x,), y) if d.coin() else (y, (x,))
    return d.apply("where", (condition,), *branches)


def reduction(d):
    x = d.pick(lambda x: x.ndim)
    if x is None:
        return None
    a = d.arrays[x]
    names = {"f": ["sum", "mean", "max", "min", "logsumexp", "prod"], "i": ["sum", "max"],
             "b": ["any", "all"]}[a.dtype.kind]  # fmt: skip
    return d.apply(d.choose(names), (x,), axis=axes(d, a), keepdims=d.coin())


def along(d):
    """What keeps the shape but looks along an axis."""
    x = d.floats(lambda x: x.ndim)
    if x is None:
        return None
    a = d.arrays[x]
    name = d.choose("softmax log_softmax cumsum sort argmax argsort".split())
    axis = d.whole(0, a.ndim - 1)
    if name in ("softmax", "log_softmax"):
        return d.apply(name, (x,), axis=axes(d, a))
    return d.apply(name, (x,), axis=axis, **({"reverse": d.coin()} if name == "cumsum" else {}))


def arranged(d):
    """A view: reshape, transpose, flip, broadcast_to."""
    x = d.pick(lambda x: True)
    if x is None:
        return None
    a = d.arrays[x]
    name = d.choose(["reshape", "transpose", "flip", "broadcast_to"])
    if name == "reshape":
        return d.apply(name, (x,), shape=factors(d, a.size))
    if name == "transpose":
        return d.apply(name, (x,), axes=tuple(d.draw(st.permutations(range(a.ndim)))))
    if name == "flip":
        return d.apply(name, (x,), axes=axes(d, a)) if a.ndim else None
    shape = tuple([n if n > 1 else d.choose((2, 1, 3, 5)) for n in a.shape])
    return d.apply(name, (x,), shape=shape)


def factors(d, size):
    """A shape of so many entries."""
    shape = []
    while size > 1 and len(shape) < 3:
        n = d.choose([n for n in range(1, size + 1) if size % n == 0])
        shape.append(n)
        size //= n
    return (*shape, size)


def part(d):
    """A basic index, or its place or update in another array."""
    x = d.pick(lambda x: x.ndim)
    if x is None:
        return None
    a = d.arrays[x]
    key = tuple([entry(d, n) for n in a.shape[: d.whole(1, a.ndim)]])
    name = d.choose(["getitem", "place", "update"])
    if name == "getitem":
        return d.apply(name, (x,), key=(*key, None) if d.whole(0, 5) == 5 else key)
    small = a[tuple([slice(*e) if isinstance(e, tuple) else e for e in key])]
    if not small.size:
        return None
    v = d.fresh(small.shape, a.dtype.name)
    if name == "place":
        return d.apply(name, (v,), key=key, shape=a.shape) if a.dtype.kind == "f" else None
    return d.apply(name, (x,), (v,), key=key)


def entry(d, n):
    """An integer or a slice of an axis of n entries."""
    kind = d.choose(["slice", "step", "integer", "backward"])
    if kind == "integer":
        return d.whole(0, n - 1)
    start = d.whole(0, n - 1)
    stop = d.whole(start + 1, n)
    if kind == "backward":
        return (stop - 1, start - 1 if start else None, -d.choose((1, 2)))
    return (start, stop, 1 if kind == "slice" else d.choose((2, 3)))


def joined(d):
    x = d.pick(lambda x: x.ndim)
    if x is None:
        return None
    a = d.arrays[x]
    axis = d.whole(0, a.ndim - 1)
    name = d.choose(["concatenate", "stack", "split", "unstack"])
    if name == "unstack":
        return d.apply(name, (x,), axis=axis) if a.shape[axis] <= 5 else None
    if name == "split":
        first = d.whole(1, a.shape[axis])
        sizes = (first, a.shape[axis] - first) if first < a.shape[axis] else (first,)
        return d.apply(name, (x,), axis=axis, sizes=sizes)
    shape = list(a.shape)
    if name == "concatenate":
        shape[axis] = d.whole(1, 4)
    other = d.fresh(shape, a.dtype.name)
    operands = [(x,), (other,), (x,)][: d.whole(2, 3)]
    return d.apply(name, *operands, axis=axis)


def rows_picked(d):
    x = d.pick(lambda x: x.ndim and x.dtype.kind == "f")
    if x is None:
        return None
    a = d.arrays[x]
    shape = [1, *[d.whole(1, 5) for _ in range(d.whole(1, 2))]]
    i = d.given(shape, "int64", "constant")
    i = d.apply("clip", (i,), 0 if d.coin() else -a.shape[0], a.shape[0] - 1)
    if d.coin():
        return d.apply("gather", (x,), (i,), key=("array",))
    v = d.fresh((*shape[1:], *a.shape[1:]), a.dtype.name)
    return d.apply("scatter_add", (x,), (i,), (v,), key=("array",))


def product(d):
    x = d.floats(lambda x: x.ndim >= 2)
    if x is None:
        return None
    a = d.arrays[x]
    name = d.choose(["matmul", "own", "dot_general", "affine"])
    if name == "own":
        axes = (*range(a.ndim - 2), a.ndim - 1, a.ndim - 2)
        turned = d.apply("transpose", (x,), axes=axes)
        return d.apply("matmul", (x,), (turned,))
    if name == "affine" and a.ndim == 2:
        w, b = d.fresh((3, a.shape[1]), a.dtype.name), d.fresh((3,), a.dtype.name)
        return d.apply("affine", (x,), (w,), (b,))
    if name == "dot_general":
        y = d.fresh((a.shape[0], d.whole(1, 4)), a.dtype.name)
        return d.apply(name, (x,), (y,), contract=((0,), (0,)), batch=((), ()))
    lead = [d.choose((n, 1)) for n in a.shape[:-2]]
    y = d.fresh((*lead, a.shape[-1], d.whole(1, 5)), a.dtype.name)
    return d.apply("matmul", (x,), (y,))


def layer(d):
    """What layers are made of: normalisation, multiply_add, loss."""
    x = d.floats(lambda x: x.ndim == 2 and x.shape[1] > 1)
    if x is None:
        return None
    a, dtype = d.arrays[x], d.arrays[x].dtype.name
    name = d.choose(["layer_norm", "multiply_add", "mse", "conv2d", "max_pool2d"])
    if name == "layer_norm":
        gain, bias = (d.fresh(a.shape[1:], dtype) for _ in range(2))
        return d.apply(name, (x,), (gain,), (bias,), eps=1e-5)
    if name == "multiply_add":
        return d.apply(name, *[(d.fresh(a.shape, dtype),) for _ in range(4)])
    if name == "mse":
        return d.apply(name, (x,), (d.fresh(a.shape, dtype),), axis=axes(d, a))
    windows = {"stride": (1, 1), "padding": ((0, 0), (0, 1)), "dilation": (1, 1)}
    image = d.apply("reshape", (x,), shape=(1, 1, *a.shape))
    if name == "max_pool2d":
        return d.apply(name, (image,), kernel=(1, 2), **windows)
    return d.apply(name, (image,), (d.fresh((2, 1, 1, 2), dtype),), groups=1, **windows)


def converted(d):
    x = d.pick(lambda x: np.isfinite(x).all())  # what is not has no integer
    if x is None:
        return None
    a, dtype = d.arrays[x], np.dtype(d.choose(DTYPES))
    name = "cast" if a.dtype.kind == dtype.kind == "f" else "convert"
    return d.apply(name, (x,), dtype=dtype)


MOVES = (
    [unary] * 4 + [binary] * 5 + [reduction] * 3 + [arranged] * 3 + [quotient, power, real_power]
    + [clipped, comparison, of_number, integral, logical, chosen, along, part, part, joined]
    + [rows_picked, product, product, layer, converted]
)  # fmt: skip
