import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop

X = np.arange(24.0).reshape(2, 3, 4)

CASES = {
    "reshape": (lambda t: t.reshape(4, -1), X.reshape(4, 6)),
    "reshape of a tuple": (lambda t: t.reshape((24,)), X.ravel()),
    "view": (lambda t: t.view(6, 4), X.reshape(6, 4)),
    "view_as": (lambda t: t.view_as(oop.zeros(4, 6)), X.reshape(4, 6)),
    "flatten": (lambda t: t.flatten(1), X.reshape(2, 12)),
    "flatten to": (lambda t: t.flatten(0, 1), X.reshape(6, 4)),
    "unflatten": (lambda t: t.unflatten(2, (2, -1)), X.reshape(2, 3, 2, 2)),
    "ravel": (lambda t: t.ravel(), X.ravel()),
    "permute": (lambda t: t.permute(2, 0, 1), X.transpose(2, 0, 1)),
    "permute of a tuple": (lambda t: oop.permute(t, (2, 0, 1)), X.transpose(2, 0, 1)),
    "transpose": (lambda t: t.transpose(0, 1), X.swapaxes(0, 1)),
    "transpose as in NumPy": (lambda t: t.transpose(2, 0, 1), X.transpose(2, 0, 1)),
    "T": (lambda t: t.T, X.T),
    "mT": (lambda t: t.mT, X.swapaxes(1, 2)),
    "t": (lambda t: t[0].t(), X[0].T),
    "movedim": (lambda t: t.movedim(0, -1), np.moveaxis(X, 0, -1)),
    "squeeze": (lambda t: t[:1].squeeze(), X[0]),
    "squeeze one": (lambda t: t[:1].squeeze(0), X[0]),
    "squeeze none": (lambda t: t.squeeze(1), X),
    "unsqueeze": (lambda t: t.unsqueeze(-1), X[..., None]),
    "expand": (lambda t: t[:, :1].expand(-1, 5, 4), np.repeat(X[:, :1], 5, 1)),
    "expand with new axes": (lambda t: t.expand(2, 2, 3, 4), np.stack([X, X])),
    "expand_as": (lambda t: t[0].expand_as(t), np.stack([X[0], X[0]])),
    "broadcast_to": (lambda t: t[0].broadcast_to((2, 3, 4)), np.stack([X[0], X[0]])),
    "repeat": (lambda t: t[0].repeat(2, 1, 2), np.tile(X[0], (2, 1, 2))),
    "tile": (lambda t: t[0].tile(2), np.tile(X[0], 2)),
    "flip": (lambda t: t.flip(0, 2), X[::-1, :, ::-1]),
    "fliplr": (lambda t: t.fliplr(), np.fliplr(X)),
    "flipud": (lambda t: t.flipud(), np.flipud(X)),
    "roll": (lambda t: t.roll(1, 2), np.roll(X, 1, 2)),
    "rot90": (lambda t: t[0].rot90(), np.rot90(X[0])),
    "tril": (lambda t: t.tril(1), np.tril(X, 1)),
    "triu": (lambda t: t.triu(), np.triu(X)),
    "diagonal": (lambda t: t.diagonal(1, 1, 2), np.diagonal(X, 1, 1, 2)),
    "diag": (lambda t: t[0].diag(), np.diag(X[0])),
    "diag of a vector": (lambda t: t[0, 0].diag(), np.diag(X[0, 0])),
    "atleast_3d": (lambda t: oop.atleast_3d(t[0]), X[0][..., None]),
    "contiguous": (lambda t: t.permute(2, 0, 1).contiguous(), X.transpose(2, 0, 1)),
    "clone": (lambda t: t.T.clone(), X.T),
}


@pytest.mark.parametrize("name", CASES)
def test_shapes(name):
    function, expected = CASES[name]
    t = oop.tensor(X, requires_grad=True)
    z = function(t)
    np.testing.assert_array_equal(z.detach().numpy(), expected)
    (z * z).sum().backward()
    numbers = np.arange(24).reshape(X.shape)
    places = function(oop.tensor(numbers + 1)).numpy().ravel()
    counts = np.bincount(places[places > 0] - 1, minlength=24).reshape(X.shape)
    np.testing.assert_array_equal(t.grad.numpy(), 2 * X * counts)
    batched = wf.vmap(lambda x: function(oop.Tensor(x)).value)(np.stack([X, 2 * X]))
    np.testing.assert_array_equal(batched, np.stack([expected, 2 * expected]))


def test_functions_take_other_values():
    z = wf.vmap(lambda x: oop.flatten(oop.unsqueeze(x, 0)))(X)
    np.testing.assert_array_equal(z, X.reshape(2, 12))


def test_memory_layout():
    t = oop.zeros(2, 3)
    assert t.is_contiguous()
    assert not t.t().is_contiguous()
    assert t.t().contiguous().is_contiguous()
    assert t.contiguous() is t
    assert (t.stride(), t.element_size(), t.numel(), t.nelement()) == ((3, 1), 4, 6, 6)
    assert t.data_ptr() == t[0].data_ptr()


def test_meshgrid_and_broadcast_tensors():
    a, b = oop.meshgrid(oop.arange(2), oop.arange(3))
    x, y = np.meshgrid([0, 1], [0, 1, 2], indexing="ij")
    assert (a.tolist(), b.tolist()) == (x.tolist(), y.tolist())
    a, b = oop.meshgrid([oop.arange(2), oop.arange(3)], indexing="xy")
    assert (a.tolist(), b.tolist()) == (x.T.tolist(), y.T.tolist())
    a, b = oop.broadcast_tensors(oop.zeros(2, 1), oop.ones(3))
    assert a.shape == b.shape == (2, 3)


def test_questions():
    t = oop.zeros(2, 3)
    assert oop.is_tensor(t) and not oop.is_tensor(t.numpy())
    assert oop.is_floating_point(t) and not oop.is_complex(t)
    assert oop.numel(t) == 6
    assert (t.dim(), t.ndim, t.size(), t.size(1)) == (2, 2, (2, 3), 3)


def test_refusals():
    t = oop.zeros(2, 3)
    with pytest.raises(ValueError, match=r"t: a matrix is needed, but the input has 3 axes"):
        oop.zeros(1, 1, 1).t()
    with pytest.raises(ValueError, match=r"expand: \(2, 3\) cannot become \(3,\)"):
        t.expand(3)
    with pytest.raises(ValueError, match=r"repeat: 1 numbers for 2 axes"):
        t.repeat(2)
    with pytest.raises(ValueError, match=r"flatten: start_dim 1 comes after end_dim 0"):
        t.flatten(1, 0)
    with pytest.raises(IndexError, match=r"unsqueeze: dim 3 is out of range"):
        t.unsqueeze(3)
    with pytest.raises(TypeError, match=r"view: a shape is needed, .* x\.to\(dtype\)"):
        t.view(oop.int32)
