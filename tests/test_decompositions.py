"""Every decomposition computes what its kernel does, on every row of samples, by primitives."""

import numpy as np
import pytest

from tests.shared.primitives import rows
from wonderland.shared.primitives import registry
from wonderland.shared.testing.closeness import VALUE, eps_of, largest, require_close
from wonderland.shared.testing.sample import Sample, listed
from wonderland.shared.testing.spy import spied

rows.declare_everything()
TABLE = [row for row in rows.table() if row.primitive.decomposition is not None]
KERNELS_OF_SEVERAL_CALLS = (
    "softmax", "softmax_slope", "log_softmax", "logsumexp", "masked_softmax", "layer_norm",
    "normal_slope", "gelu", "gelu_slope", "gelu_tanh", "gelu_tanh_slope", "sigmoid", "softplus",
    "relu", "gate", "cross_entropy", "surplus", "pick_label", "place_label", "label_mask",
    "guard", "portion", "gap", "logaddexp",
)  # fmt: skip


def decomposed(call, args):
    """The results of the decomposition as a list."""
    primitive = call.primitive
    return listed(primitive, primitive.decomposition(*args, **call.static))


def agrees(call):
    """AssertionError unless the decomposition gives the kernel's values, shapes and dtypes."""
    for z, wanted in zip(decomposed(call, call.args), call(), strict=True):
        z = np.asarray(z)
        assert z.dtype == wanted.dtype, (z.dtype, wanted.dtype)
        unit = 4 * VALUE * eps_of(wanted) if wanted.dtype.kind in "fc" else 0.0
        words = ("the decomposition", "the kernel", "mend one of them")
        name = f"{call.primitive.name}: decomposition"
        require_close(name, z, wanted, unit, unit * largest(wanted), words)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_a_decomposition_computes_the_same(row):
    for call in row.calls():
        agrees(call)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_a_decomposition_is_made_of_primitives(row):
    call = row.calls()[-1]
    decomposed(call, spied(call.args))


def test_kernels_of_several_calls_have_one():
    assert [n for n in KERNELS_OF_SEVERAL_CALLS if registry[n].decomposition is None] == []


def test_a_wrong_one_is_found():
    sigmoid = registry["sigmoid"]
    row = Sample(sigmoid, np.array([0.5]), reference=None, dtypes="f")
    kept = sigmoid.decomposition
    sigmoid.decomposition = lambda x: 1 / (2 + np.exp(-x))
    try:
        with pytest.raises(AssertionError, match="sigmoid: decomposition: the decomposition is"):
            agrees(row.call("float64"))
    finally:
        sigmoid.decomposition = kept
