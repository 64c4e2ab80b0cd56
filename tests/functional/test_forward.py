import numpy as np
import pytest

from wonderland import functional as wf

X = np.array([1.0, 2.0, 3.0])


def close(a, b):
    wf.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6), a, b)


def test_jvp_of_pytrees():
    def f(p, y):
        return {"z": p["a"] * y, "n": np.arange(3)}

    out, dout = wf.jvp(f, ({"a": X}, 2 * X), ({"a": np.ones(3)}, X))
    close(out["z"], 2 * X * X)
    close(dout["z"], 2 * X + X * X)
    assert dout["n"].tolist() == [0, 0, 0]


def test_numbers_and_their_tangents():
    out, dout = wf.jvp(lambda x: x**2, (3.0,), (1.0,))
    assert (out, dout, dout.dtype) == (9.0, 6.0, np.float32)
    assert wf.jvp(lambda x: x * 1.0, (np.float64(3),), (2,))[1].dtype == np.float64
    assert wf.jvp(lambda n: n * 1.0, (3,), (1,))[1] == 0.0


def test_has_aux():
    out, dout, aux = wf.jvp(lambda x: (x * x, [x, "aux"]), (X,), (X,), has_aux=True)
    close((out, dout, aux[0]), (X * X, 2 * X * X, X))
    assert aux[1] == "aux"


def test_what_does_not_depend_on_the_argument_has_tangent_zero():
    assert wf.jvp(lambda x: np.ones(2), (X,), (X,))[1].tolist() == [0, 0]
    assert wf.jvp(wf.stop_gradient, (X,), (X,))[1].tolist() == [0, 0, 0]


def test_linearize_runs_the_function_once():
    count = []

    def f(x, y):
        count.append(1)
        return np.sin(x) * y, x.sum()

    (out, total), push = wf.linearize(f, X, 2 * X)
    close((out, total), (np.sin(X) * 2 * X, 6.0))
    for dx in (X, np.ones(3)):
        close(push(dx, 0 * X), (np.cos(X) * 2 * X * dx, dx.sum()))
    assert len(count) == 1


def test_linearize_is_right_where_it_starts_from_zeros():
    # rules that treat a cotangent of zero on their own would be replayed wrongly
    for f, slope in ((np.exp, np.exp(X)), (np.log, 1 / X), (np.sqrt, 0.5 / np.sqrt(X))):
        close(wf.linearize(f, X)[1](np.ones(3)), slope)


def test_a_hessian_at_the_minimum_of_least_squares():
    target = np.exp(X)
    hessian = wf.hessian(lambda x: ((np.exp(x) - target) ** 2).sum())(X)
    close(hessian, np.diag(2 * np.exp(X) ** 2))


BAD = [
    (
        lambda: wf.jvp(np.sin, X, X),
        TypeError,
        r"tuples .* but they are float64\[3\] and float64\[3\]; write jvp",
    ),
    (
        lambda: wf.jvp(np.sin, (X,), (X[:2],)),
        TypeError,
        r"leaf 0 is float64\[3\] and its tangent float64\[2\]",
    ),
    (lambda: wf.jvp(np.sin, (X,), (X.astype("f"),)), TypeError, r"and its tangent float32\[3\]"),
    (lambda: wf.jvp(np.sin, (X,), (1.0,)), TypeError, r"its tangent float64\[\]"),
    (
        lambda: wf.jvp(lambda p: p["a"], ({"a": X},), ({"b": X},)),
        ValueError,
        "jvp: the tangents: structures differ at '0': dict with keys",
    ),
    (
        lambda: wf.jvp(lambda p: p["a"], ({"a": X},), ({"a": (X, X)},)),
        ValueError,
        r"differ at '0\.a': a leaf is needed there",
    ),
    (lambda: wf.jvp(np.sin, (X,), (X, X)), ValueError, "structures differ"),
    (
        lambda: wf.jvp(lambda x: x, (X,), (X,), has_aux=True),
        TypeError,
        r"jvp: with has_aux=True .* it returned float64\[3\]",
    ),
    (lambda: wf.jvp(lambda x: "no", (X,), (X,)), TypeError, "jvp: .* returned a leaf of type str"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[row[2][:40] for row in BAD])
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
