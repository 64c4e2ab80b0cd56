"""float32 in gives float32 out: every function, in both paradigms, with every derivative.

A function that is in no table fails the last test.
"""

import inspect

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import nn as fnn
from wonderland.functional import optim as foptim
from wonderland.oop import nn, optim
from wonderland.purify import purify
from wonderland.shared import ops, tree

X = np.array([[0.25, 0.5, 0.75], [0.3, 0.6, 0.9]], np.float32)
LABELS = np.array([2, 0])

UNARY = """
abs absolute acos amax amin angle arccos arcsin arctan arctanh arcsinh argmax around asin asinh
atan atanh average cbrt ceil conj conjugate cos cosh cumprod cumsum deg2rad degrees diff ediff1d
exp exp2 expm1 fabs fix flip fliplr flipud floor frexp imag log log10 log1p log2 logsumexp
matrix_transpose max mean median min modf nan_to_num negative norm ones_like positive prod ptp
rad2deg radians ravel real reciprocal rint rot90 round sign sin sinc sinh sort spacing sqrt
square std sum tan tanh trapezoid tril triu trunc var vector_norm zeros_like empty_like
atleast_1d atleast_2d atleast_3d squeeze transpose permute_dims diagonal diag trace diagflat
unstack
""".split()
BINARY = """
add arctan2 atan2 copysign divide divmod floor_divide fmax fmin fmod heaviside hypot logaddexp
logaddexp2 maximum minimum mod multiply nextafter pow power remainder subtract true_divide
""".split()
CALLS = {
    "acosh": lambda f, x: f(x + 1), "arccosh": lambda f, x: f(x + 1),
    "append": lambda f, x: f(x, x), "array_split": lambda f, x: f(x, 2, 1),
    "astype": lambda f, x: f(x, np.float32), "broadcast_arrays": lambda f, x: f(x, x[0]),
    "broadcast_to": lambda f, x: f(x, (4, 2, 3)), "clip": lambda f, x: f(x, 0.3, 0.8),
    "column_stack": lambda f, x: f([x, x]), "compress": lambda f, x: f([True, False], x, 0),
    "concat": lambda f, x: f([x, x]), "concatenate": lambda f, x: f([x, x]),
    "cumulative_prod": lambda f, x: f(x, axis=0), "cumulative_sum": lambda f, x: f(x, axis=0),
    "delete": lambda f, x: f(x, 0, 1), "dot": lambda f, x: f(x, x.T),
    "dot_general": lambda f, x: f(x, x, (((1,), (1,)), ((), ()))),
    "dsplit": lambda f, x: f(x[None], 3), "dstack": lambda f, x: f([x, x]),
    "einsum": lambda f, x: f("ij,kj->ik", x, x), "expand_dims": lambda f, x: f(x, 1),
    "extract": lambda f, x: f(X > 0.5, x), "from_parts": lambda f, x: f(x, x),
    "full_like": lambda f, x: f(x, 2.0), "getitem": lambda f, x: f(x, ([0, 1, 1], slice(None, 2))),
    "hsplit": lambda f, x: f(x, 3), "hstack": lambda f, x: f([x, x]), "inner": lambda f, x: f(x, x),
    "kron": lambda f, x: f(x, x), "ldexp": lambda f, x: f(x, 2), "matmul": lambda f, x: f(x, x.T),
    "matvec": lambda f, x: f(x, x[0]), "meshgrid": lambda f, x: f(x[0], x[1]),
    "moveaxis": lambda f, x: f(x, 0, 1),
    "outer": lambda f, x: f(x[0], x[1]), "pad": lambda f, x: f(x, 1),
    "partition": lambda f, x: f(x, 1),
    "repeat": lambda f, x: f(x, 2, 0), "reshape": lambda f, x: f(x, (3, 2)),
    "roll": lambda f, x: f(x, 1), "rollaxis": lambda f, x: f(x, 1),
    "select": lambda f, x: f([X > 0.5, X > 0.3], [x, x * 2], 0.0), "split": lambda f, x: f(x, 2),
    "stack": lambda f, x: f([x, x]), "swapaxes": lambda f, x: f(x, 0, 1),
    "take": lambda f, x: f(x, [0, 0], 1), "take_along_axis": lambda f, x: f(x, X.argsort(1), 1),
    "tensordot": lambda f, x: f(x, x.T, 1), "tile": lambda f, x: f(x, (2, 1)),
    "vdot": lambda f, x: f(x, x), "vecdot": lambda f, x: f(x, x),
    "vecmat": lambda f, x: f(x[0], x.T),
    "vsplit": lambda f, x: f(x, 2), "vstack": lambda f, x: f([x, x]),
    "where": lambda f, x: f(X > 0.5, x, 0.0),
    "add, of numbers": lambda f, x: ops.add(1, ops.multiply(2.5, x)),
    "divide, of numbers": lambda f, x: ops.divide(1, x) + x / 3 + 2 // x + 7 % x,
    "power, of numbers": lambda f, x: 2**x + x**2 + x**0.5 + ops.power(x, -1.5),
    "maximum, of numbers": lambda f, x: ops.maximum(0, ops.minimum(x, 0.5)),
    "a NumPy scalar": lambda f, x: x * np.float32(2) + np.float32(1) / x,
    "methods": lambda f, x: [x.sum(), x.mean(0), x.std(), x.var(1), x.T, x.prod(), x.cumsum(0)],
}  # fmt: skip
CALLS |= {name: lambda f, x: f(x) for name in UNARY}
CALLS |= {name: lambda f, x: [f(x, x * 2), f(x, 0.5), f(2, x)] for name in BINARY}
WITHOUT_FLOATS = """
all allclose any argmin argpartition argsort argwhere array_equal bitwise_and bitwise_count
bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor
count_nonzero equal flatnonzero gcd greater greater_equal invert isclose iscomplex isfinite
isinf isnan isneginf isposinf isreal lcm left_shift less less_equal logical_and logical_not
logical_or logical_xor nonzero not_equal right_shift searchsorted signbit
""".split()
NOT_FOR_ARRAYS = {"attach", "implements"}
WIDER = {"float_power"}  # NumPy's definition: at least float64
IN_PLACE = {"put_along_axis"}


def inexact(results):
    return [z for z in tree.leaves(results) if np.dtype(z.dtype).kind in "fc"]


def narrow(results):
    """All float and complex leaves, which are float32 and complex64."""
    found = inexact(results)
    assert {np.dtype(z.dtype) for z in found} <= {np.dtype("f4"), np.dtype("c8")}
    return found


def hold_functional(f, x):
    """The results of f, its tangents, cotangents, second derivatives and vmap."""
    z, dz = wf.jvp(lambda x: inexact(f(x)), (x,), (x,))
    narrow(f(x)), narrow(z), narrow(dz)
    out, pull = wf.vjp(lambda x: inexact(f(x)), x)
    narrow(out)
    ones = tree.map(np.ones_like, out)
    narrow(pull(ones))
    narrow(wf.jvp(lambda x: wf.vjp(lambda x: inexact(f(x)), x)[1](ones), (x,), (x,)))
    return out


def hold_oop(f, x):
    """The same of Tensors, with gradients through `.grad`."""
    t = oop.Tensor(x, requires_grad=True)
    out = [z for z in narrow(f(t)) if getattr(z, "requires_grad", False)]
    for z in out:
        z.backward(oop.ones_like(z), retain_graph=True)
    if out:
        assert t.grad.dtype == np.float32


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("name", CALLS)
def test_functions(name):
    function = getattr(ops, name, None)

    def f(x):
        return CALLS[name](function, x)

    hold_functional(f, X)
    hold_oop(f, X)
    if name not in {"extract", "compress", "split", "vsplit"}:
        narrow(wf.vmap(lambda x: inexact(f(x)))(np.stack([X, X])))


FORMULAS = """
celu elu gelu hardtanh leaky_relu log_sigmoid log_softmax mish relu relu6 selu sigmoid silu
softmax softplus softsign tanh
""".split()
LOSSES = """
binary_cross_entropy binary_cross_entropy_with_logits huber_loss kl_div l1_loss mse_loss
smooth_l1_loss
"""


@pytest.mark.parametrize("name", [*FORMULAS, *LOSSES.split(), "cross_entropy", "nll_loss"])
def test_formulas_of_layers_and_losses(name):
    target = () if name in FORMULAS else (LABELS,) if name[:2] in ("cr", "nl") else (X[::-1],)
    hold_functional(lambda x: getattr(fnn, name)(x, *target), X)
    hold_oop(lambda t: getattr(nn.functional, name)(t, *[oop.Tensor(a.copy()) for a in target]), X)


TORCH = {
    "addcdiv": lambda x: oop.addcdiv(x, x, x, value=0.5), "lerp": lambda x: x.lerp(x * 2, 0.3),
    "addmm": lambda x: oop.addmm(x @ x.T, x, x.T, beta=2, alpha=0.5), "rsqrt": oop.rsqrt,
    "bmm": lambda x: x[None].bmm(x.T[None]), "clamp": lambda x: x.clamp(0.3, 0.8),
    "erf": oop.erf, "expand": lambda x: x.expand(4, 2, 3), "flatten": oop.flatten,
    "gather": lambda x: x.gather(1, oop.tensor([[0, 2], [1, 1]])), "frac": oop.frac,
    "index_select": lambda x: x.index_select(1, oop.tensor([2, 0])), "logit": oop.logit,
    "masked_fill": lambda x: x.masked_fill(x > 0.5, 0.0), "nansum": oop.nansum, "sgn": oop.sgn,
    "norm": lambda x: [x.norm(p, dim=1) for p in (1, 2, 3, np.inf)], "xlogy": lambda x: x.xlogy(x),
    "topk": lambda x: x.topk(2), "std_mean": oop.std_mean, "sort": lambda x: x.sort(),
    "scatter": lambda x: x.scatter(1, oop.tensor([[0], [1]]), 2.0), "max": lambda x: x.max(1),
    "a NumPy float64": lambda x: x * np.float64(2) + np.float64(1) / x - np.pi,
    "a Tensor without axes": lambda x: x * oop.tensor(2.0, dtype=oop.float64),
    "in place": lambda x: (x * 1).add_(1.5).mul_(np.float64(2)).clamp_(0, 9).sqrt_(),
    "assignment": lambda x: assigned(x * 1),
    "xlogy, of numbers": lambda x: [x.xlogy(0.5), oop.xlogy(2, x), oop.tensor([1, 2]).xlogy(0.5)],
    "where, of numbers": lambda x: oop.where(x > 0.5, 1.0, 0.5) * x,
}  # fmt: skip


def assigned(x):
    x[0] = np.arange(3.0)
    x[:, 1] *= 2
    return x


@pytest.mark.parametrize("name", TORCH)
def test_functions_of_torchs(name):
    hold_oop(TORCH[name], X)


@pytest.mark.parametrize("style", ["functional", "oop"])
@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "adamw"])
def test_training_steps(name, style):
    model = nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.BatchNorm1d(4), nn.Linear(4, 3))
    pure = purify(model)
    options = {"sgd": (0.1,), "momentum": (0.1, 0.9), "adam": (0.1,), "adamw": (0.1,)}[name]
    if style == "oop":
        kind = {"adam": optim.Adam, "adamw": optim.AdamW}.get(name, optim.SGD)
        optimizer = kind(model.parameters(), *options)
        nn.functional.mse_loss(model(oop.Tensor(X)), oop.Tensor(X)).backward()
        optimizer.step()
        state = [v for s in optimizer.state.values() for v in s.values() if hasattr(v, "dtype")]
        narrow([[p, p.grad] for p in model.parameters()] + state)
        narrow(model.state_dict())
        return
    params, buffers = pure.init()
    optimizer = getattr(foptim, {"momentum": "sgd"}.get(name, name))(*options)
    loss, g = wf.value_and_grad(
        lambda p: fnn.mse_loss(pure.apply(p, buffers, X, train=True)[0], X)
    )(params)
    updates, state = optimizer.update(g, optimizer.init(params), params)
    narrow([loss, g, updates, state, foptim.apply_updates(params, updates)])


def test_a_float64_would_be_seen():
    with pytest.raises(AssertionError):
        hold_functional(lambda x: x * np.float64(2), X)  # NumPy's promotion, by its rules
    with pytest.raises(AssertionError):
        hold_oop(lambda x: x.double(), X)


def test_every_function_is_in_a_table():
    names = {
        name
        for name, function in vars(ops).items()
        if name[0] != "_" and callable(function) and not inspect.isclass(function)
    }
    known = {*CALLS, *WITHOUT_FLOATS, *NOT_FOR_ARRAYS, *WIDER, *IN_PLACE, "at"}
    assert names - known == set()
