"""Layers, losses and the twins of compare under each executor: forward and all gradients.

`numpy` gives eager code's bits; `native` is off by rounding alone, which in a gradient is measured
against the largest entry of it.
"""

import numpy as np
import pytest

from tests import test_twins
from wonderland import functional as wf
from wonderland.compare.twins import TWINS
from wonderland.functional import nn
from wonderland.shared.schedule.executors import native

EXECUTORS = ["numpy", "native"] if native() else ["numpy"]
ULPS = 64  # of the largest entry; sums in another order over up to a thousand terms
x, labels = test_twins.x, test_twins.labels
ids = np.array([[1, 2, 1], [0, 2, 1]])
sequence = test_twins.sequence

# name: (layer, input, keywords of apply)
LAYERS = {
    **{
        name: (layer, test_twins.example(name).astype(np.float32), {})
        for name, (_, layer) in test_twins.LAYERS.items()
    },
    "Embedding": (nn.Embedding(4, 3), ids, {}),
    "Embedding with padding": (nn.Embedding(4, 3, 2), ids, {}),
    "MultiheadAttention": (nn.MultiheadAttention(4, 2, batch_first=True), sequence, {}),
    "MultiheadAttention, causal": (
        nn.MultiheadAttention(4, 2, batch_first=True), sequence, {"is_causal": True},
    ),
    "Dropout": (nn.Dropout(0.3), x, {"key": wf.random.key(3)}),
    "Dropout in evaluation": (nn.Dropout(0.3), x, {}),
    "Lambda": (nn.Lambda(lambda x: x * 2 + 1), x, {}),
}  # fmt: skip


def differentiated(f):
    """f's results and the cotangents of all float arguments, for cotangents that all differ."""

    def both(*args):
        leaves, structure = wf.tree.flatten(args)
        places = [i for i, a in enumerate(leaves) if a.dtype.kind == "f"]

        def of_floats(*floats):
            full = list(leaves)
            for i, a in zip(places, floats, strict=True):
                full[i] = a
            return f(*wf.tree.unflatten(structure, full))

        z, pull = wf.vjp(of_floats, *[leaves[i] for i in places])
        weights = [
            np.cos(np.arange(a.size)).reshape(a.shape).astype(a.dtype) for a in wf.tree.leaves(z)
        ]
        return z, pull(wf.tree.unflatten(wf.tree.flatten(z)[1], weights))

    return both


def check(f, args, executor):
    """f and its gradients by an executor, against eager code."""
    f = differentiated(f)
    expected = wf.tree.leaves(f(*args))
    found = wf.tree.leaves(wf.jit(f, executor=executor)(*args))
    for a, b in zip(map(np.asarray, found), map(np.asarray, expected), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if executor == "numpy":
            np.testing.assert_array_equal(a, b)
        else:
            ulp = np.finfo(b.dtype).eps * np.abs(b).max(initial=1e-3)
            np.testing.assert_allclose(a, b, rtol=0, atol=ULPS * ulp)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, executor):
    layer, given, how = LAYERS[name]
    params = layer.init(wf.random.key(1), given)
    check(lambda params, x: layer.apply(params, x, **how), (params, given), executor)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", test_twins.LOSSES)
def test_losses(name, executor):
    _, settings, function, given, target = test_twins.LOSSES[name]
    check(lambda x: getattr(nn, function)(x, target, **settings), (given,), executor)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", TWINS)
def test_the_twins(name, executor):
    twin = TWINS[name]
    data, layer = twin.data(), twin.layer()
    n = twin.batch_size
    given, answers = data.train_x[:n], data.train_y[:n]
    params = layer.init(wf.random.key(0), given)
    check(
        lambda params: twin.functional_loss(layer.apply(params, given), answers),
        (params,),
        executor,
    )


def test_no_layer_is_forgotten():
    layers = {name for name in vars(nn) if name[0].isupper()} - {"Layer"}
    assert layers <= {name.split(",")[0].split()[0] for name in LAYERS}
