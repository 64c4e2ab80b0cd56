from functools import partial

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared import tree

X = np.array([0.5, 1.5, 2.0])


def close(a, b):
    tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6), a, b)


# ---- pytrees, and arguments that are not differentiated


@wf.custom_jvp
def scaled(p, y):
    """{"z": w y + b, "n": how often}: pytrees in and out, an integer among the results."""
    return {"z": p["w"] * y + p["b"], "n": np.array(3)}


@scaled.defjvp
def scaled_rule(primals, tangents):
    (p, y), (dp, dy) = primals, tangents
    out = scaled(p, y)
    return out, {"z": dp["w"] * y + p["w"] * dy + dp["b"], "n": 0}


scaled_vjp = wf.custom_vjp(lambda p, y: scaled.fun(p, y))
scaled_vjp.defvjp(
    lambda p, y: (scaled_vjp(p, y), (p, y)),
    lambda r, gz: (
        {"w": (gz["z"] * r[1]).sum(), "b": gz["z"].sum()},
        gz["z"] * r[0]["w"],
    ),
)
P = {"w": np.float64(2.0), "b": np.float64(-1.0)}


@pytest.mark.parametrize("f", [scaled, scaled_vjp, wf.checkpoint(scaled.fun)])
def test_pytrees_go_in_and_out(f):
    def loss(p, y):
        out = f(p, y)
        assert out["n"].dtype.kind == "i"
        return (out["z"] ** 2).sum()

    z = 2 * X - 1
    expected = ({"w": (2 * z * X).sum(), "b": (2 * z).sum()}, 4 * z)
    close(wf.grad(loss, (0, 1))(P, X), expected)
    close(wf.jvp(loss, (P, X), (P, X))[1], 2 * expected[0]["w"] - expected[0]["b"] + 4 * z @ X)
    rows = wf.vmap(wf.grad(loss, (0, 1)), (None, 0))(P, np.stack([X, 2 * X]))
    close(tree.map(lambda a: a[0], rows), expected)
    hessian = wf.hessian(loss, 1)(P, X)
    close(hessian, 8 * np.eye(3))


@pytest.mark.parametrize("kind", [wf.custom_jvp, wf.custom_vjp])
def test_arguments_outside_of_the_derivative_come_first_in_the_rules(kind):
    @partial(kind, nondiff_argnums=(1, 2))
    def power(x, n, note):
        assert note == "note"
        return x**n

    def jvp(n, note, primals, tangents):
        (x,), (dx,) = primals, tangents
        return power(x, n, note), n * x ** (n - 1) * dx

    if kind is wf.custom_jvp:
        power.defjvp(jvp)
    else:
        power.defvjp(
            lambda x, n, note: (power(x, n, note), x),
            lambda n, note, x, gz: (n * x ** (n - 1) * gz,),
        )
    assert wf.grad(power)(2.0, 3, "note") == 12.0
    assert wf.grad(power)(2.0, n=3, note="note") == 12.0
    assert wf.jvp(lambda x: power(x, 3, "note"), (2.0,), (1.0,))[1] == 12.0
    assert wf.grad(wf.grad(lambda x: power(x, 3, "note")))(2.0) == 12.0
    close(wf.vmap(wf.grad(lambda x: power(x, 3, "note")))(X), 3 * X**2)


def test_defaults_and_keywords_find_their_places():
    @wf.custom_jvp
    def f(x, y=3.0):
        return x * y

    f.defjvp(lambda p, t: (f(*p), 10 * t[0]))
    assert wf.grad(lambda x: f(x, y=2.0))(1.0) == 10.0
    assert wf.grad(lambda x: f(y=2.0, x=x))(1.0) == 10.0
    assert f(2.0) == 6.0

    g = wf.custom_jvp(lambda x, *, y: x)
    g.defjvp(lambda p, t: (g(*p), t[0]))
    with pytest.raises(TypeError, match="y can be given by keyword only"):
        wf.grad(lambda x: g(x, y=1.0))(1.0)


def test_a_custom_function_may_be_a_method():
    class Model:
        @partial(wf.custom_jvp, nondiff_argnums=(0,))
        def f(self, x):
            return x

        f.defjvp(lambda self, p, t: (p[0], 7 * t[0]))

    assert wf.grad(Model().f)(1.0) == 7.0
    assert isinstance(Model.f, wf.custom_jvp)


def test_none_is_a_cotangent_of_zero():
    f = wf.custom_vjp(lambda x, p: x * p["a"])
    f.defvjp(lambda x, p: (f(x, p), p), lambda p, gz: (gz * p["a"], {"a": None}))
    gx, gp = wf.grad(f, (0, 1))(2.0, {"a": 3.0})
    assert (gx, gp["a"]) == (3.0, 0.0)
    assert wf.jvp(f, (2.0, {"a": 3.0}), (0.0, {"a": 1.0}))[1] == 0.0
    g = wf.custom_vjp(lambda x, p: x * p["a"])
    g.defvjp(lambda x, p: (g(x, p), p), lambda p, gz: (gz * p["a"], None))
    assert wf.grad(g, 1)(2.0, {"a": 3.0}) == {"a": 0.0}


def test_defjvps_may_leave_arguments_out():
    f = wf.custom_jvp(lambda x, y: x * y)
    f.defjvps(lambda dx, z, x, y: 5 * dx, None)
    assert wf.grad(f, (0, 1))(2.0, 3.0) == (5.0, 0.0)
    g = wf.custom_jvp(lambda x: x)
    g.defjvps(None)
    assert wf.grad(g)(2.0) == 0.0


def test_the_rule_is_used_and_not_the_function():
    f = wf.custom_vjp(lambda x: x)
    f.defvjp(lambda x: (x, None), lambda r, gz: (np.clip(gz, -1, 1),))  # to clip gradients
    assert wf.grad(lambda x: 100 * f(x))(2.0) == 1.0
    assert wf.jvp(f, (2.0,), (1.0,))[1] == 1.0


def test_float32_stays_float32():
    x = np.ones(2, np.float32)
    for f in (scaled, scaled_vjp):
        p = tree.map(np.float32, P)
        gradient = wf.grad(lambda p, f=f: f(p, x)["z"].sum())(p)
        assert {g.dtype for g in tree.leaves(gradient)} == {np.dtype(np.float32)}


def test_complex_numbers_pass_in_both_modes():
    z = np.complex128(0.3 + 0.4j)
    f = wf.custom_jvp(np.exp)
    f.defjvp(lambda p, t: (f(p[0]), np.exp(p[0]) * t[0]))
    g = wf.custom_vjp(np.exp)
    g.defvjp(lambda z: (np.exp(z), np.exp(z)), lambda r, gz: (r * gz,))
    for h in (f, g):
        close(wf.grad(h, holomorphic=True)(z), np.exp(z))
        close(wf.jvp(h, (z,), (1j * z,))[1], np.exp(z) * 1j * z)


# ---- under vmap


def test_what_a_batch_shares_gets_the_sum():
    f = wf.custom_vjp(lambda x, w: x * w)
    f.defvjp(lambda x, w: (x * w, (x, w)), lambda r, gz: (gz * r[1], gz * r[0]))

    def total(w):
        return wf.vmap(f, (0, None))(X, w).sum()

    close(wf.grad(total)(2.0), X.sum())
    close(wf.vmap(wf.grad(total))(X), np.full(3, X.sum()))


def test_a_constant_cotangent_is_added_once_per_element():
    f = wf.custom_vjp(lambda x, w: x)
    f.defvjp(lambda x, w: (x, None), lambda r, gz: (gz, np.float64(1.0)))
    gradient = wf.grad(lambda w: wf.vmap(f, (0, None))(X, w).sum())(np.float64(2.0))
    assert gradient == 3.0


def test_results_that_do_not_depend_on_the_batch():
    f = wf.custom_jvp(lambda x, w: (x * w, w))
    f.defjvp(lambda p, t: (f(*p), (p[0] * t[1] + t[0] * p[1], t[1])))
    a, b = wf.vmap(f, (0, None))(X, 2.0)
    assert a.shape == b.shape == (3,)
    close(wf.grad(lambda w: sum(z.sum() for z in wf.vmap(f, (0, None))(X, w)))(2.0), X.sum() + 3)


# ---- what is refused


@pytest.fixture
def unary():
    f = wf.custom_jvp(lambda x: x)
    g = wf.custom_vjp(lambda x: x)
    return f, g


def test_without_a_rule(unary):
    for f, how in zip(unary, (r"defjvp\(rule\)", r"defvjp\(fwd, bwd\)"), strict=True):
        assert f(2.0) == 2.0
        with pytest.raises(TypeError, match=f"no rule yet; declare it with {how}"):
            wf.grad(f)(2.0)


def test_rules_that_return_something_else(unary):
    f, g = unary
    f.defjvp(lambda p, t: t[0])
    with pytest.raises(
        TypeError, match=r"the rule returns \(out, dout\), but it returned float32\[3\]"
    ):
        wf.jvp(f, (X.astype("f"),), (X.astype("f"),))
    f.defjvp(lambda p, t: (p[0], (t[0], t[0])))
    with pytest.raises(ValueError, match="a leaf is needed there, but it is a tuple"):
        wf.jvp(f, (X,), (X,))
    f.defjvp(lambda p, t: (p[0], t[0][:2]))
    with pytest.raises(TypeError, match=r"the rule gave float64\[2\] for float64\[3\]"):
        wf.jvp(f, (X,), (X,))
    g.defvjp(lambda x: x, lambda r, gz: (gz,))
    with pytest.raises(TypeError, match=r"fwd returns \(out, residuals\), but it returned"):
        wf.grad(lambda x: g(x).sum())(X)
    g.defvjp(lambda x: (x, None), lambda r, gz: gz)
    with pytest.raises(TypeError, match="one cotangent per argument, 1, but it returned a ndarray"):
        wf.grad(lambda x: g(x).sum())(X)
    g.defvjp(lambda x: (x, None), lambda r, gz: (gz, gz))
    with pytest.raises(TypeError, match="one cotangent per argument, 1, but it returned 2"):
        wf.grad(lambda x: g(x).sum())(X)
    g.defvjp(lambda x: (x, None), lambda r, gz: (gz[:2],))
    with pytest.raises(ValueError, match=r"bwd gave \(2,\) for argument 0 of shape \(3,\)"):
        wf.grad(lambda x: g(x).sum())(X)


def test_a_cotangent_of_another_structure_names_the_place():
    f = wf.custom_vjp(lambda p: p["a"] * p["b"][0])
    f.defvjp(lambda p: (f(p), p), lambda p, gz: ({"a": gz, "b": gz},))
    with pytest.raises(ValueError, match="custom_vjp of <lambda>: structures differ at 'b'"):
        wf.grad(f)({"a": 1.0, "b": [2.0]})


def test_a_leaf_that_is_no_array(unary):
    f = wf.custom_jvp(lambda x, how: x)
    f.defjvp(lambda p, t: (p[0], t[0]))
    with pytest.raises(
        TypeError, match=r"argument 1\.a is str, but only arrays and numbers .* nondiff_argnums"
    ):
        wf.grad(f)(1.0, {"a": "fast"})


@pytest.mark.parametrize("transform", ["grad", "jvp", "vmap", "grad of vmap"])
@pytest.mark.parametrize("kind", [wf.custom_jvp, wf.custom_vjp])
def test_a_traced_value_that_is_no_argument_is_refused(kind, transform):
    def outer(x):
        f = kind(lambda y: y * x)
        if kind is wf.custom_jvp:
            f.defjvp(lambda p, t: (f(*p), t[0] * x))
        else:
            f.defvjp(lambda y: (y * x, None), lambda r, gz: (gz * x,))
        return f(2 * x)

    message = r"uses a traced float64\[\d*\] that is no argument, .* pass it as an argument"
    with pytest.raises(TypeError, match=message):
        {
            "grad": lambda: wf.grad(outer)(np.float64(1.0)),
            "jvp": lambda: wf.jvp(outer, (np.float64(1.0),), (np.float64(1.0),)),
            "vmap": lambda: wf.vmap(outer)(X),
            "grad of vmap": lambda: wf.grad(lambda x: wf.vmap(outer)(x).sum())(X),
        }[transform]()


def test_a_traced_value_kept_only_for_the_way_back_is_refused():
    def outer(x):
        f = wf.custom_vjp(lambda y: y * 1)
        f.defvjp(lambda y: (y * 1, x), lambda r, gz: (gz * r,))
        return f(2 * x)

    with pytest.raises(TypeError, match="pass it as an argument"):
        wf.grad(outer)(1.0)


@pytest.mark.parametrize("kind", [wf.custom_jvp, wf.custom_vjp])
def test_a_traced_value_of_an_outer_transform_is_welcome(kind):
    def outer(t):
        f = kind(lambda y: y * y * t)
        if kind is wf.custom_jvp:
            f.defjvp(lambda p, d: (f(*p), 2 * p[0] * d[0] * t))
        else:
            f.defvjp(lambda y: (f(y), y), lambda y, gz: (2 * y * gz * t,))
        return wf.grad(f)(3.0) ** 2  # (6 t)²

    assert wf.grad(outer)(2.0) == 72 * 2.0
