import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.errors import NotDifferentiableError

X = np.array([0.5, 1.0, 2.0])
W = np.arange(6.0).reshape(2, 3) / 5


def close(a, b):
    assert wf.tree.structure(a) == wf.tree.structure(b)
    for x, y in zip(wf.tree.leaves(a), wf.tree.leaves(b), strict=True):
        assert np.shape(x) == np.shape(y)
        np.testing.assert_allclose(x, y, rtol=1e-10)


@pytest.mark.parametrize("jacobian", [wf.jacfwd, wf.jacrev, wf.jacobian])
def test_a_jacobian_has_the_outputs_shape_first(jacobian):
    close(jacobian(lambda x: np.sin(W @ x))(X), np.cos(W @ X)[:, None] * W)
    expected = np.einsum("ij,kl->ijkl", np.eye(2), np.eye(3)) * 2
    close(jacobian(lambda w: 2 * w)(W), expected.transpose(0, 2, 1, 3))
    close(jacobian(lambda x: x.sum())(X), np.ones(3))
    close(jacobian(lambda x: x * X)(np.float64(2.0)), X)


@pytest.mark.parametrize("jacobian", [wf.jacfwd, wf.jacrev])
def test_a_jacobian_of_pytrees_has_the_outputs_structure_outside(jacobian):
    def f(p):
        return {"y": p["a"] * X, "s": [p["b"].sum()]}

    p = {"a": np.float64(2.0), "b": W}
    close(
        jacobian(f)(p),
        {
            "y": {"a": X, "b": np.zeros((3, 2, 3))},
            "s": [{"a": np.float64(0), "b": np.ones((2, 3))}],
        },
    )


@pytest.mark.parametrize("jacobian", [wf.jacfwd, wf.jacrev])
def test_several_arguments_and_aux(jacobian):
    def f(w, x, scale=1.0):
        return scale * (w @ x), x.sum()

    (dw, dx), aux = jacobian(f, argnums=(0, -1), has_aux=True)(W, X, scale=2.0)
    close(dx, 2 * W)
    close(dw, 2 * np.einsum("ij,k->ijk", np.eye(2), X))
    assert aux == 3.5


def test_both_modes_agree_bit_for_bit_where_there_is_no_sum():
    assert wf.jacfwd(np.tanh)(X).tobytes() == wf.jacrev(np.tanh)(X).tobytes()


def test_hessians():
    matrix = np.arange(9.0).reshape(3, 3)
    close(wf.hessian(lambda x: x @ matrix @ x)(X), matrix + matrix.T)
    close(wf.hessian(lambda x: (x**3).sum())(X), np.diag(6 * X))
    h, aux = wf.hessian(lambda x: ((x**3).sum(), x), has_aux=True)(X)
    close((h, aux), (np.diag(6 * X), X))


def test_a_hessian_of_two_arguments_is_a_block_matrix():
    def f(x, y):
        return (x * x * y).sum()

    y = 3 * X
    blocks = wf.hessian(f, (0, 1))(X, y)
    close(blocks, ((np.diag(2 * y), np.diag(2 * X)), (np.diag(2 * X), np.zeros((3, 3)))))


def test_hvp_is_the_hessian_times_a_vector():
    def f(p):
        return (np.sin(p["x"]) * p["y"]).sum()

    p, v = {"x": X, "y": 2 * X}, {"x": np.ones(3), "y": X}
    close(
        wf.hvp(f, p, v),
        {"x": -np.sin(X) * 2 * X + np.cos(X) * X, "y": np.cos(X)},
    )
    close(wf.hvp(lambda x, y: (x * y).sum(), (X, X), (X, 2 * X)), (2 * X, X))


def test_a_hessian_is_symmetric_and_float32_stays_float32():
    x = X.astype(np.float32)
    h = wf.hessian(lambda x: np.log(np.exp(x).sum()))(x)
    assert h.dtype == np.float32
    np.testing.assert_allclose(h, h.T, rtol=1e-6)


def test_a_jacobian_of_what_is_no_array_is_refused():
    with pytest.raises(
        TypeError, match=r"jacrev: .* must be arrays and numbers, but a leaf is str"
    ):
        wf.jacrev(lambda x: x)("text")
    with pytest.raises(ValueError, match="jacfwd: argnums is 2 but the function got 1"):
        wf.jacfwd(lambda x: x, 2)(X)


@pytest.mark.parametrize("name", ["jacfwd", "jacrev", "hessian"])
def test_a_derivative_by_integers_is_refused(name):
    with pytest.raises(
        NotDifferentiableError, match=rf"{name}: argument 0 is int64\[3\], and only"
    ):
        getattr(wf, name)(lambda x: (x * 1.0).sum())(np.arange(3))
