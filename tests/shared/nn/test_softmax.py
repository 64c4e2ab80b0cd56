import numpy as np
import pytest

from wonderland.shared.nn.softmax import log_softmax, softmax

x = np.array([[[1.0, 2.0], [0.5, -1.0]], [[0.0, 3.0], [2.0, 2.0]]])


@pytest.mark.parametrize("axis", [0, -1, (0, 2), (-3, 1)])
def test_sums_to_one_along_its_axes(axis):
    assert np.allclose(softmax(x, axis).sum(axis), 1)
    assert np.allclose(log_softmax(x, axis), np.log(softmax(x, axis)))


def test_integers_become_floats():
    assert softmax(np.array([0, 0])).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_an_unknown_axis_is_named(function):
    with pytest.raises(ValueError, match=rf"{function.__name__}: x has no axis 3 \(x: \(2, 2, 2\)"):
        function(x, 3)
