import numpy as np
import pytest

from wonderland.shared.nn.flatten import flatten, unflatten

x = np.arange(24).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("start", "end", "shape"),
    [(0, -1, (24,)), (1, -1, (2, 12)), (0, 1, (6, 4)), (1, 1, (2, 3, 4)), (-2, 2, (2, 12))],
)
def test_flatten(start, end, shape):
    assert flatten(x, start, end).shape == shape
    assert np.array_equal(flatten(x, start, end).ravel(), x.ravel())


def test_flatten_of_no_axes_has_one():
    assert flatten(np.array(3.0)).shape == (1,)


@pytest.mark.parametrize(
    ("axis", "sizes", "shape"),
    [(2, (2, 2), (2, 3, 2, 2)), (-1, (2, -1), (2, 3, 2, 2)), (1, (-1,), (2, 3, 4))],
)
def test_unflatten(axis, sizes, shape):
    assert unflatten(x, axis, sizes).shape == shape


def test_errors():
    with pytest.raises(ValueError, match=r"flatten: x has no axis 3 \(x: \(2, 3, 4\)\)"):
        flatten(x, 3)
    with pytest.raises(ValueError, match="flatten: start 2 is behind end 1"):
        flatten(x, 2, 1)
    with pytest.raises(ValueError, match="unflatten: x has no axis -4"):
        unflatten(x, -4, (2,))
    for sizes in ((3, 2), (3, -1), (-1, -1)):
        with pytest.raises(ValueError, match=r"unflatten: sizes .* do not fill axis 2 of x, which"):
            unflatten(x, 2, sizes)
