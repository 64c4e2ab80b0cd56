import numpy as np
import pytest

from wonderland.oop import manual_seed, nn
from wonderland.oop.random import drawing_from
from wonderland.oop.tensor import Tensor
from wonderland.shared import random
from wonderland.shared.nn.dropout import dropout

x = Tensor(np.ones(100, np.float32))


def test_training_drops_and_evaluation_does_not():
    m = nn.Dropout(0.4)
    assert 20 < (m(x).numpy() == 0).sum() < 60
    assert m.eval()(x) is x
    assert nn.Dropout(0.0)(x) is x


def test_each_call_and_each_layer_draws_anew_and_a_seed_repeats_it():
    a, b = nn.Dropout(), nn.Dropout()
    manual_seed(3)
    first = [a(x).numpy(), a(x).numpy(), b(x).numpy()]
    assert not np.array_equal(first[0], first[1]) and not np.array_equal(first[0], first[2])
    manual_seed(3)
    assert all(np.array_equal(m(x).numpy(), z) for m, z in zip((a, a, b), first, strict=True))


def test_a_bound_key_or_function_decides():
    m, asked = nn.Dropout(0.3), []
    with drawing_from(random.key(8)):
        z = m(x).numpy()
    assert np.array_equal(z, dropout(x.numpy(), random.fold_in(random.key(8), 0), 0.3))

    def source(module):
        asked.append(module)
        return random.key(1)

    with drawing_from(source):
        z = m(x).numpy()
    assert asked == [m] and np.array_equal(z, dropout(x.numpy(), random.key(1), 0.3))


def test_settings():
    assert repr(nn.Dropout(0.25)) == "Dropout(p=0.25, inplace=False)"
    with pytest.raises(ValueError, match=r"dropout: p is a probability in \[0, 1\], not 2"):
        nn.Dropout(2)
