"""Loops and branches against jax.lax: values, both modes, second order, batches, under jit."""

import numpy as np
import pytest

from tests.peers.jax_twins import M, S, V, X, jax, jnp, same
from wonderland import functional as wf

pytestmark = pytest.mark.peers

XS = np.random.default_rng(1).standard_normal((5, 3))
# Each takes the NumPy namespace and lax of its library, and arrays; every result is differentiated.
CASES = {
    "scan": (lambda np, lax, w, h, xs: lax.scan(cell(np, w), h, xs), (S / 5, V, XS)),
    "scan reversed": (
        lambda np, lax, w, h, xs: lax.scan(cell(np, w), h, xs, reverse=True), (S / 5, V, XS),
    ),
    "scan unrolled": (
        lambda np, lax, w, h, xs: lax.scan(cell(np, w), h, xs, unroll=2), (S / 5, V, XS),
    ),
    "scan without xs": (
        lambda np, lax, w, h: lax.scan(
            lambda h, _: (np.tanh(w @ h), h * 2), h, None, length=4), (S / 5, V),
    ),
    "scan over pytrees": (
        lambda np, lax, h, xs: lax.scan(
            lambda c, x: ({"a": c["b"] * x["p"], "b": c["a"]}, (x["p"], c["a"])),
            {"a": h, "b": 2 * h}, {"p": xs, "q": xs[:, 0]}), (V, XS),
    ),
    "scan in scan": (
        lambda np, lax, h, xs: lax.scan(
            lambda c, x: lax.scan(lambda d, y: (np.tanh(d * y), d), c, x * xs), h, xs), (V, XS),
    ),
    "while with a bound": (
        lambda np, lax, x, v: lax.fori_loop(0, 6, lambda i, c: np.where(
            (c**2).sum() < 50, c * 1.5 + v, c), x), (V, V / 3),
    ),
    "fori": (
        lambda np, lax, x: lax.fori_loop(1, 5, lambda i, c: np.tanh(c * i) + x, x), (X,),
    ),
    "fori by index": (
        lambda np, lax, x: lax.fori_loop(0, 3, lambda i, c: c * x[i] + i, 1.0 * x[0]), (V,),
    ),
    "cond": (
        lambda np, lax, x: lax.cond(x.sum() > 0, np.tanh, lambda x: x * x, x), (V,),
    ),
    "cond in scan": (
        lambda np, lax, h, xs: lax.scan(
            lambda c, x: (lax.cond(x[0] > 0, lambda c: c * x, lambda c: np.sin(c), c), c), h, xs),
        (V, XS),
    ),
    "switch": (
        lambda np, lax, x: lax.switch(
            (x.sum() > 0).astype(int) + 1, [np.sin, np.exp, lambda x: x**3], x), (V,),
    ),
    "switch beyond": (
        lambda np, lax, x: lax.switch(9, [np.sin, lambda x: x[::-1]], x), (V,),
    ),
    "map": (lambda np, lax, x, m: lax.map(lambda x: np.tanh(x @ m), x), (X, M)),
    "map in batches": (
        lambda np, lax, x: lax.map(lambda x: np.tanh(x).sum(), x, batch_size=2), (XS,),
    ),
    "associative_scan": (
        lambda np, lax, x: lax.associative_scan(np.multiply, x), (XS,),
    ),
    "associative_scan of matrices reversed": (
        lambda np, lax, x: lax.associative_scan(np.matmul, x, reverse=True),
        (np.stack([S, S.T, S / 2]),),
    ),
    "associative_scan of pairs": (
        lambda np, lax, a, b: lax.associative_scan(
            lambda f, g: (f[0] * g[0], g[0] * f[1] + g[1]), (a, b), axis=1), (X, X * 2),
    ),
}  # fmt: skip


def cell(np, w):
    def step(h, x):
        h = np.tanh(w @ h + x)
        return h, (h * h).sum()

    return step


def twins(name):
    """(ours, jax's, the arguments)"""
    f, args = CASES[name]
    theirs = lambda *xs: f(jnp, jax.lax, *map(jnp.asarray, xs))  # noqa: E731
    return lambda *xs: f(np, wf.lax, *xs), theirs, args


def total(library, f):
    leaves = library.tree.leaves
    return lambda *xs: sum((z * z).sum() for z in leaves(f(*xs)))


@pytest.mark.parametrize("name", CASES)
def test_values_and_first_derivatives(name):
    ours, theirs, args = twins(name)
    every = tuple(range(len(args)))
    same(ours(*args), theirs(*args))
    same(wf.jit(ours, executor="numpy")(*args), theirs(*args))
    same(wf.jvp(ours, args, args), jax.jvp(theirs, args, args), 1e-10)
    mine, other = total(wf, ours), total(jax, theirs)
    same(wf.grad(mine, every)(*args), jax.grad(other, every)(*args), 1e-10)
    same(
        wf.jit(wf.grad(mine, every), executor="numpy")(*args), jax.grad(other, every)(*args), 1e-10
    )


SECOND = ["scan", "scan over pytrees", "scan in scan", "fori", "cond in scan", "switch", "map"]


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_and_batches(name):
    ours, theirs, args = twins(name)
    mine, other = total(wf, ours), total(jax, theirs)
    same(wf.hessian(mine)(*args), jax.hessian(other)(*args), 1e-8)
    batch = np.stack([args[0], -args[0], args[0] / 2])
    axes = (0, *(None,) * (len(args) - 1))
    given = (batch, *args[1:])
    same(wf.vmap(ours, axes)(*given), jax.vmap(theirs, axes)(*given), 1e-10)
    same(wf.vmap(wf.grad(mine), axes)(*given), jax.vmap(jax.grad(other), axes)(*given), 1e-10)


def collatz(np, lax):
    def f(n):
        return lax.while_loop(
            lambda c: c[0] != 1,
            lambda c: (np.where(c[0] % 2 == 0, c[0] // 2, 3 * c[0] + 1), c[1] + 1),
            (n, np.zeros_like(n)),
        )[1]

    return f


def test_trip_counts_differ_in_a_batch():
    n = np.array([1, 7, 27, 8])
    same(wf.vmap(collatz(np, wf.lax))(n), jax.vmap(collatz(jnp, jax.lax))(n))


def newton(np, lax):
    def f(a):
        return lax.while_loop(
            lambda x: np.abs(x * x - a) > 1e-9, lambda x: 0.5 * (x + a / x), np.ones_like(a)
        )

    return f


def test_forward_mode_through_while():
    a = np.array([2.0, 9.0, 50.0])
    for of in (
        lambda library, f: library.vmap(library.jacfwd(f)),
        lambda library, f: library.vmap(f),
    ):
        same(of(wf, newton(np, wf.lax))(a), of(jax, newton(jnp, jax.lax))(a), 1e-10)


def test_numbers_take_the_dtype_of_the_body():
    def f(np, lax, x):
        carry, ys = lax.scan(lambda c, x: (c + x, c), 0.0, x)
        return carry, ys, lax.fori_loop(0, 3, lambda i, c: c * i, carry)

    x = np.ones(3, np.float32)
    same(f(np, wf.lax, x), f(jnp, jax.lax, jnp.asarray(x)), 1e-6)


REFUSED = {
    "carry dtype": lambda np, lax: lax.scan(lambda c, x: (c > 0, x), np.ones(2), np.ones(3)),
    "carry shape": lambda np, lax: lax.scan(lambda c, x: (c[:1], x), np.ones(2), np.ones(3)),
    "sizes": lambda np, lax: lax.scan(lambda c, x: (c, x), 0.0, (np.ones(2), np.ones(3))),
    "length": lambda np, lax: lax.scan(lambda c, x: (c, x), 0.0, np.ones(2), length=3),
    "no length": lambda np, lax: lax.scan(lambda c, x: (c, x), 0.0),
    "no pair": lambda np, lax: lax.scan(lambda c, x: c, np.ones(2), np.ones(3)),
    "predicate": lambda np, lax: lax.while_loop(lambda c: c > 0, lambda c: c, np.ones(2)),
    "cond of an array": lambda np, lax: lax.cond(np.ones(2) > 0, lambda: 1, lambda: 2),
    "float index": lambda np, lax: lax.switch(1.5, [lambda: 1, lambda: 2]),
    "no branches": lambda np, lax: lax.switch(0, []),
}


@pytest.mark.parametrize("name", REFUSED)
def test_both_refuse(name):
    for library in ((np, wf.lax), (jnp, jax.lax)):
        with pytest.raises((TypeError, ValueError)):
            REFUSED[name](*library)
