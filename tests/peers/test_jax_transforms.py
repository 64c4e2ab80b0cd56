"""The options of the transforms, and how they nest, against jax."""

import numpy as np
import pytest

from tests.peers.jax_twins import POINT, RNG, M, S, V, X, Y, draw, jax, jnp, same
from wonderland import functional as wf

pytestmark = pytest.mark.peers


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
