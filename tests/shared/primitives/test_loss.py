import numpy as np
import pytest

from wonderland.shared.primitives.labels import label_mask, pick_label, place_label
from wonderland.shared.primitives.loss import cross_entropy, mse, surplus
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -1.0], [0.1, 0.2, 0.4], [3.0, -1.0, 0.0]])
y = np.array([[0.5, 0.1, 1.0], [-0.7, 0.2, 1.5], [0.3, 0.9, -0.4], [1.0, 1.0, 0.5]])
labels = np.array([2, 0, -100, 1])
stack = np.stack([x[:2], y[:2]])
NONE = None


def log_softmax(x):
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def one_hot(labels, classes):
    return (labels[..., None] == np.arange(classes)).astype(float)


def exact_cross_entropy(x, labels, *, ignore_index, kept):
    rows = -(one_hot(labels, x.shape[-1]) * log_softmax(x)).sum(-1)
    if kept is None:
        return rows
    axes = tuple(range(kept, labels.ndim))
    n = (labels != ignore_index).sum(axes)
    return np.where(n, rows.sum(axes) / np.maximum(n, 1), np.nan)


def exact_surplus(x, labels, *, ignore_index, kept):
    counted = one_hot(labels, x.shape[-1]).sum(-1, keepdims=True)
    z = (np.exp(log_softmax(x)) - one_hot(labels, x.shape[-1])) * counted
    if kept is None:
        return z
    return z / np.maximum(counted.sum(tuple(range(kept, x.ndim)), keepdims=True), 1)


def exact_pick(x, labels, *, ignore_index):
    return (one_hot(labels, x.shape[-1]) * x).sum(-1)


def exact_place(x, labels, *, classes, ignore_index):
    return one_hot(labels, classes) * x[..., None]


def exact_mse(x, y, *, axis):
    n = x.size // max(np.sum(x, axis).size, 1)
    return np.sum((x - y) ** 2, axis) / n if n else np.full(np.sum(x, axis).shape, np.nan)


def row(primitive, x, labels, reference, label="", **static):
    return Sample(primitive, x, labels, reference=reference, dtypes="f", label=label, **static)


ROWS = [
    Sample(mse, x, y, reference=exact_mse, dtypes="f", axis=(0, 1)),
    Sample(mse, x, y, reference=exact_mse, dtypes="f", axis=(1,), label="rows"),
    *[
        row(primitive, *given, reference, f"{label}, kept {kept}", ignore_index=ignore, kept=kept)
        for primitive, reference in ((cross_entropy, exact_cross_entropy), (surplus, exact_surplus))
        for label, *given, ignore, kept in (
            ("rows", x, labels, -100, None),
            ("rows", x, labels, -100, 0),
            ("none ignored", x[:2], labels[:2], None, None),
            ("none ignored", x[:2], labels[:2], None, 0),
            ("stack", stack, labels[[[0, 1], [3, 2]]], -100, None),
            ("stack", stack, labels[[[0, 1], [3, 2]]], -100, 1),
        )
    ],
    row(pick_label, x, labels, exact_pick, ignore_index=-100),
    row(place_label, x[:, 0], labels, exact_place, classes=3, ignore_index=-100),
    Sample(label_mask, labels, reference=lambda labels, **_: np.ones(4), label="none ignored",
           ignore_index=None, dtype=np.dtype(np.float64)),
    Sample(label_mask, labels, reference=lambda labels, **_: (labels != -100).astype(float),
           ignore_index=-100, dtype=np.dtype(np.float32)),
]  # fmt: skip


@pytest.mark.parametrize("primitive", [cross_entropy, surplus, pick_label])
@pytest.mark.parametrize("wrong", [3, -1])
def test_a_label_out_of_range_is_named_with_its_place(primitive, wrong):
    text = rf"{primitive.name}: label {wrong} at \(1,\) is out of range for 3 classes; labels run "
    with pytest.raises(ValueError, match=text + r"from 0 to 2 \(labels: \(2,\)\)"):
        statics = {} if primitive is pick_label else {"kept": 0}
        primitive(x[:2], np.array([0, wrong]), ignore_index=-100, **statics)


def test_the_index_to_ignore_may_be_a_class():
    z = cross_entropy(x[:2], np.array([1, 2]), ignore_index=1, kept=None)
    assert z[0] == 0.0 and z[1] > 0.0
    with pytest.raises(ValueError, match=r"label 5 at \(1,\) is out of range"):
        cross_entropy(x[:2], np.array([1, 5]), ignore_index=1, kept=None)


def test_the_mean_of_no_labels_is_nan_with_derivative_zero():
    none = np.array([-100, -100])
    (z,), pull = vjp(lambda x: [cross_entropy(x, none, ignore_index=-100, kept=0)], [x[:2]])
    assert np.isnan(z) and not pull([np.float64(1)])[0].any()
    assert np.isnan(cross_entropy(x[:0], none[:0], ignore_index=-100, kept=0))


def test_labels_of_any_integer_dtype():
    wanted = cross_entropy(x[:2], np.array([2, 0]), ignore_index=None, kept=None)
    for dtype in (np.int8, np.uint8, np.int32, np.uint64):
        given = np.array([2, 0], dtype)
        assert np.array_equal(cross_entropy(x[:2], given, ignore_index=None, kept=None), wanted)


def test_an_ignored_row_with_infinities_has_derivative_zero():
    rows = np.array([[np.inf, 0.0], [1.0, 2.0]])
    with np.errstate(invalid="ignore"):
        (z,), pull = vjp(
            lambda x: [cross_entropy(x, np.array([-100, 0]), ignore_index=-100, kept=None)], [rows]
        )
        (g,) = pull([np.ones(2)])
    assert z[0] == 0.0 and g[0].tolist() == [0.0, 0.0]


def test_float_labels_are_refused():
    with pytest.raises(TypeError, match="cross_entropy: labels are integers, but these are float"):
        cross_entropy(x, y[:, 0], ignore_index=None, kept=None)


def test_one_label_per_row():
    text = r"one label is needed for each row of x \(x: \(4, 3\), labels: \(3,\)\)"
    with pytest.raises(ValueError, match=text):
        cross_entropy(x, labels[:3], ignore_index=-100, kept=None)
    with pytest.raises(ValueError, match=r"place_label: one value per label \(x: \(2,\), labels"):
        place_label(x[:2, 0], labels, classes=3, ignore_index=-100)


def test_mse_of_different_shapes_is_refused():
    with pytest.raises(ValueError, match=r"mse: .* different shapes \(x: \(4, 3\), y: \(3,\)\)"):
        mse(x, y[0], axis=(0, 1))


def test_mse_of_nothing_is_nan():
    assert np.isnan(mse(np.ones((0, 2)), np.ones((0, 2)), axis=(0, 1)))


def test_mse_of_halves_does_not_overflow():
    big = np.full(200, 100, np.float16)
    z = mse(big, np.zeros_like(big), axis=(0,))
    assert z == 10000 and z.dtype == np.float16


def test_in_the_decomposition_a_wrong_label_gives_nan():
    wrong = np.array([2, 3, -100, -1])
    z = cross_entropy.decomposition(x, wrong, ignore_index=-100, kept=None)
    assert np.isnan(z).tolist() == [False, True, False, True] and z[2] == 0.0
    rows = surplus.decomposition(x, wrong, ignore_index=-100, kept=None)
    assert np.isnan(rows).any(1).tolist() == [False, True, False, True] and not rows[2].any()
