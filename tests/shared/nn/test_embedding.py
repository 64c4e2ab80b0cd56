import numpy as np
import pytest

from wonderland.functional import grad, vmap
from wonderland.shared.cotangents import Indexed
from wonderland.shared.nn.embedding import embedding, one_hot, table
from wonderland.shared.primitives.indexing import gather
from wonderland.shared.random import key

weight = np.arange(15.0).reshape(5, 3)
indices = np.array([[1, 4, 1], [0, 1, 1]])


def test_rows_of_the_table():
    assert embedding(indices, weight).tolist() == weight[indices].tolist()
    assert embedding(np.array(2, np.uint8), weight).tolist() == weight[2].tolist()
    assert embedding(indices[:0], weight).shape == (0, 3, 3)


def test_a_row_that_occurs_several_times_adds_up():
    g = grad(lambda w: (embedding(indices, w) * np.arange(1.0, 7).reshape(2, 3, 1)).sum())(weight)
    assert g[:, 0].tolist() == [4.0, 1 + 3 + 5 + 6, 0.0, 0.0, 2.0]


def test_the_gradient_is_sparse():
    pull = gather.reverse(1).pull
    (g,) = pull(np.ones((2, 3, 3)), (indices[None], weight.shape, ("array",)))
    assert g.__class__ is Indexed and g.shape == weight.shape


@pytest.mark.parametrize("padding_idx", [1, -4])
def test_the_padding_row_receives_nothing(padding_idx):
    def value(w):
        return (embedding(indices, w, padding_idx) ** 2).sum()

    assert value(weight) == (weight[indices] ** 2).sum()
    g = grad(value)(weight)
    assert not g[1].any() and g[4].tolist() == (2 * weight[4]).tolist()


def test_a_table_begins_with_zeros_in_the_padding_row():
    rows = table(key(0), (4, 50), np.float32, 2)
    assert rows.dtype == np.float32 and not rows[2].any() and abs(rows[3].std() - 1) < 0.4


def test_under_vmap():
    assert vmap(lambda i: embedding(i, weight))(indices).tolist() == weight[indices].tolist()


def test_one_hot_rows():
    assert one_hot(np.array([0, 2])).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert one_hot(np.array(1), 2).tolist() == [0, 1]
    assert one_hot(indices, 5).shape == (2, 3, 5) and one_hot(indices).dtype == np.int64


@pytest.mark.parametrize(("wrong", "place"), [(5, r"\(0, 1\)"), (-1, r"\(1, 2\)")])
def test_an_index_out_of_range_is_named_with_its_place(wrong, place):
    given = indices.copy()
    given[(0, 1) if wrong == 5 else (1, 2)] = wrong
    text = rf"embedding: index {wrong} at {place} is out of range for 5 rows; indices run from 0 to"
    with pytest.raises(ValueError, match=text):
        embedding(given, weight)
    with pytest.raises(ValueError, match=rf"one_hot: index {wrong} at {place} is out of range for"):
        one_hot(given, 5)


def test_bad_input():
    with pytest.raises(TypeError, match="embedding: indices are integers, but these are float64"):
        embedding(weight, weight)
    with pytest.raises(ValueError, match=r"embedding: weight is a matrix, \(rows, features\)"):
        embedding(indices, weight[0])
    text = "embedding: padding_idx 5 is out of range for 5 rows; it lies between -5 and 4"
    with pytest.raises(ValueError, match=text):
        embedding(indices, weight, 5)
