"""Functions of Tensors against torch's: values, dtypes, shapes, gradients of two orders."""

import numpy as np
import pytest

from tests.peers.twins import agree

pytestmark = pytest.mark.peers

RNG = np.random.default_rng(1)
X = RNG.standard_normal((2, 3))
Y = RNG.standard_normal((2, 3))
V = RNG.standard_normal(3)
P = np.abs(RNG.standard_normal((2, 3))) + 0.2  # positive
U = RNG.uniform(-0.9, 0.9, (2, 3))  # in the unit interval
N = np.array([[1, -2, 0], [4, 0, 3]])
S = RNG.standard_normal((3, 3)) + 3 * np.eye(3)
TIES = np.array([[1.0, 3.0, 3.0], [2.0, -1.0, 2.0]])
ZEROS = np.array([[0.0, 3.0, -0.5], [2.0, 0.0, 0.0]])

ENTRYWISE = {
    **dict.fromkeys(
        "sin cos tan atan sinh cosh tanh asinh exp exp2 expm1 abs neg square".split(), X
    ),
    **dict.fromkeys("sigmoid erf relu sign positive abs neg square".split(), X),
    **dict.fromkeys("log log2 log10 log1p sqrt rsqrt reciprocal".split(), P),
    **dict.fromkeys("asin acos atanh".split(), U),
    **dict.fromkeys("floor ceil round trunc".split(), X * 3),
    "acosh": P + 1,
}


@pytest.mark.parametrize("name", ENTRYWISE)
def test_entrywise_functions(name):
    agree(lambda t, x: getattr(t, name)(x), ENTRYWISE[name])


@pytest.mark.parametrize("name", ENTRYWISE)
def test_entrywise_methods(name):
    agree(lambda t, x: getattr(x, name)(), ENTRYWISE[name])


BINARY = {
    "add": (X, Y),
    "sub": (X, Y),
    "mul": (X, Y),
    "div": (X, P),
    "pow": (P, Y),
    "atan2": (X, Y),
    "maximum": (X, Y),
    "minimum": (X, Y),
    "hypot": (X, Y),
    "fmod": (X, P),
    "remainder": (X, P),
}


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("how", ["same shapes", "row", "column", "more axes", "0-d"])
def test_binary_functions(name, how):
    x, y = BINARY[name]
    cut = {"row": y[:1], "column": y[:, :1], "more axes": np.stack([y, y + 1]), "0-d": y[0, 0]}
    agree(lambda t, x, y: getattr(t, name)(x, y), x, cut.get(how, y))


PROGRAMS = {
    "operators": (lambda t, x, y: (x + y * 2 - y / 3) ** 2 - 1 / y + (-x), (X, P)),
    "reflected operators": (lambda t, x: 2 - 3 / x + 2**x + 1 * x, (P,)),
    "modulo": (lambda t, x: x % 0.7 + x.detach() // 2, (X,)),
    "power of a number": (lambda t, x: x**3 + x**-2 + x**0.5, (P,)),
    "square at zero": (lambda t, x: x**2, (ZEROS,)),
    "zeroth power": (lambda t, x: x**0, (ZEROS,)),
    "comparison": (lambda t, x, y: [x < y, x >= y, x == y, x != 1], (X, Y)),
    "where": (lambda t, x, y: t.where(x > 0, x * y, y), (X, Y)),
    "where with a number": (lambda t, x: t.where(x > 0, x, 0.0), (X,)),
    "clamp": (lambda t, x: x.clamp(-0.3, 0.4) + x.clamp(min=0.1) + x.clamp(max=0.2), (X,)),
    "clamp at its bounds": (lambda t, x: x.clamp(-1.0, 2.0), (TIES,)),
    "abs at zero": (lambda t, x: x.abs(), (ZEROS,)),
    "relu at zero": (lambda t, x: t.relu(x), (ZEROS,)),
    "maximum of ties": (lambda t, x: t.maximum(x, x * 1), (TIES,)),
    "sqrt of a sum of squares": (lambda t, x: (x * x).sum(1).sqrt(), (X,)),
    # reductions
    "sum": (lambda t, x: x.sum(), (X,)),
    "sum over one": (lambda t, x: x.sum(1) ** 2, (X,)),
    "sum over several": (lambda t, x: t.sum(x, dim=(0, -1), keepdim=True), (X,)),
    "sum of integers": (lambda t, n: n.sum(), (N,)),
    "sum of booleans": (lambda t, n: (n > 0).sum(), (N,)),
    "mean": (lambda t, x: x.mean() + x.mean(0, keepdim=True), (X,)),
    "prod": (lambda t, x: x.prod() + x.prod(1), (X,)),
    "prod with zeros": (lambda t, x: x.prod(1), (ZEROS,)),
    "var": (lambda t, x: x.var() + x.var(0) + x.var(1, unbiased=False, keepdim=True), (S,)),
    "std": (lambda t, x: x.std() + x.std(0, keepdim=True), (S,)),
    "correction": (lambda t, x: t.var(x, dim=1, correction=0) + x.std(dim=0, correction=2), (S,)),
    "amax and amin": (lambda t, x: x.amax(1) - x.amin(0, keepdim=True).sum(), (X,)),
    "max and min of all": (lambda t, x: x.max() - x.min(), (X,)),
    "max of ties": (lambda t, x: x.max(), (TIES,)),
    "amax of ties": (lambda t, x: x.amax(1), (TIES,)),
    "max with a dim": (lambda t, x: list(x.max(1)), (X,)),
    "min with a dim": (lambda t, x: list(t.min(x, dim=0, keepdim=True)), (X,)),
    "values and indices": (lambda t, x: [x.max(0).values, x.max(0).indices], (X,)),
    "argmax and argmin": (lambda t, x: [x.argmax(), x.argmax(1), x.argmin(0, keepdim=True)], (X,)),
    "any and all": (lambda t, n: [(n > 0).any(), (n > 0).all(1), n.any(0)], (N,)),
    "norm": (lambda t, x: x.norm() + x.norm(dim=1, keepdim=True), (X,)),
    "norm of order one": (lambda t, x: x.norm(p=1) + x.norm(p=3, dim=0), (X,)),
    "logsumexp": (lambda t, x: t.logsumexp(x, dim=1), (X * 50,)),
    "softmax": (lambda t, x: t.softmax(x, dim=1) + t.log_softmax(x, dim=0), (X,)),
    "cumsum": (lambda t, x: x.cumsum(1) * x.cumsum(0), (X,)),
    "cumprod": (lambda t, x: x.cumprod(1), (X,)),
    "cumprod with zeros": (lambda t, x: x.cumprod(1), (ZEROS,)),
    "sort": (lambda t, x: list(x.sort(1)), (X,)),
    "sort downwards": (lambda t, x: list(t.sort(x, dim=0, descending=True)), (X,)),
    "argsort": (lambda t, x: x.argsort(1), (X,)),
    # products
    "matmul": (lambda t, x, s: x @ s, (X, S)),
    "vector products": (lambda t, x, v: [x @ v, v @ v, v @ x.T], (X, V)),
    "stacks of matrices": (lambda t, x, s: t.stack([x, 2 * x]) @ s, (X, S)),
    "stacks broadcast": (lambda t, x: x[None] @ x.reshape(1, 3, 2), (X,)),
    "matmul, mm, mv, dot": (
        lambda t, x, s, v: [x.matmul(s), t.mm(x, s), t.mv(s, v), t.dot(v, v)],
        (X, S, V),
    ),
    "bmm": (lambda t, s: t.bmm(t.stack([s, s * 2]), t.stack([s, s.T])), (S,)),
    "outer": (lambda t, v: t.outer(v, v * 2), (V,)),
    "einsum": (lambda t, x, s: t.einsum("ij,jk->ki", x, s), (X, S)),
    "einsum with a trace": (lambda t, s: t.einsum("ii->i", s) + t.einsum("ij,ij->", s, s), (S,)),
    "tensordot": (lambda t, x, y: t.tensordot(x, y, dims=([0], [0])), (X, Y)),
    "addmm": (lambda t, x, s, v: t.addmm(v, x, s), (X, S, V)),
    # shapes
    "reshape and view": (lambda t, x: x.reshape(3, -1) @ x.view(2, 3), (X,)),
    "transposes": (lambda t, x: [x.T @ x, x.t(), x.transpose(0, 1), x.mT, x.permute(1, 0)], (X,)),
    "permute": (lambda t, x: t.stack([x, x]).permute(2, 0, 1) ** 2, (X,)),
    "squeeze": (
        lambda t, x: [x[:, None].squeeze(1), x.unsqueeze(0).squeeze(), x.unsqueeze(-1)],
        (X,),
    ),
    "flatten": (lambda t, x: t.stack([x, x]).flatten(1) * x.flatten(), (X,)),
    "expand": (lambda t, v: v.expand(2, 3) * v.expand(4, -1)[:2], (V,)),
    "broadcast_to": (lambda t, v: t.broadcast_to(v, (2, 3)) ** 2, (V,)),
    "repeat": (lambda t, x: x.repeat(2, 1) * x.repeat(2, 1), (X,)),
    "cat": (lambda t, x, y: t.cat([x, y * x], dim=1) + t.cat((y, x), 1), (X, Y)),
    "stack": (lambda t, x, y: t.stack([x, y], dim=-1) ** 2, (X, Y)),
    "split": (lambda t, s: [a * 2 for a in s.split(2)] + list(s.split([1, 2], dim=1)), (S,)),
    "chunk": (lambda t, s: list(s.chunk(2, dim=1)), (S,)),
    "unbind": (lambda t, x: [a * b for a, b in zip(x.unbind(0), x, strict=True)], (X,)),
    "flip": (lambda t, x: x.flip(1) * x + t.flip(x, (0, 1)), (X,)),
    "roll": (lambda t, x: t.roll(x, 1, dims=1) * x, (X,)),
    "triangles": (lambda t, s: s.tril() @ s.triu(1), (S,)),
    "diagonal": (lambda t, s: s.diagonal() * t.diag(s), (S,)),
    "gather": (lambda t, x: x.gather(1, t.tensor([[0, 0], [2, 1]])), (X,)),
    "masked_fill": (lambda t, x: x.masked_fill(x > 0, 3.0), (X,)),
    "tensor methods": (lambda t, x: [x.clone() * 2, x.detach(), x.contiguous(), x.double()], (X,)),
    "casts": (lambda t, x: [x.float().double() * x, x.to(t.float32), x.long(), x.bool()], (X,)),
    "type_as": (lambda t, x: x.type_as(x.float()), (X,)),
    "new ones": (lambda t, x: [t.zeros_like(x), t.ones_like(x) * x, t.full_like(x, 3)], (X,)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    program, arrays = PROGRAMS[name]
    agree(program, *arrays)


EMPTY = {
    "sum": lambda t, x: x.sum() + x.sum(0),
    "matmul": lambda t, x: x @ x.T + x.T.sum(),
    "mul": lambda t, x: x * x + 1,
    "cat": lambda t, x: t.cat([x, x]),
    "index": lambda t, x: x[:, :0],
}


@pytest.mark.parametrize("name", EMPTY)
def test_tensors_without_entries(name):
    agree(EMPTY[name], np.zeros((0, 3)))


CREATION = {
    "zeros": lambda t: [t.zeros(2, 3), t.zeros((2,)), t.zeros(2, dtype=t.int64)],
    "ones": lambda t: [t.ones(2, 3), t.ones([2, 1], dtype=t.float64)],
    "full": lambda t: [t.full((2,), 3.5), t.full((2,), 3), t.full((1,), True)],
    "arange": lambda t: [t.arange(3), t.arange(1, 4), t.arange(0, 1, 0.25), t.arange(3.0)],
    "linspace": lambda t: t.linspace(0, 1, 5),
    "eye": lambda t: [t.eye(3), t.eye(2, 3)],
    "tensor": lambda t: [
        t.tensor(1),
        t.tensor(1.5),
        t.tensor([1, 2.5]),
        t.tensor([True]),
        t.tensor(1j),
    ],
    "tensor of arrays": lambda t: [t.tensor(np.float64(1)), t.tensor(np.ones(2, np.float16))],
    "as_tensor": lambda t: t.as_tensor(np.arange(3)),
    "empty lists": lambda t: [t.tensor([]), t.zeros(0)],
}


@pytest.mark.parametrize("name", CREATION)
def test_creation(name):
    agree(CREATION[name])
