import numpy as np

from wonderland import functional as wf
from wonderland.shared.schedule.control.rows import chosen_rows, rows_that

X = np.array([[1.0, 2.0], [np.nan, np.inf], [3.0, 4.0]])
CHOSEN = np.array([False, False, True])


def test_other_rows_become_the_first_chosen_one():
    x, w = chosen_rows(CHOSEN, [X, X[0]], [True, False], 3)
    np.testing.assert_array_equal(x, [[3, 4]] * 3)
    assert w is X[0] or (w == X[0]).all()


def test_the_filled_rows_have_no_derivative():
    g = wf.grad(lambda x: chosen_rows(CHOSEN, [x], [True], 3)[0].sum())(X)
    np.testing.assert_array_equal(g, [[0, 0], [0, 0], [1, 1]])


def test_an_empty_batch_is_left_alone():
    (x,) = chosen_rows(np.zeros(0, bool), [np.ones((0, 2))], [True], 0)
    assert x.shape == (0, 2)


def test_rows_of_two():
    np.testing.assert_array_equal(rows_that(CHOSEN, np.full((3, 2), 5.0), X)[2], [5, 5])
