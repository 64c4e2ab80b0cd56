import math

import numpy as np
import pytest

from wonderland import functional as wf

X = np.array([1.0, 2.0, 3.0])


def black_box(x, y):
    assert type(x) is np.ndarray
    return {"z": np.array([math.sin(v) for v in x]) * float(y), "n": np.array(len(x))}


box = wf.numeric_primitive(black_box)


def test_called_with_arrays_it_is_the_function():
    assert box(X, 2.0)["n"] == 3


def test_both_modes_agree_exactly_and_are_close_to_the_derivative():
    y, v, g = np.float64(2.0), np.ones(3), np.array([1.0, -1.0, 0.5])
    jx, jy = np.diag(2 * np.cos(X)), np.sin(X)
    _, dout = wf.jvp(box, (X, y), (v, np.float64(1.0)))
    np.testing.assert_allclose(dout["z"], jx @ v + jy, rtol=1e-8)
    _, pull = wf.vjp(box, X, y)
    gx, gy = pull({"z": g, "n": np.array(0)})
    np.testing.assert_allclose(gx, jx @ g, rtol=1e-8)
    assert gx @ v + gy == pytest.approx(g @ dout["z"], rel=1e-14)


def test_second_derivatives_are_differences_of_differences():
    cube = wf.numeric_primitive(lambda x: x**3, step=1e-4)
    assert wf.grad(wf.grad(cube))(np.float64(2.0)) == pytest.approx(12.0, rel=1e-4)
    assert wf.hessian(lambda x: cube(x).sum())(X) == pytest.approx(np.diag(6 * X), abs=1e-3)


def test_vmap_is_a_loop():
    rows = wf.vmap(wf.grad(lambda x, y: box(x, y)["z"].sum()), (0, None))(np.stack([X, 2 * X]), 1.0)
    np.testing.assert_allclose(rows, [np.cos(X), np.cos(2 * X)], rtol=1e-8)
    total = wf.grad(lambda x: wf.vmap(lambda x: box(x, 1.0)["z"])(x).sum())(np.stack([X, 2 * X]))
    np.testing.assert_allclose(total, rows, rtol=1e-8)


def test_it_takes_a_function():
    with pytest.raises(TypeError, match="numeric_primitive: it takes a function but got int"):
        wf.numeric_primitive(3)
