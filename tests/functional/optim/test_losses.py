import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import nn, optim

logits = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -1.0]])
labels = np.array([2, 0])
one_hot = np.eye(3)[labels]


def test_cross_entropy_of_labels_and_of_probabilities():
    rows = optim.softmax_cross_entropy_with_integer_labels(logits, labels)
    assert rows.shape == (2,)
    np.testing.assert_allclose(rows, optim.softmax_cross_entropy(logits, one_hot), rtol=1e-13)
    np.testing.assert_allclose(rows.mean(), nn.cross_entropy(logits, labels), rtol=1e-13)
    first = optim.softmax_cross_entropy_with_integer_labels(logits.T, labels, axis=0)
    np.testing.assert_array_equal(first, rows)
    first = optim.softmax_cross_entropy(logits.T, one_hot.T, axis=0)
    np.testing.assert_allclose(first, rows, rtol=1e-13)


def test_the_gradient_is_the_softmax_less_the_label():
    loss = lambda x: optim.softmax_cross_entropy_with_integer_labels(x, labels).sum()  # noqa: E731
    np.testing.assert_allclose(wf.grad(loss)(logits), nn.softmax(logits) - one_hot, rtol=1e-12)


def test_a_label_that_is_no_class():
    with pytest.raises(ValueError, match=r"label 3 at \(1,\) is out of range for 3 classes"):
        optim.softmax_cross_entropy_with_integer_labels(logits, np.array([0, 3]))


def test_l2_loss_is_half_the_square():
    assert optim.l2_loss(np.array([3.0])).tolist() == [4.5]
    assert optim.l2_loss(np.array([3.0]), np.array([1.0])).tolist() == [2.0]
    assert optim.squared_error(np.array([3.0]), np.array([1.0])).tolist() == [4.0]
    half = optim.l2_loss(np.ones(2, np.float32), np.zeros(2, np.float32))
    assert half.dtype == np.float32


def test_sigmoid_binary_cross_entropy():
    found = optim.sigmoid_binary_cross_entropy(logits, one_hot)
    p = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(found, -np.log(np.where(one_hot, p, 1 - p)), rtol=1e-12)
