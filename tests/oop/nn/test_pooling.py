import numpy as np

from wonderland import oop
from wonderland.oop import nn

X = oop.tensor(np.arange(32.0).reshape(1, 2, 4, 4))


def test_each_layer_is_its_function():
    F = nn.functional
    for layer, wanted in (
        (nn.MaxPool2d(3, 1, 1, ceil_mode=True), F.max_pool2d(X, 3, 1, 1, ceil_mode=True)),
        (nn.MaxPool1d(2), F.max_pool1d(X[0], 2)),
        (nn.AvgPool2d(2, 1, 1, True, False, 3), F.avg_pool2d(X, 2, 1, 1, True, False, 3)),
        (nn.AdaptiveAvgPool2d((None, 3)), F.adaptive_avg_pool2d(X, (None, 3))),
    ):
        given = X[0] if "1d" in repr(layer) else X
        assert np.array_equal(layer(given).numpy(), wanted.numpy())


def test_how_they_are_written():
    assert repr(nn.MaxPool2d(3, 2, 1)) == (
        "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)"
    )
    assert repr(nn.MaxPool1d(2)).startswith("MaxPool1d(kernel_size=2, stride=2")
    assert repr(nn.AvgPool2d((3, 2))) == "AvgPool2d(kernel_size=(3, 2), stride=(3, 2), padding=0)"
    assert repr(nn.AdaptiveAvgPool2d(1)) == "AdaptiveAvgPool2d(output_size=1)"
