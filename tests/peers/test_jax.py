"""Derivatives and vmap of many functions against jax."""

import numpy as np
import pytest

from tests.peers.jax_twins import POINT, M, S, V, W, X, Y, Z, draw, given, jax, jnp, same
from wonderland import functional as wf

pytestmark = pytest.mark.peers

# Each takes the NumPy namespace of its library.
FUNCTIONS = {
    "polynomial": (lambda np, x: x**3 - 2 * x, X),
    "trigonometric": (lambda np, x: np.sin(x) * np.cos(x) + np.arctan(x), X),
    "exponential": (lambda np, x: np.log1p(np.exp(x)) + np.expm1(x / 2) + np.log(x * x + 1), X),
    "hyperbolic": (lambda np, x: np.tanh(x) + np.sinh(x) * np.cosh(x), X),
    "roots": (lambda np, x: np.sqrt(np.abs(x)) + np.cbrt(x * x + 1), X),
    "division": (lambda np, x, y: x / y + 1 / (x + 3) - y**-2, (X, Y)),
    "power": (lambda np, x, y: np.abs(x) ** y, (X, Y)),
    "broadcasting": (lambda np, x, v: x * v + v[:, None] @ v[None], (S, V)),
    "scalar broadcasting": (lambda np, x, p: p * x + x / p, (X, POINT)),
    "matrix times matrix": (lambda np, x, m: x @ m, (X, M)),
    "matrix times vector": (lambda np, x, v: x @ v, (X, V)),
    "vector times vector": (lambda np, v: v @ v, V),
    "stack of matrices": (lambda np, x, m: np.stack([x, 2 * x]) @ m, (X, M)),
    "tensordot": (lambda np, x, y: np.tensordot(x, y, axes=([0], [0])), (X, Y)),
    "einsum": (lambda np, x, m: np.einsum("ij,jk->ki", x, m), (X, M)),
    "einsum trace": (lambda np, s: np.einsum("ii->", s), S),
    "outer": (lambda np, v: np.outer(v, v), V),
    "dot": (lambda np, x, v: np.dot(x, v), (X, V)),
    "sum": (lambda np, x: x.sum(axis=1, keepdims=True) + x.sum(), X),
    "mean and var": (lambda np, x: x.mean(axis=0) + x.var(axis=0) + np.std(x, axis=0, ddof=1), X),
    "prod": (lambda np, x: np.prod(x, axis=1), X),
    "prod with a zero": (lambda np, x: np.prod(x, axis=1), X * (X != X[0, 1])),
    "prod with two zeros": (lambda np, x: np.prod(x), X * (X > X[0, 1])),
    "max and min": (lambda np, x: x.max(axis=0) - x.min(axis=1).sum(), X),
    "max of ties": (lambda np, x: np.max(np.round(x)) * np.max(x * 0 + 1), X),
    "cumsum": (lambda np, x: np.cumsum(x, axis=1) + np.cumsum(x).sum(), X),
    "cumprod": (lambda np, x: np.cumprod(x, axis=1), X),
    "sort": (lambda np, x: np.sort(x, axis=-1) * np.arange(3), X),
    "argsort": (lambda np, x: x[0][np.argsort(x[1])], X),
    "where": (lambda np, x, y: np.where(x > 0, x * y, y), (X, Y)),
    "maximum": (lambda np, x, y: np.maximum(x, y) - np.minimum(x, y * 2), (X, Y)),
    "maximum of ties": (lambda np, x: np.maximum(x, x * 1), X),
    "clip": (lambda np, x: np.clip(x, -0.3, 0.4), X),
    "abs": (lambda np, x: np.abs(x), X),
    "reshape": (lambda np, x: x.reshape(3, 2) @ x, X),
    "transpose": (lambda np, x: np.transpose(x) @ x + x.T @ x, X),
    "squeeze": (lambda np, x: np.squeeze(x[:, None]) * np.expand_dims(x, (0, -1))[0, ..., 0], X),
    "concatenate": (lambda np, x, y: np.concatenate([x, y * x], axis=1), (X, Y)),
    "stack": (lambda np, x, y: np.stack([x, y], axis=-1) ** 2, (X, Y)),
    "split": (lambda np, s: np.split(s, 3, axis=1)[1] * 2, S),
    "flip": (lambda np, x: np.flip(x, 1) * x + x[::-1], X),
    "pad": (lambda np, x: np.pad(x, ((0, 1), (2, 0))) ** 2, X),
    "tile and repeat": (lambda np, x: np.tile(x, (2, 1)) * np.repeat(x, 2, axis=0), X),
    "roll": (lambda np, x: np.roll(x, 1, axis=1) * x, X),
    "slices": (lambda np, x: x[:, 1:] * x[:, :-1] + x[0, ::-2], X),
    "integer index": (lambda np, s: s[np.array([0, 0, 2])] * s[:, 1], S),
    "two integer indices": (lambda np, s: s[[0, 2, 0], [1, 1, 1]] ** 2, S),
    "index with a slice between": (lambda np, s: np.stack([s, s])[[0, 1, 1], :, [0, 0, 2]], S),
    "mean squared error": (lambda np, x, y: np.mean((x - y) ** 2), (X, Y)),
    "softmax": (lambda np, x: np.exp(x) / np.exp(x).sum(1, keepdims=True), X),
    "a constant": (lambda np, x: np.ones(3), X),
    "no dependence on one": (lambda np, x, y: x * 2, (X, Y)),
    "int operand": (lambda np, x: x * np.arange(3), X),
}


@pytest.fixture(params=FUNCTIONS)
def case(request):
    return given(FUNCTIONS[request.param])


def test_vjp(case):
    ours, theirs, args = case
    out, pull = wf.vjp(ours, *args)
    their_out, their_pull = jax.vjp(theirs, *args)
    same(out, their_out)
    ct = draw(np.asarray(their_out))
    same(pull(ct), their_pull(ct))


def test_jvp(case):
    ours, theirs, args = case
    directions = tuple(draw(x, 1) for x in args)
    same(wf.jvp(ours, args, directions), jax.jvp(theirs, args, directions))


@pytest.mark.parametrize("name", ["jacfwd", "jacrev"])
@pytest.mark.parametrize(
    "program", ["broadcasting", "matrix times matrix", "softmax", "a constant"]
)
def test_jacobian(program, name):
    ours, theirs, args = given(FUNCTIONS[program])
    numbers = tuple(range(len(args)))
    same(
        getattr(wf, name)(ours, numbers)(*args),
        getattr(jax, name)(theirs, numbers)(*args),
        1e-11,
    )


def test_hessian(case):
    ours, theirs, args = case
    same(
        wf.hessian(lambda *xs: (ours(*xs) ** 2).sum())(*args),
        jax.hessian(lambda *xs: (theirs(*xs) ** 2).sum())(*args),
        1e-10,
    )


def test_vmap(case):
    ours, theirs, args = case
    batch = [np.stack([x, draw(x, 2), x * 0.5]) for x in args]
    same(wf.vmap(ours)(*batch), jax.vmap(theirs)(*batch))


def test_vmap_of_grad_and_grad_of_vmap(case):
    ours, theirs, args = case
    batch = [np.stack([x, draw(x, 2)]) for x in args]
    for mine, other in (
        (
            wf.vmap(wf.grad(lambda *xs: ours(*xs).sum())),
            jax.vmap(jax.grad(lambda *xs: theirs(*xs).sum())),
        ),
        (
            wf.grad(lambda *xs: wf.vmap(ours)(*xs).sum()),
            jax.grad(lambda *xs: jax.vmap(theirs)(*xs).sum()),
        ),
    ):
        same(mine(*batch), other(*batch))


COMPLEX = {
    "abs": (lambda np, z: np.abs(z), Z),
    "squared modulus": (lambda np, z: (z * np.conj(z)).real, Z),
    "real and imag": (lambda np, z: np.real(z) * 2 + np.imag(z) ** 2, Z),
    "conj": (lambda np, z: np.conj(z) * z, Z),
    "exp": (lambda np, z: np.exp(z), Z),
    "log": (lambda np, z: np.log(z), Z),
    "sqrt": (lambda np, z: np.sqrt(z), Z),
    "sin": (lambda np, z: np.sin(z) + np.cosh(z), Z),
    "tanh": (lambda np, z: np.tanh(z), Z),
    "power": (lambda np, z: z**3 + z**-1, Z),
    "division": (lambda np, z, w: z / w, (Z, W)),
    "matmul": (lambda np, z, w: z @ w.T, (Z, W)),
    "matmul with the adjoint": (lambda np, z: z @ np.conj(z).T, Z),
    "angle": (lambda np, z: np.angle(z), Z),
    "complex times real": (lambda np, z, x: z * x, (Z, X)),
    "real to complex": (lambda np, x: np.exp(1j * x), X),
    "sum and mean": (lambda np, z: z.sum(0) + z.mean(), Z),
    "prod": (lambda np, z: np.prod(z, axis=1), Z),
    "where": (lambda np, z: np.where(z.real > 0, z * z, z), Z),
    "indexing": (lambda np, z: z[:, [0, 0, 2]] * 1j, Z),
    "cumsum": (lambda np, z: np.cumsum(z, 1), Z),
}


@pytest.fixture(params=COMPLEX)
def complex_case(request):
    return given(COMPLEX[request.param])


def test_vjp_of_complex(complex_case):
    test_vjp(complex_case)


def test_jvp_of_complex(complex_case):
    test_jvp(complex_case)


def test_grad_of_a_real_function_of_complex(complex_case):
    ours, theirs, args = complex_case
    same(
        wf.grad(lambda *xs: (np.abs(ours(*xs)) ** 2).sum())(*args),
        jax.grad(lambda *xs: (jnp.abs(theirs(*xs)) ** 2).sum())(*args),
        1e-11,
    )


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sin", "tanh", "power"])
def test_holomorphic_gradients(name):
    ours, theirs, args = given(COMPLEX[name])
    same(
        wf.grad(lambda z: ours(z).sum(), holomorphic=True)(*args),
        jax.grad(lambda z: theirs(z).sum(), holomorphic=True)(*args),
    )
