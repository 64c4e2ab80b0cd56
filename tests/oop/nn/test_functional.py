import inspect

import numpy as np

from wonderland.oop import manual_seed, nn
from wonderland.oop.nn import functional as F
from wonderland.oop.tensor import Tensor

x = Tensor(np.array([[1.0, -2.0, 0.5]], np.float32))


def test_every_name_is_there():
    assert all(callable(getattr(F, name)) for name in F.__all__)


def test_torchs_keywords():
    assert list(inspect.signature(F.cross_entropy).parameters)[:2] == ["input", "target"]
    assert np.allclose(F.softmax(x, dim=1).numpy().sum(), 1)
    assert np.allclose(F.log_softmax(x, dim=-1).numpy(), np.log(F.softmax(x, dim=1).numpy()))
    assert F.relu(x, inplace=True).numpy().tolist() == [[1.0, 0.0, 0.5]] and x.numpy()[0, 1] == -2


def test_dropout_draws_as_the_module_does():
    manual_seed(1)
    wanted = nn.Dropout(0.5)(x).numpy()
    manual_seed(1)
    assert np.array_equal(F.dropout(x, 0.5).numpy(), wanted)
    assert F.dropout(x, 0.5, training=False) is x
