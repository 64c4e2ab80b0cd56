import numpy as np
import pytest

from wonderland import functional as wf

pytest.importorskip("llvmlite")
X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def loss(x, labels):
    return wf.nn.cross_entropy(x, labels)


@pytest.mark.parametrize("f", [loss, wf.value_and_grad(loss)], ids=["forward", "backward"])
def test_a_label_out_of_range_is_the_error_of_eager_code(f):
    compiled = wf.jit(f, executor="native")
    with pytest.raises(ValueError, match=r"label 3 at \(2,\) is out of range for 3 classes"):
        compiled(X, np.array([0, 1, 3, 1]))
    compiled(X, np.array([0, 1, 2, 1]))  # and the program is as good as before


def test_ignored_labels_are_no_mistake():
    labels = np.array([0, 1, 2, -100])
    found = wf.jit(loss, executor="native")(X, labels)
    np.testing.assert_allclose(found, loss(X, labels), rtol=1e-6)
