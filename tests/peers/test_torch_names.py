"""Every public name that wonderland.oop shares with torch is compared, here or in a file beside."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.peers.twins import LIBRARIES, agree, both, value

pytestmark = pytest.mark.peers

RNG = np.random.default_rng(9)
X = RNG.standard_normal((2, 3))
Y = RNG.standard_normal((2, 3))
P = np.abs(X) + 0.2
U = RNG.uniform(0.1, 0.9, (2, 3))
S = RNG.standard_normal((3, 3))
C = RNG.standard_normal((2, 3, 3))
V = RNG.standard_normal(3)
Z = X + 1j * Y
N = np.array([[1, -2, 0], [4, 0, 3]])
B = N > 0
ODD = np.array([[1.0, np.nan, np.inf], [-np.inf, 0.0, -0.0]])
SORTED = np.array([-1.0, 0.0, 0.5, 2.0])

SAME = {  # other names of functions compared elsewhere
    "absolute": X, "arccos": U, "arcsin": U, "arctan": X, "arcsinh": X, "arccosh": P + 1,
    "arctanh": U, "fix": X * 3, "deg2rad": X, "rad2deg": X, "frac": X * 3, "sgn": X, "negative": X,
    "nan_to_num": ODD, "isnan": ODD, "isinf": ODD, "isfinite": ODD, "isneginf": ODD,
    "isposinf": ODD, "signbit": ODD, "logical_not": N, "bitwise_not": N, "logit": U, "fliplr": X,
    "flipud": X, "ravel": X, "msort": X, "median": V, "nansum": np.where(np.isinf(ODD), 1, ODD),
    "nanmean": X, "count_nonzero": N, "nonzero": N, "argwhere": N, "numel": X, "is_complex": Z,
    "is_floating_point": X, "trace": S, "std_mean": X, "var_mean": X, "aminmax": X, "rot90": X,
    "atleast_1d": X, "atleast_2d": V, "atleast_3d": X, "conj": Z, "imag": Z, "real": Z, "angle": Z,
    "bincount": np.array([0, 2, 2, 1]), "clone": X, "contiguous": X,
}  # fmt: skip


def public(owner):
    return [name for name in dir(owner) if not name.startswith("_")]


def outcome(z):
    """Tensors and lists as they are; Python's own answers as 0-d arrays."""
    return list(z) if isinstance(z, tuple) else z


@pytest.mark.parametrize("name", SAME)
def test_functions_of_one(name):
    def program(t, x):
        return outcome(getattr(t, name, None)(x) if hasattr(t, name) else getattr(x, name)())

    agree(program, SAME[name])


@pytest.mark.parametrize("name", SAME)
def test_methods_of_one(name):
    if not all(callable(getattr(t.Tensor, name, None)) for t in LIBRARIES):
        return
    agree(lambda t, x: outcome(getattr(x, name)()), SAME[name])


PAIRS = {
    "arctan2": (X, Y), "copysign": (X, Y), "float_power": (P, Y), "floor_divide": (N, 3),
    "fmax": (X, Y), "fmin": (X, Y), "logaddexp": (X, Y), "logaddexp2": (X, Y),
    "ldexp": (X, np.abs(N)), "xlogy": (P, U), "heaviside": (X, Y), "nextafter": (X, Y),
    "rsub": (X, Y), "subtract": (X, Y), "true_divide": (X, P), "ge": (X, Y), "gt": (X, 0.0),
    "le": (X, Y), "less": (X, Y), "less_equal": (X, Y), "greater": (X, Y), "greater_equal": (X, Y),
    "ne": (N, 0), "not_equal": (N, N.T.reshape(2, 3)), "isclose": (X, X + 1e-9),
    "allclose": (X, X + 1e-9), "equal": (X, Y), "logical_and": (N, B), "logical_or": (B, N),
    "logical_xor": (N, B), "bitwise_and": (N, 3), "bitwise_or": (N, 3), "bitwise_xor": (B, ~B),
    "bitwise_left_shift": (N, 2), "bitwise_right_shift": (N, 1), "kron": (X, S), "ger": (V, V),
    "vdot": (V, V), "inner": (X, Y), "concat": ([X, Y],), "hstack": ([X, Y],), "vstack": ([X, Y],),
    "dstack": ([X, Y],), "column_stack": ([V, X.T],), "row_stack": ([X, Y],),
    "broadcast_tensors": (X, V), "moveaxis": (C, 0, 2), "movedim": (C, 2, 0),
    "swapaxes": (C, 0, 1), "swapdims": (C, 1, 2), "narrow": (X, 1, 0, 2), "select": (X, 1, -1),
    "tile": (X, (2, 2)), "unflatten": (X, 1, (3, 1)), "tensor_split": (S, 2), "topk": (X, 2),
    "kthvalue": (X, 2), "repeat_interleave": (X, 2), "masked_select": (X, B),
    "index_select": (X, 1, np.array([2, 0, 0])), "take": (X, np.array([[0, 5], [1, 1]])),
    "take_along_dim": (X, np.argsort(Y, 1), 1), "index_fill": (X, 1, np.array([0, 2]), 3.0),
    "index_add": (S, 0, np.array([0, 2]), X), "index_copy": (S, 0, np.array([0, 2]), X),
    "scatter": (X, 1, np.argsort(Y, 1), Y),
    "scatter_add": (X, 1, np.array([[0, 0, 2], [1, 1, 1]]), Y), "lerp": (X, Y, 0.3),
    "addcmul": (X, Y, P), "addcdiv": (X, Y, P), "addmv": (V, S, V), "addmm": (S, X.T, Y),
    "baddbmm": (C, C, C), "meshgrid": (V, V), "searchsorted": (SORTED, X),
    "bucketize": (X, SORTED), "mul": (X, 2.0), "multiply": (X, Y), "divide": (X, P),
    "add": (X, True), "expand_as": (V, X), "view_as": (X, X.T), "reshape_as": (X, X.T),
    "unbind": (X,), "unique": (N,),
}  # fmt: skip


def given(t, name, xs, arrays):
    """The arguments as tensors, where they are arrays."""
    xs = iter(xs)
    return [
        [next(xs) for _ in a] if isinstance(a, list) else next(xs) if hasattr(a, "shape") else a
        for a in arrays
    ]


def call(how, name):
    """A program that calls a function, or the method, of that name."""

    def program(t, *xs):
        args = given(t, name, xs, PAIRS[name])
        if how == "function":
            kwargs = {"indexing": "ij"} if name == "meshgrid" else {}
            return outcome(getattr(t, name)(*args, **kwargs))
        return outcome(getattr(args[0], name)(*args[1:]))

    flat = [a for b in PAIRS[name] for a in (b if isinstance(b, list) else [b])]
    return program, [a for a in flat if hasattr(a, "shape")]


ORDER = {"nextafter": 0, "heaviside": 0, "float_power": 2}


@pytest.mark.parametrize("how", ["function", "method"])
@pytest.mark.parametrize("name", PAIRS)
def test_functions_of_several(name, how):
    owners = LIBRARIES if how == "function" else [t.Tensor for t in LIBRARIES]
    if not all(hasattr(t, name) for t in owners):
        return
    program, arrays = call(how, name)
    agree(program, *arrays, order=ORDER.get(name, 2))


# In-place methods and their arguments; None where the program below does not fit, or torch has no
# derivative.
ARGUMENTS = {
    "add": (Y,), "sub": (Y,), "mul": (Y,), "div": (P,), "pow": (2.0,), "fmod": (P,),
    "remainder": (P,), "lerp": (Y, 0.3), "addcmul": (Y, P), "addcdiv": (Y, P), "copysign": (Y,),
    "hypot": (Y,), "atan2": (Y,), "xlogy": (U,), "ge": (Y,), "gt": (Y,), "le": (Y,), "lt": (Y,),
    "eq": (Y,), "ne": (Y,), "clamp": (-0.5, 0.5), "clip": (-0.5, 0.5), "masked_fill": (B, 2.0),
    "fill": (2.0,), "copy": (Y,), "index_fill": (1, np.array([0, 2]), 3.0),
    "index_add": (0, np.array([1, 0]), Y), "divide": (P,), "index_copy": (0, np.array([1, 0]), Y),
    "scatter": (1, np.argsort(Y, 1), Y), "multiply": (Y,), "scatter_add": (1, np.argsort(Y, 1), Y),
    "cumsum": (1,), "cumprod": (1,), "subtract": (Y,), "floor_divide": (P,), "true_divide": (P,),
    "bitwise_and": None, "bitwise_or": None, "bitwise_xor": None, "logical_and": (Y,),
    "logical_or": (Y,), "logical_xor": (Y,), "addmm": None, "addmv": None, "baddbmm": None,
    "requires_grad": None, "detach": None, "normal": None, "uniform": None, "bernoulli": None,
    "apply": None, "bitwise_not": None, "resize": None, "acosh": None, "asinh": None, "atanh": None,
}  # fmt: skip
NOT_DIFFERENTIABLE = ("floor_divide", "ge", "gt", "le", "lt", "eq", "ne", "logical")


def inplace_methods():
    names = [n for n in public(LIBRARIES[0].Tensor) if n.endswith("_")]
    return [
        n
        for n in names
        if hasattr(LIBRARIES[1].Tensor, n) and ARGUMENTS.get(n[:-1], ()) is not None
    ]


@pytest.mark.parametrize("name", inplace_methods())
def test_inplace_methods(name):
    arguments = ARGUMENTS.get(name[:-1], ())
    fixed = name.startswith(NOT_DIFFERENTIABLE)

    def program(t, x, *xs):
        y = x.detach().clone() if fixed else x * 1
        left = iter(xs)
        args = [next(left) if hasattr(a, "shape") else a for a in arguments]
        args = [a.detach() if fixed and hasattr(a, "detach") else a for a in args]
        getattr(y, name)(*args)
        return y

    start = P + 1 if name == "acosh_" else U
    agree(program, start, *[a for a in arguments if hasattr(a, "shape")], order=1)


ANSWERS = {
    "numel": lambda t, x: [x.numel(), x.nelement(), x.ndim, x.dim(), x.ndimension(), len(x)],
    "shape": lambda t, x: [tuple(x.shape), tuple(x.size()), x.size(1), x.shape[0]],
    "memory": lambda t, x: [x.element_size(), x.itemsize, x.nbytes, x.stride(), x.is_contiguous()],
    "kind": lambda t, x: [x.is_complex(), x.is_floating_point(), t.is_tensor(x), t.is_tensor(3)],
    "device": lambda t, x: [str(x.device), x.is_cuda, str(x.cpu().device)],
    "tolist": lambda t, x: [x.tolist(), x[0, 0].item(), float(x[0, 0]), bool(x[0, 0] > 0)],
    "int": lambda t, x: [int(x[0, 0]), range(5)[t.tensor(2)], t.is_nonzero(x[0, 0])],
    "finfo": lambda t, x: [t.finfo(t.float32).eps, t.finfo(t.float64).max, t.iinfo(t.int8).max],
    "promote_types": lambda t, x: [str(t.promote_types(t.int32, t.float32)).removeprefix("torch.")],
    "can_cast": lambda t, x: [t.can_cast(t.float32, t.int64), t.can_cast(t.int64, t.float32)],
    "get_default_dtype": lambda t, x: [str(t.get_default_dtype()).removeprefix("torch.")],
    "inference_mode": lambda t, x: inside(t, x),
    "grad_fn": lambda t, x: [x.grad_fn is None, (x * 2).grad_fn is None],
    "contains": lambda t, x: [2.0 in t.tensor([1.0, 2.0]), x.data.requires_grad],
}  # fmt: skip


def inside(t, x):
    with t.inference_mode():
        return [(x * 2).requires_grad]


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name):
    def program(t):
        return ANSWERS[name](t, t.tensor(X, requires_grad=name != "tolist"))

    mine, other = both(program)
    assert mine == other


NEW = {
    "logspace": lambda t, x: t.logspace(0, 2, 5),
    "empty": lambda t, x: [t.empty(2, 3) * 0 == 0, t.empty_like(x).shape[0]][1:],
    "scalar_tensor": lambda t, x: t.scalar_tensor(2.5),
    "from_numpy": lambda t, x: t.from_numpy(np.arange(3.0)),
    "new": lambda t, x: [x.new_zeros(2), x.new_ones((2, 1)), x.new_full((2,), 3.0)],
    "new_tensor": lambda t, x: x.new_tensor([1, 2]),
    "half and short": lambda t, x: [x.half(), x.short(), x.int(), x.to(t.int8)],
    "cdouble": lambda t, x: [x.to(t.complex128), x.type(t.float32)],
    "H": lambda t, x: x.T.H,
    "from_dlpack": lambda t, x: t.from_dlpack(np.arange(3.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", NEW)
def test_new_tensors(name):
    agree(NEW[name], X)


MODULES = {
    "BCELoss": (U, 1 - U), "BCEWithLogitsLoss": (X, U), "HuberLoss": (X, Y), "KLDivLoss": (X, U),
    "L1Loss": (X, Y), "SmoothL1Loss": (X, Y), "NLLLoss": (X, np.array([0, 2])), "CELU": (X,),
    "ELU": (X,), "GELU": (X,), "Hardtanh": (X,), "LeakyReLU": (X,), "LogSigmoid": (X,),
    "Mish": (X,), "ReLU6": (X,), "SELU": (X,), "SiLU": (X,), "Sigmoid": (X,), "Softplus": (X,),
    "Softsign": (X,), "ReLU": (X,), "Tanh": (X,),
}  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.filterwarnings("ignore:reduction:UserWarning")
def test_modules_without_parameters(name):
    def program(t, x, *rest):
        return getattr(t.nn, name)()(x, *[a.detach() for a in rest])

    agree(program, *MODULES[name], order=1)


def test_modules_with_settings():
    def program(t, x):
        nn = t.nn
        layers = [nn.LogSoftmax(dim=1), nn.Unflatten(1, (3, 1)), nn.GELU(approximate="tanh")]
        return [layer(x) for layer in layers]

    agree(program, X)


def containers(t):
    nn = t.nn
    layers = nn.ModuleList([nn.Linear(1, 2), nn.Tanh()])
    layers.append(nn.Linear(2, 1))
    layers.insert(1, nn.ReLU())
    table = nn.ModuleDict({"a": nn.Linear(1, 1)})
    table["b"] = nn.Flatten()
    owner = nn.Module()
    owner.layers, owner.table = layers, table
    owner.several = nn.ParameterList([nn.Parameter(t.zeros(2)), nn.Parameter(t.ones(1))])
    owner.named = nn.ParameterDict({"x": nn.Parameter(t.zeros(3))})
    return [
        [n for n, _ in owner.named_parameters()],
        [n for n, _ in owner.named_modules()],
        len(layers), type(layers[1]).__name__, [type(m).__name__ for m in layers[1:]],
        sorted(table), "a" in table, len(owner.several), list(owner.named.keys()), repr(layers),
        list(owner.state_dict()),
    ]  # fmt: skip


def test_containers():
    mine, other = both(containers)
    assert mine == other


INITS = {
    "zeros_": (), "ones_": (), "constant_": (0.3,), "eye_": (),
}  # fmt: skip


def test_initialisers_without_chance():
    for name, args in INITS.items():
        mine, other = both(lambda t: value(getattr(t.nn.init, name)(t.empty(2, 3), *args)))  # noqa: B023
        np.testing.assert_array_equal(mine, other)
    assert LIBRARIES[0].nn.init.calculate_gain("tanh") == LIBRARIES[1].nn.init.calculate_gain(
        "tanh"
    )


# Random numbers are another stream, files have another format: they have tests of their own.
CONSTRUCTORS = (
    "Tensor HalfTensor FloatTensor DoubleTensor ByteTensor CharTensor ShortTensor IntTensor "
    "LongTensor BoolTensor"
)


@pytest.mark.parametrize("name", CONSTRUCTORS.split())
def test_old_constructors(name):
    for data in ([1, 0], [[1.0], [2.0]], (1, 1), []):
        mine, other = both(lambda t: getattr(t, name)(data))  # noqa: B023
        assert str(mine.dtype) == str(other.dtype).removeprefix("torch.")
        assert mine.tolist() == other.tolist()
    mine, other = both(lambda t: getattr(t, name)(2, 3))
    assert tuple(mine.shape) == tuple(other.shape)


def test_the_default_dtype():
    def program(t):
        t.set_default_dtype(t.float64)
        try:
            made = t.tensor([0.1]), t.Tensor([1]), t.zeros(1), t.tensor(2) / 3, t.nn.Linear(1, 1)
            return [str(getattr(x, "weight", x).dtype).removeprefix("torch.") for x in made]
        finally:
            t.set_default_dtype(t.float32)

    mine, other = both(program)
    assert mine == other == ["float64"] * 5


EXEMPT = set(
    """
    bernoulli multinomial normal rand rand_like randint randn randn_like randperm manual_seed
    default_generator save load normal_ uniform_ bernoulli_ random cuda apply_ data_ptr
    addmm_ addmv_ baddbmm_ bitwise_and_ bitwise_or_ bitwise_xor_ bitwise_not_ detach_ init parameter
    Generator dropout linear autograd nn optim utils functions retains_grad requires_grad_ new_empty
    acosh_ asinh_ atanh_
""".split()
)


def words():
    """All names in the sources of this folder."""
    return {
        word
        for path in Path(__file__).parent.glob("*.py")
        for word in re.findall(r"\w+", path.read_text("utf-8"))
    }


def test_every_shared_name_is_compared():
    known = words() | EXEMPT | set(inplace_methods())
    for path in ("", "Tensor", "nn", "nn.functional"):
        mine, other = both(lambda t: eval(f"t.{path}" if path else "t", {"t": t}))  # noqa: B023
        names = [n for n in public(mine) if hasattr(other, n)]
        missing = [n for n in names if callable(getattr(mine, n)) and n not in known]
        assert not missing, f"oop.{path}: {missing}"
