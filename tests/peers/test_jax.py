"""The functional transforms against jax: one program, two libraries, equal numbers in float64."""

import numpy as np
import pytest

from wonderland import functional as wf

pytestmark = pytest.mark.peers

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 3))
Y = RNG.standard_normal((2, 3))
V = RNG.standard_normal(3)
M = RNG.standard_normal((3, 4))
S = RNG.standard_normal((3, 3)) + 3 * np.eye(3)
Z = RNG.standard_normal((2, 3)) + 1j * RNG.standard_normal((2, 3))
W = RNG.standard_normal((2, 3)) + 1j * RNG.standard_normal((2, 3))
POINT = np.float64(0.7)


def draw(x, seed=0):
    """A direction for x: its shape and dtype."""
    rng = np.random.default_rng([seed, x.ndim, x.size])
    d = rng.standard_normal(x.shape)
    return d + 1j * rng.standard_normal(x.shape) if x.dtype.kind == "c" else d


def same(ours, theirs, tolerance=1e-12):
    """Equal structure, shapes, dtypes and numbers."""
    mine, other = wf.tree.leaves(ours), jax.tree.leaves(theirs)
    assert len(mine) == len(other)
    for a, b in zip(mine, other, strict=True):
        b = np.asarray(b)
        assert (np.shape(a), a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


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


def given(case):
    """(the function for NumPy's namespace, for jax's, the arguments)."""
    function, args = case
    args = args if isinstance(args, tuple) else (args,)
    return (lambda *xs: function(np, *xs)), (lambda *xs: function(jnp, *xs)), args


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
def test_jacobian(case, name):
    ours, theirs, args = case
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


def two(np, x, y):
    return np.sin(x) * y, x.sum() + y


AXES = [
    (0, 0),
    (1, 0),
    (-1, -1),
    ((0, None), 0),
    ((None, 1), 0),
    ((1, 0), (0, 0)),
    ((0, 1), (1, 0)),
    ((0, 0), (-1, -2)),
]


@pytest.mark.parametrize(("in_axes", "out_axes"), AXES)
def test_axes_of_vmap(in_axes, out_axes):
    mine = wf.vmap(lambda x, y: two(np, x, y), in_axes, out_axes)
    other = jax.vmap(lambda x, y: two(jnp, x, y), in_axes, out_axes)
    same(mine(S, S.T @ S), other(S, S.T @ S))


def test_axes_of_vmap_over_pytrees():
    tree = {"a": S, "b": (V, X.T)}
    axes = {"a": 1, "b": (0, None)}

    def program(np):
        return lambda t, s: {"out": t["a"] * s, "more": t["b"][0] * t["b"][1].sum()}

    out = {"out": 1, "more": 0}
    same(
        wf.vmap(program(np), (axes, None), out)(tree, 2.0),
        jax.vmap(program(jnp), (axes, None), out)(tree, 2.0),
    )


def test_nested_vmap():
    def all_pairs(library, np, in_axes):
        inner = library.vmap(lambda a, b: np.tanh(a) @ b, in_axes=(None, in_axes))
        return library.vmap(inner, in_axes=(1, None))

    for axis in (0, 1):
        same(all_pairs(wf, np, axis)(S, S + 1), all_pairs(jax, jnp, axis)(S, S + 1))


def test_out_axes_none_and_axis_size():
    same(
        wf.vmap(lambda x: (x, np.ones(2)), out_axes=(0, None))(V),
        jax.vmap(lambda x: (x, jnp.ones(2)), out_axes=(0, None))(V),
    )
    same(
        wf.vmap(lambda x: x * 2, in_axes=None, axis_size=3)(V),
        jax.vmap(lambda x: x * 2, in_axes=None, axis_size=3)(V),
    )


def test_argnums_aux_and_pytrees():
    params = {"w": M, "b": (RNG.standard_normal(4), None)}

    def program(np):
        def f(x, params, scale):
            h = np.tanh(x @ params["w"] + params["b"][0]) * scale
            return (h**2).sum(), {"h": h}

        return f

    for argnums in (0, 1, (1, 2), (0, 1, 2)):
        same(
            wf.value_and_grad(program(np), argnums, has_aux=True)(X, params, POINT),
            jax.value_and_grad(program(jnp), argnums, has_aux=True)(X, params, POINT),
        )


def test_linearize_transpose_and_hvp():
    def f(np):
        return lambda x: (np.sin(x) ** 2).sum(axis=0)

    out, push = wf.linearize(f(np), X)
    their_out, their_push = jax.linearize(f(jnp), X)
    same((out, push(Y)), (their_out, their_push(Y)))
    ours = wf.linear_transpose(lambda x: x @ M, X)(draw(X @ M))
    same(ours, jax.linear_transpose(lambda x: x @ M, X)(draw(X @ M)))
    their_hvp = jax.jvp(jax.grad(lambda x: f(jnp)(x).sum()), (X,), (Y,))[1]
    same(wf.hvp(lambda x: f(np)(x).sum(), X, Y), their_hvp)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_nested_gradients(order):
    def f(np):
        return lambda x: np.sin(x) * np.exp(x / 2)

    mine, other = f(np), f(jnp)
    for _ in range(order):
        mine, other = wf.grad(mine), jax.grad(other)
    same(mine(POINT), other(POINT))


def test_perturbations_are_not_confused():
    def f(library):
        return library.grad(lambda x: x * library.grad(lambda y: x * y * y)(2.0 * x))

    same(f(wf)(POINT), f(jax)(POINT))


def test_stop_gradient():
    same(
        wf.grad(lambda x: x * wf.stop_gradient(x))(POINT),
        jax.grad(lambda x: x * jax.lax.stop_gradient(x))(POINT),
    )


INDICES = {
    "an integer": 1,
    "a negative integer": -1,
    "a slice": slice(1, None),
    "a step back": slice(None, None, -2),
    "two indices": (0, slice(0, 2)),
    "an ellipsis": (..., 0),
    "a new axis": (None, 1),
    "an integer array": np.array([2, 0]),
    "two integer arrays": (np.array([0, 2]), np.array([1, 1])),
    "a mask": S > 0.5,
}


def at(x):
    """`x.at` of jax, `wf.at(x)` of ours."""
    return x.at if isinstance(x, jax.Array) else wf.at(x)


@pytest.mark.parametrize("name", ["set", "add", "multiply", "divide", "min", "max", "power"])
@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_updates_at_an_index(index, name):
    start = np.abs(S) + 0.1

    def update(x, v):
        unique = {"unique_indices": True} if isinstance(x, jax.Array) else {}  # or it refuses
        return getattr(at(x)[index], name)(v * 0.7, **unique)

    v = np.float64(1.7)
    same(update(start, v), update(jnp.array(start), v))
    ct, du = draw(S), draw(S, 1)
    out, pull = wf.vjp(update, start, v)
    their_out, their_pull = jax.vjp(update, jnp.array(start), v)
    same((out, pull(ct)), (their_out, their_pull(ct)))
    primals = (jnp.array(start), v)
    same(wf.jvp(update, (start, v), (du, v)), jax.jvp(update, primals, (jnp.array(du), v)))


@pytest.mark.parametrize("name", ["add", "multiply", "min", "max"])
def test_updates_at_repeated_indices(name):
    index = np.array([0, 2, 0])
    values = np.abs(RNG.standard_normal((3, 3))) + 0.3

    def update(x, v):
        return getattr(at(x)[index], name)(v)

    same(update(S, values), update(jnp.array(S), values))
    if name == "add":  # jax refuses the others
        ct = draw(S)
        same(wf.vjp(update, S, values)[1](ct), jax.vjp(update, jnp.array(S), values)[1](ct))


def test_updates_cast_to_the_array():
    x = np.arange(3, dtype=np.float32)
    same(wf.at(x)[0].set(np.float64(2.5)), jnp.array(x).at[0].set(jnp.float32(2.5)))
    same(wf.at(x)[1:].add(1), jnp.array(x).at[1:].add(1))
    same(wf.at(x)[0].get(), jnp.array(x).at[0].get())
    assert np.array_equal(x, np.arange(3, dtype=np.float32))


def test_custom_jvp():
    def program(library, np):
        @library.custom_jvp
        def f(x, y):
            return np.sin(x) * y

        f.defjvp(
            lambda primals, tangents: (f(*primals), tangents[0] * 100 + tangents[1] * primals[0])
        )
        return f

    ours, theirs = program(wf, np), program(jax, jnp)
    same(wf.grad(ours, (0, 1))(POINT, 2.0 * POINT), jax.grad(theirs, (0, 1))(POINT, 2.0 * POINT))
    same(wf.jvp(ours, (V, V), (V, V)), jax.jvp(theirs, (V, V), (V, V)))
    same(wf.vmap(wf.grad(ours))(V, V), jax.vmap(jax.grad(theirs))(V, V))


def test_custom_vjp():
    def program(library, np):
        @library.custom_vjp
        def f(x, y):
            return np.sin(x) * y

        f.defvjp(
            lambda x, y: (f(x, y), (np.cos(x), y)), lambda kept, g: (kept[0] * g * 10, kept[1] * g)
        )
        return f

    ours, theirs = program(wf, np), program(jax, jnp)
    same(wf.grad(ours, (0, 1))(POINT, 2.0 * POINT), jax.grad(theirs, (0, 1))(POINT, 2.0 * POINT))
    same(wf.vmap(wf.grad(ours))(V, V), jax.vmap(jax.grad(theirs))(V, V))
    same(wf.grad(wf.grad(ours))(POINT, POINT), jax.grad(jax.grad(theirs))(POINT, POINT))


def test_checkpoint_and_eval_shape():
    def f(np):
        return lambda x: np.tanh(x) @ M

    ours, theirs = wf.checkpoint(f(np)), jax.checkpoint(f(jnp))
    same(wf.jacrev(ours)(X), jax.jacrev(theirs)(X))
    mine, other = wf.eval_shape(f(np), X), jax.eval_shape(f(jnp), X)
    assert (mine.shape, mine.dtype) == (other.shape, other.dtype)
