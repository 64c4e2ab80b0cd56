import numpy as np
import pytest

from wonderland.shared.nn.reduction import paired, reduced

x = np.arange(6.0).reshape(2, 3)


def test_reductions():
    assert reduced(x, "mean") == 2.5 and reduced(x, "sum") == 15
    assert reduced(x, "none") is x
    with pytest.raises(ValueError, match="loss: reduction is one of mean, sum, none, not 'all'"):
        reduced(x, "all")


def test_paired_promotes():
    a, b = paired("f", x.astype(np.float32), x)
    assert a.dtype == b.dtype == np.float64


def test_paired_warns_at_the_users_line():
    with pytest.warns(UserWarning, match="f: predictions and targets") as caught:
        a, b = paired("f", x[:, :1], x)
    assert a.shape == b.shape == (2, 3) and len(caught) == 1
