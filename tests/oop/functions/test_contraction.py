import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop

rng = np.random.default_rng(0)
A, B = rng.standard_normal((2, 3)), rng.standard_normal((3, 4))
U, V = rng.standard_normal(3), rng.standard_normal(3)
BATCH, OTHER = rng.standard_normal((5, 2, 3)), rng.standard_normal((5, 3, 4))

CASES = {
    "matmul": (A, B, A @ B),
    "mm": (A, B, A @ B),
    "bmm": (BATCH, OTHER, BATCH @ OTHER),
    "mv": (A, U, A @ U),
    "dot": (U, V, U @ V),
    "vdot": (U, V, U @ V),
    "inner": (A, BATCH[0], np.inner(A, BATCH[0])),
    "outer": (U, V, np.outer(U, V)),
    "tensordot": (BATCH, B, None),
    "kron": (A, B, np.kron(A, B)),
}


@pytest.mark.parametrize("name", CASES)
def test_products(name):
    x, y, expected = CASES[name]
    if expected is None:
        expected = np.tensordot(x, y, 1)
        z = oop.tensordot(oop.tensor(x), oop.tensor(y), 1)
    else:
        z = getattr(oop, name)(oop.tensor(x), oop.tensor(y))
        np.testing.assert_allclose(getattr(oop.tensor(x), name)(oop.tensor(y)).numpy(), z.numpy())
    np.testing.assert_allclose(z.numpy(), expected)


def test_einsum_and_sums():
    a, b = oop.tensor(A, requires_grad=True), oop.tensor(B, requires_grad=True)
    z = oop.einsum("ij,jk->ik", a, b)
    assert np.allclose(z.detach().numpy(), A @ B)
    assert oop.equal(oop.einsum("ij,jk->ik", [a, b]), z)
    z.sum().backward()
    assert np.allclose(a.grad.numpy(), np.ones((2, 4)) @ B.T)
    ones = oop.ones(2, 4, dtype=oop.float64)
    assert np.allclose(ones.addmm(a, b, beta=2, alpha=3).detach().numpy(), 2 + 3 * A @ B)
    nan = ones * float("nan")
    assert np.allclose(oop.addmm(nan, a, b, beta=0).detach().numpy(), A @ B)
    assert np.allclose(oop.addmv(oop.zeros(2), a, oop.tensor(U)).detach().numpy(), A @ U)
    batch = oop.baddbmm(oop.zeros(1), oop.tensor(BATCH), oop.tensor(OTHER))
    assert np.allclose(batch.numpy(), BATCH @ OTHER)
    assert oop.trace(oop.tensor(A[:, :2])).item() == pytest.approx(np.trace(A[:, :2]))
    assert np.allclose(wf.vmap(oop.mv, in_axes=(None, 0))(A, BATCH[0]), BATCH[0] @ A.T)


def test_ranks_are_checked():
    with pytest.raises(ValueError, match=r"mm: operands with 2 and 2 axes are needed, .* \(3,\)"):
        oop.mm(oop.tensor(A), oop.tensor(U))
    with pytest.raises(ValueError, match="bmm: operands with 3 and 3 axes"):
        oop.tensor(A).bmm(oop.tensor(B))
