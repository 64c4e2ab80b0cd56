import math

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.nn.classification import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_div,
    nll_loss,
)

x = np.array([[1.0, -0.5, 2.0], [0.3, 0.2, 0.1], [-1.0, 0.0, 1.5], [2.0, 2.0, -3.0]])
labels = np.array([2, 0, 1, 1])
weight = np.array([0.5, 2.0, 1.0])
log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
rows = -log_p[np.arange(4), labels]


def test_labels_that_are_no_integers():
    text = (
        r"cross_entropy: the target float\d+\[4\] has no class axis beside the logits "
        r"float\d+\[4,3\] \(classes last\), so it holds labels, .* convert it with astype\(int\)"
    )
    with pytest.raises(TypeError, match=text):
        cross_entropy(x, labels.astype(float))


def test_cross_entropy_of_labels_by_reduction():
    assert np.allclose(cross_entropy(x, labels, reduction="none"), rows)
    assert np.isclose(cross_entropy(x, labels, reduction="sum"), rows.sum())
    assert np.isclose(cross_entropy(x, labels), rows.mean())


def test_ignored_labels_count_neither_above_nor_below_the_line():
    some = np.array([2, -100, 1, -100])
    assert np.isclose(cross_entropy(x, some), (rows[0] + rows[2]) / 2)
    assert np.isclose(cross_entropy(x, np.array([0, 0, 1, 1]), ignore_index=0), rows[2:].mean())
    g = wf.grad(cross_entropy)(x, some)
    assert np.all(g[[1, 3]] == 0) and np.any(g[0] != 0)


def test_class_weights_divide_by_the_total_weight():
    w = weight[labels]
    assert np.isclose(cross_entropy(x, labels, weight), (w * rows).sum() / w.sum())
    assert np.allclose(cross_entropy(x, labels, weight, reduction="none"), w * rows)
    some = np.array([2, -100, 1, -100])
    w = weight[[2, 1]]
    assert np.isclose(cross_entropy(x, some, weight), (w * rows[[0, 2]]).sum() / w.sum())


@pytest.mark.parametrize("w", [None, weight])
def test_label_smoothing_is_cross_entropy_of_smoothed_probabilities(w):
    s, ones = 0.2, np.ones(3) if w is None else w
    even = -(log_p * ones).sum(1) / 3
    own = ones[labels] * rows
    wanted = ((1 - s) * own + s * even).sum() / ones[labels].sum()
    assert np.isclose(cross_entropy(x, labels, w, label_smoothing=s), wanted)


def test_smoothing_leaves_ignored_labels_out():
    some = np.array([2, -100, 1, 1])
    kept = cross_entropy(x[[0, 2, 3]], some[[0, 2, 3]], label_smoothing=0.1)
    assert np.isclose(cross_entropy(x, some, label_smoothing=0.1), kept)


def test_probabilities_as_targets():
    q = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.4, 0.4, 0.2]])
    assert np.isclose(cross_entropy(x, q), -(q * log_p).sum(1).mean())
    assert np.isclose(cross_entropy(x, q, weight), -(q * weight * log_p).sum(1).mean())
    smooth = 0.7 * q + 0.3 / 3
    assert np.isclose(cross_entropy(x, q, label_smoothing=0.3), -(smooth * log_p).sum(1).mean())


@pytest.mark.parametrize("loss", [cross_entropy, nll_loss])
def test_the_class_axis_is_the_second_of_several(loss):
    image = np.moveaxis(np.stack([x, x[::-1]]), 2, 1)  # (N, C, length)
    both = np.stack([labels, labels[::-1]])
    assert image.shape == (2, 3, 4)
    assert np.isclose(loss(image, both), loss(x, labels))
    assert loss(image, both, reduction="none").shape == (2, 4)
    assert np.isclose(loss(x[0], labels[0]), loss(x[:1], labels[:1]))


def test_nll_after_log_softmax_is_cross_entropy():
    assert np.isclose(nll_loss(log_p, labels), cross_entropy(x, labels))
    assert np.isclose(nll_loss(log_p, labels, weight), cross_entropy(x, labels, weight))


def test_the_gradient_is_the_softmax_less_the_label():
    g = wf.grad(cross_entropy)(x, labels)
    assert np.allclose(g, (np.exp(log_p) - np.eye(3)[labels]) / 4)


def test_per_sample_gradients_by_vmap_are_the_loop():
    per_sample = wf.vmap(wf.grad(cross_entropy))(x[:, None], labels[:, None])
    loop = [wf.grad(cross_entropy)(x[i : i + 1], labels[i : i + 1]) for i in range(4)]
    assert np.allclose(per_sample, loop)


def test_a_label_out_of_range_is_named():
    with pytest.raises(ValueError, match=r"label 3 at \(1,\) is out of range for 3 classes"):
        cross_entropy(x[:2], np.array([0, 3]))
    with pytest.raises(ValueError, match=r"pick_label: label -1 at \(0,\) is out of range"):
        nll_loss(log_p[:1], np.array([-1]))


def test_other_bad_input():
    with pytest.raises(ValueError, match=r"cross_entropy: one label .* target: \(3,\)\)"):
        cross_entropy(x, labels[:3])
    with pytest.raises(TypeError, match="nll_loss: labels are integers, but the target is float64"):
        nll_loss(log_p, x[:, 0])
    with pytest.raises(ValueError, match=r"one weight is needed per class \(weight: \(2,\), cl"):
        cross_entropy(x, labels, weight[:2])


p = np.array([0.2, 0.9, 0.5])
y = np.array([0.0, 1.0, 0.3])
bce = -(y * np.log(p) + (1 - y) * np.log(1 - p))


def test_binary_cross_entropy():
    assert np.allclose(binary_cross_entropy(p, y, reduction="none"), bce)
    assert np.isclose(binary_cross_entropy(p, y), bce.mean())
    assert np.isclose(binary_cross_entropy(p, y, weight), (weight * bce).mean())


def test_binary_cross_entropy_of_certainty_is_cut_at_100():
    sure = np.array([0.0, 1.0])
    assert binary_cross_entropy(sure, sure).item() == 0.0
    assert binary_cross_entropy(sure, 1 - sure).item() == 100.0
    assert np.all(np.isfinite(wf.grad(binary_cross_entropy)(sure, 1 - sure)))


def test_binary_cross_entropy_with_logits():
    logits = np.log(p / (1 - p))
    assert np.isclose(binary_cross_entropy_with_logits(logits, y), bce.mean())
    weighted = -(3 * y * np.log(p) + (1 - y) * np.log(1 - p))
    found = binary_cross_entropy_with_logits(logits, y, pos_weight=np.array(3.0))
    assert np.isclose(found, weighted.mean())
    far = np.array([-1000.0, 1000.0])
    assert binary_cross_entropy_with_logits(far, np.array([0.0, 1.0])).item() == 0.0
    assert binary_cross_entropy_with_logits(far, np.array([1.0, 0.0])).item() == 1000.0


def test_kl_div():
    q = np.array([[0.2, 0.8, 0.0], [0.5, 0.25, 0.25]])
    a = np.log(np.array([[0.3, 0.3, 0.4], [0.1, 0.1, 0.8]]))
    entries = [
        [t * (math.log(t) - v) if t else 0.0 for t, v in zip(*pair, strict=True)]
        for pair in zip(q, a, strict=True)
    ]
    assert np.allclose(kl_div(a, q, "none"), entries)
    assert np.isclose(kl_div(a, q), np.mean(entries))
    assert np.isclose(kl_div(a, q, "batchmean"), np.sum(entries) / 2)
    assert np.isclose(kl_div(a[1:], np.log(q[1:]), "sum", log_target=True), np.sum(entries[1]))
    assert np.all(np.isfinite(wf.grad(lambda q: kl_div(a, q))(q)))
