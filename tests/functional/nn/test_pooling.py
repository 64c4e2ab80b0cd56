import numpy as np
import pytest

from wonderland.functional import nn

X = np.arange(32.0).reshape(1, 2, 4, 4)


def test_each_layer_is_its_function():
    for layer, x, wanted in (
        (nn.MaxPool2d(3, 1, padding=1), X, nn.max_pool2d(X, 3, 1, padding=1)),
        (nn.MaxPool1d(2, 1), X[0], nn.max_pool1d(X[0], 2, 1)),
        (nn.AvgPool2d(2, 1, 1, divisor_override=3), X, nn.avg_pool2d(X, 2, 1, 1, False, True, 3)),
        (nn.AdaptiveAvgPool2d((None, 3)), X, nn.adaptive_avg_pool2d(X, (None, 3))),
    ):
        assert layer.init(None, x) == {}
        assert np.array_equal(layer.apply({}, x), wanted)


def test_there_are_no_parameters():
    with pytest.raises(ValueError, match="MaxPool2d: the layer has no parameters but got 'w'"):
        nn.MaxPool2d(2).apply({"w": 1}, X)
