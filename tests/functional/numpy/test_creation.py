import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import numpy as wnp
from wonderland.shared import ops

FLOAT32 = [
    (wnp.zeros((2, 3)), np.zeros((2, 3))),
    (wnp.ones(3), np.ones(3)),
    (wnp.empty(2), np.zeros(2)),
    (wnp.full((2, 2), 0.5), np.full((2, 2), 0.5)),
    (wnp.full(2, 0.5), np.full(2, 0.5)),
    (wnp.arange(0.0, 1.0, 0.25), np.arange(0.0, 1.0, 0.25)),
    (wnp.linspace(0, 1, 5), np.linspace(0, 1, 5)),
    (wnp.logspace(0, 3, 4, base=2.0), np.array([1, 2, 4, 8])),
    (wnp.geomspace(1.0, 27.0, 4), np.array([1, 3, 9, 27])),
    (wnp.tri(3, 2, -1), np.tri(3, 2, -1)),
    (wnp.meshgrid([0.5, 1.5], [2.5])[0], np.array([[0.5, 1.5]])),
    (wnp.eye(2, 3, 1), np.eye(2, 3, 1)),
    (wnp.identity(2), np.identity(2)),
    (wnp.array([1.0, 2.0]), np.array([1.0, 2.0])),
    (wnp.asarray(1.5), np.array(1.5)),
]


@pytest.mark.parametrize(("made", "expected"), FLOAT32, ids=[str(e.shape) for _, e in FLOAT32])
def test_new_floats_are_float32(made, expected):
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, expected)


def test_a_dtype_asked_for_is_given():
    for made in (
        wnp.zeros(2, "i1"), wnp.ones(2, "i1"), wnp.empty(2, np.int8), wnp.full(2, 1.0, "i1"),
        wnp.arange(2.0, dtype="i1"), wnp.linspace(0, 2, 3, dtype="i1"), wnp.eye(2, dtype="i1"),
        wnp.identity(2, np.int8), wnp.array([1.0], np.int8), wnp.asarray([1.0], np.int8),
    ):  # fmt: skip
        assert made.dtype == np.int8


def test_integers_and_what_the_caller_brings_stay():
    assert wnp.arange(3).dtype == wnp.full(2, 3).dtype == wnp.array([1, 2]).dtype == np.int64
    x = np.ones(2, np.float64)
    assert wnp.asarray(x) is x
    assert wnp.array(x) is not x and wnp.array(x).dtype == np.float64
    assert wnp.array(x, copy=False) is x
    values, step = wnp.linspace(0, 1, 3, retstep=True)
    assert (values.dtype, step) == (np.float32, 0.5)


def test_traced_values_are_joined_and_spread():
    def f(x):
        table = wnp.array([[x, 2.0], [x * x, 1.0]])
        assert table.shape == (2, 2)
        return (table * wnp.full((2, 2), x)).sum() + wnp.asarray(x, np.float32)

    assert wf.grad(f)(3.0) == 2 * 3 + 3 * 9 + 3 + 1


def test_every_name_of_numpys_that_there_is_can_be_imported_here():
    missing = [
        name
        for name in dir(ops)
        if not name.startswith("_")
        and hasattr(np, name)
        and callable(getattr(ops, name))
        and not hasattr(wnp, name)
    ]
    assert not missing


def test_the_functions_are_those_of_the_vocabulary():
    assert wf.grad(lambda x: wnp.sum(wnp.sin(x) * wnp.pi))(np.zeros(2)).tolist() == [np.pi] * 2
    assert wnp.float32 is np.float32 and wnp.newaxis is None and wnp.inf > 0
