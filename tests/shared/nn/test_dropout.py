import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared import random
from wonderland.shared.nn.dropout import dropout

x = np.linspace(0.5, 2, 1000)


def test_keeps_the_mean_and_drops_the_rate():
    z = dropout(x, random.key(0), 0.25)
    assert np.isclose((z == 0).mean(), 0.25, atol=0.05)
    assert np.allclose(z[z != 0], x[z != 0] / 0.75)


def test_the_same_key_drops_the_same():
    a, b = dropout(x, random.key(1)), dropout(x, random.key(1))
    assert np.array_equal(a, b) and not np.array_equal(a, dropout(x, random.key(2)))


def test_rates_of_nothing_and_everything():
    assert dropout(x, random.key(0), 0.0) is x
    assert not dropout(x, random.key(0), 1.0).any()


def test_the_gradient_takes_the_same_mask():
    g = wf.grad(lambda x: np.sum(dropout(x, random.key(5))))(x)
    assert np.array_equal(g == 0, dropout(x, random.key(5)) == 0) and set(g) == {0.0, 2.0}


def test_float32_stays_float32():
    assert dropout(x.astype(np.float32), random.key(0)).dtype == np.float32


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_is_a_probability(rate):
    with pytest.raises(ValueError, match=rf"dropout: p is a probability in \[0, 1\], not {rate}"):
        dropout(x, random.key(0), rate)
