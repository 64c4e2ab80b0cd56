"""Transforms of transforms: every nesting gives the derivatives of the formula, however declared.

One function, f(x, y) = y sin(x), written plainly, with a custom rule of either kind, checkpointed
and as a black box; one table of nestings up to depth four; the answers are formulas.
"""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared import tree

X, Y = 1.2, 3.0
XS = np.linspace(0.1, 2.0, 5)
YS = np.array([3.0, -1.0])
UNIT = np.array([1.0, 0.0], np.float32)
sin, cos = np.sin, np.cos


def plain(x, y):
    return np.sin(x) * y


def sines(primitive, *operands, **static):
    return primitive.name == "sin"


by_jvp = wf.custom_jvp(plain)
by_jvp.defjvp(lambda p, t: (by_jvp(*p), cos(p[0]) * p[1] * t[0] + sin(p[0]) * t[1]))
by_jvps = wf.custom_jvp(plain)
by_jvps.defjvps(lambda dx, z, x, y: cos(x) * y * dx, lambda dy, z, x, y: sin(x) * dy)
by_vjp = wf.custom_vjp(plain)
by_vjp.defvjp(
    lambda x, y: (by_vjp(x, y), (x, y)), lambda r, gz: (cos(r[0]) * r[1] * gz, sin(r[0]) * gz)
)
FUNCTIONS = {
    "plain": plain,
    "custom_jvp": by_jvp,
    "custom_jvp.defjvps": by_jvps,
    "custom_vjp": by_vjp,
    "checkpoint": wf.checkpoint(plain),
    "checkpoint with a policy": wf.checkpoint(plain, policy=sines),
    "checkpoint of checkpoint": wf.checkpoint(wf.checkpoint(plain)),
    "checkpoint of custom_vjp": wf.checkpoint(by_vjp),
    "jit": wf.jit(plain),
    "jit by numpy": wf.jit(plain, executor="numpy"),
    "jit of jit": wf.jit(wf.jit(plain)),
    "jit of custom_jvp": wf.jit(by_jvp, executor="numpy"),
    "jit of custom_vjp": wf.jit(by_vjp, executor="numpy"),
    "jit of checkpoint": wf.jit(wf.checkpoint(plain), executor="numpy"),
    "jit of checkpoint with a policy": wf.jit(wf.checkpoint(plain, policy=sines)),
    "checkpoint of jit": wf.checkpoint(wf.jit(plain, executor="numpy")),
    "jit with check_nan": wf.jit(plain, check_nan=True),
}


def over(f):
    """f with a mapped x and a shared y."""
    return wf.vmap(f, (0, None))


def total(f):
    return lambda *args: f(*args).sum()


# name: (the nesting, the formula)
DEPTH_1 = {
    "value": (lambda f: f(X, Y), Y * sin(X)),
    "grad": (lambda f: wf.grad(f, (0, 1))(X, Y), (Y * cos(X), sin(X))),
    "grad argnums=-1": (lambda f: wf.grad(f, -1)(X, Y), sin(X)),
    "vjp": (lambda f: wf.vjp(f, X, Y)[1](2.0), (2 * Y * cos(X), 2 * sin(X))),
    "jvp": (
        lambda f: wf.jvp(f, (X, Y), (0.3, 0.5)),
        (Y * sin(X), 0.3 * Y * cos(X) + 0.5 * sin(X)),
    ),
    "linearize": (
        lambda f: wf.linearize(f, X, Y)[1](0.3, 0.5),
        0.3 * Y * cos(X) + 0.5 * sin(X),
    ),
    "vmap": (lambda f: over(f)(XS, Y), Y * sin(XS)),
    "jacfwd": (lambda f: wf.jacfwd(f, (0, 1))(X, Y), (Y * cos(X), sin(X))),
    "jacrev": (lambda f: wf.jacrev(f, (0, 1))(X, Y), (Y * cos(X), sin(X))),
}
DEPTH_2 = {
    "grad of grad": (lambda f: wf.grad(wf.grad(f))(X, Y), -Y * sin(X)),
    "jvp of grad": (lambda f: wf.jvp(wf.grad(f), (X, Y), (1.0, 1.0))[1], -Y * sin(X) + cos(X)),
    "grad of jvp": (
        lambda f: wf.grad(lambda x: wf.jvp(f, (x, Y), (1.0, 1.0))[1])(X),
        -Y * sin(X) + cos(X),
    ),
    "jvp of jvp": (
        lambda f: wf.jvp(lambda x: wf.jvp(f, (x, Y), (1.0, 1.0))[1], (X,), (1.0,))[1],
        -Y * sin(X) + cos(X),
    ),
    "hvp": (lambda f: wf.hvp(f, (X, Y), (1.0, 0.0)), (-Y * sin(X), cos(X))),
    "grad of vmap": (
        lambda f: wf.grad(total(over(f)), (0, 1))(XS, Y),
        (Y * cos(XS), sin(XS).sum()),
    ),
    "vmap of grad": (
        lambda f: wf.vmap(wf.grad(f, (0, 1)), (0, None))(XS, Y),
        (Y * cos(XS), sin(XS)),
    ),
    "jvp of vmap": (
        lambda f: wf.jvp(over(f), (XS, Y), (XS, 0.5))[1],
        XS * Y * cos(XS) + 0.5 * sin(XS),
    ),
    "vmap of jvp": (
        lambda f: wf.vmap(lambda x: wf.jvp(f, (x, Y), (x, 0.5))[1])(XS),
        XS * Y * cos(XS) + 0.5 * sin(XS),
    ),
    "vmap of vmap": (
        lambda f: wf.vmap(lambda y: wf.vmap(lambda x: f(x, y))(XS))(YS),
        np.outer(YS, sin(XS)),
    ),
    "linearize of vmap": (lambda f: wf.linearize(over(f), XS, Y)[1](XS, 0.0), XS * Y * cos(XS)),
    "vmap of linearize": (
        lambda f: wf.vmap(lambda x: wf.linearize(f, x, Y)[1](x, 0.0))(XS),
        XS * Y * cos(XS),
    ),
    "jacrev of vmap": (lambda f: wf.jacrev(over(f))(XS, Y), np.diag(Y * cos(XS))),
    "vmap of jacrev": (lambda f: wf.vmap(lambda x: wf.jacrev(f)(x, Y))(XS), Y * cos(XS)),
    "hessian": (
        lambda f: wf.hessian(f, (0, 1))(X, Y),
        ((-Y * sin(X), cos(X)), (cos(X), 0.0)),
    ),
    "jacrev of jacrev": (
        lambda f: wf.jacrev(wf.jacrev(f, (0, 1)), (0, 1))(X, Y),
        ((-Y * sin(X), cos(X)), (cos(X), 0.0)),
    ),
    "jacrev of jacfwd": (
        lambda f: wf.jacrev(wf.jacfwd(f, (0, 1)), (0, 1))(X, Y),
        ((-Y * sin(X), cos(X)), (cos(X), 0.0)),
    ),
    "jacfwd of jacfwd": (
        lambda f: wf.jacfwd(wf.jacfwd(f, (0, 1)), (0, 1))(X, Y),
        ((-Y * sin(X), cos(X)), (cos(X), 0.0)),
    ),
    "vjp of vjp": (
        lambda f: wf.vjp(lambda x: wf.vjp(f, x, Y)[1](1.0)[0], X)[1](1.0)[0],
        -Y * sin(X),
    ),
    "pull differentiated": (lambda f: wf.grad(lambda g: wf.vjp(f, X, Y)[1](g)[0])(2.0), Y * cos(X)),
}
DEEPER = {
    "grad of grad of grad": (lambda f: wf.grad(wf.grad(wf.grad(f)))(X, Y), -Y * cos(X)),
    "grad of vmap of grad": (
        lambda f: wf.grad(lambda y: wf.vmap(wf.grad(f), (0, None))(XS, y).sum())(Y),
        cos(XS).sum(),
    ),
    "vmap of grad of vmap": (
        lambda f: wf.vmap(wf.grad(lambda y: over(f)(XS, y).sum()))(YS),
        np.full(2, sin(XS).sum()),
    ),
    "vmap of vmap of grad": (
        lambda f: wf.vmap(lambda y: wf.vmap(lambda x: wf.grad(f)(x, y))(XS))(YS),
        np.outer(YS, cos(XS)),
    ),
    "vmap of jvp of grad": (
        lambda f: wf.vmap(lambda t: wf.jvp(wf.grad(f, (0, 1)), (X, Y), (t, 0.0)))(UNIT),
        (
            (np.full(2, Y * cos(X)), np.full(2, sin(X))),
            (np.array([-Y * sin(X), 0]), np.array([cos(X), 0])),
        ),
    ),
    "vmap of hessian": (lambda f: wf.vmap(lambda x: wf.hessian(f)(x, Y))(XS), -Y * sin(XS)),
    "hessian of vmap": (
        lambda f: wf.hessian(total(over(f)))(XS, Y),
        np.diag(-Y * sin(XS)),
    ),
    "grad of vmap of vmap of grad": (
        lambda f: wf.grad(
            lambda c: wf.vmap(lambda y: wf.vmap(lambda x: wf.grad(f)(x, c * y))(XS))(YS).sum()
        )(0.5),
        np.outer(YS, cos(XS)).sum(),
    ),
    "jvp of vmap of jacrev": (
        lambda f: wf.jvp(wf.vmap(lambda x: wf.jacrev(f)(x, Y)), (XS,), (XS,))[1],
        -XS * Y * sin(XS),
    ),
    "grad that closes over a grad": (
        lambda f: wf.grad(lambda t: wf.grad(lambda x: f(x, t * x))(X))(0.7),
        sin(X) + X * cos(X),
    ),
    "linearize of grad of vmap": (
        lambda f: wf.linearize(wf.grad(total(over(f))), XS, Y)[1](XS, 0.0),
        -XS * Y * sin(XS),
    ),
}
NESTINGS = {**DEPTH_1, **DEPTH_2, **DEEPER}


@pytest.mark.parametrize("nesting", NESTINGS)
@pytest.mark.parametrize("declared", FUNCTIONS)
def test_every_nesting_gives_the_formula(declared, nesting):
    transform, expected = NESTINGS[nesting]
    found = transform(lambda x, y: FUNCTIONS[declared](x, y))
    tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6), found, expected)
    assert [np.shape(a) for a in tree.leaves(found)] == [np.shape(a) for a in tree.leaves(expected)]


@pytest.mark.parametrize("executor", ["numpy", None])
@pytest.mark.parametrize("nesting", NESTINGS)
def test_jit_of_every_nesting_gives_the_formula(nesting, executor):
    """The other order: all transforms inside, `one` keeps the whole of it from being constant."""
    transform, expected = NESTINGS[nesting]
    staged = wf.jit(lambda one: transform(lambda x, y: plain(x, y) * one), executor=executor)
    for _ in range(2):
        found = staged(np.float64(1))
    tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6), found, expected)
    assert staged.traces == 1


@pytest.mark.parametrize("nesting", NESTINGS)
def test_jit_by_numpy_has_the_bits_of_the_function(nesting):
    transform, _ = NESTINGS[nesting]
    for a, b in zip(
        tree.leaves(transform(plain)),
        tree.leaves(transform(FUNCTIONS["jit by numpy"])),
        strict=True,
    ):
        np.testing.assert_array_max_ulp(np.asarray(a), np.asarray(b), 2)


@pytest.mark.parametrize("nesting", NESTINGS)
def test_checkpoint_has_the_bits_of_the_function(nesting):
    transform, _ = NESTINGS[nesting]
    for a, b in zip(
        tree.leaves(transform(plain)), tree.leaves(transform(FUNCTIONS["checkpoint"])), strict=True
    ):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


@pytest.mark.parametrize("nesting", {**DEPTH_1, "grad of vmap": 0, "vmap of grad": 0, "hvp": 0})
def test_a_black_box_is_differentiated_by_differences(nesting):
    transform, expected = NESTINGS[nesting]
    box = wf.numeric_primitive(lambda x, y: np.float64(float(np.sin(x)) * float(y)))

    def exact(x, y):  # in float64, whatever came in
        return box(x * np.float64(1), y * np.float64(1))

    found = transform(exact)
    tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4), found, expected)


@pytest.mark.parametrize("nesting", NESTINGS)
def test_eval_shape_knows_the_shapes(nesting):
    transform, _ = NESTINGS[nesting]
    found = transform(plain)
    shapes = wf.eval_shape(lambda one: transform(lambda x, y: plain(x, y) * one), np.float32(1))
    assert [s.shape for s in tree.leaves(shapes)] == [np.shape(a) for a in tree.leaves(found)]


def test_an_exception_inside_leaves_no_level_behind():
    def fails(x):
        wf.vmap(lambda y: wf.grad(lambda z: 1 / 0)(y))(x)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            wf.grad(fails)(np.ones(2))
    assert float(wf.grad(wf.grad(lambda x: x**3))(2.0)) == 12.0
