import numpy as np

from wonderland import functional as wf
from wonderland.shared.primitives.naming import checkpoint_name
from wonderland.shared.testing import Sample

X = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -1.0]])

ROWS = [
    Sample(checkpoint_name, X, name="hidden", reference=lambda x, *, name: x, dtypes="fc"),
    Sample(checkpoint_name, np.array([1, 2]), name="place", reference=lambda x, *, name: x),
]


def test_nothing_is_copied():
    assert checkpoint_name(X, name="hidden") is X


def test_in_compiled_code_it_costs_nothing():
    f = wf.jit(lambda x: np.tanh(checkpoint_name(x * 2, name="hidden")))
    np.testing.assert_allclose(f(X), np.tanh(X * 2), rtol=1e-12)
    assert "checkpoint_name" not in f.graph(X).source()
