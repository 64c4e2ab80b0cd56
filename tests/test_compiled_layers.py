"""Layers, losses and the twins of compare under each executor: forward and all gradients.

`numpy` gives eager code's bits; `native` is off by rounding alone, which in a gradient is measured
against the largest entry of it. Each compiled function is called again, in buffers that stay. The
modules run in training mode, where they draw and keep statistics.
"""

import copy
from unittest import mock

import numpy as np
import pytest

from tests import test_twins
from wonderland import functional as wf
from wonderland import oop, purify
from wonderland.compare.twins import TWINS
from wonderland.functional import nn
from wonderland.oop import nn as oop_nn
from wonderland.shared.schedule.executors import buffers, native

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
    "MultiheadAttention, dropout": (
        nn.MultiheadAttention(4, 2, 0.3, batch_first=True), sequence, {"key": wf.random.key(3)},
    ),
    "GRU, dropout": (nn.GRU(5, 2, dropout=0.3), x, {"key": wf.random.key(3)}),
    "LSTM, dropout": (nn.LSTM(5, 2, dropout=0.3), x, {"key": wf.random.key(3)}),
    "RNN, dropout": (nn.RNN(5, 2, dropout=0.3), x, {"key": wf.random.key(3)}),
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


def same(found, expected, exact):
    """The bits of eager code, or what rounding allows."""
    for a, b in zip(map(np.asarray, found), map(np.asarray, expected), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if exact or b.dtype.kind != "f":
            np.testing.assert_array_equal(a, b)
        else:
            ulp = np.finfo(b.dtype).eps * np.abs(b).max(initial=1e-3)
            np.testing.assert_allclose(a, b, rtol=0, atol=ULPS * ulp)


def check(f, args, executor):
    """f and its gradients by an executor, against eager code, for other arguments in between."""
    f = differentiated(f)
    leaves, structure = wf.tree.flatten(args)
    others = [a * a.dtype.type(0.75) if a.dtype.kind == "f" else a for a in leaves]
    calls = [args, wf.tree.unflatten(structure, others), args]
    with mock.patch.object(buffers, "LEAST", 1):
        staged = wf.jit(f, executor=executor)
        found = [wf.tree.leaves(staged(*given)) for given in calls]
    for results, given in zip(found, calls, strict=True):
        same(results, wf.tree.leaves(f(*given)), executor == "numpy")


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


def module_of(name):
    """(module, input) of a row of the table of twins; the modules that have no layer besides."""
    if name in test_twins.LAYERS:
        return test_twins.LAYERS[name][0](), test_twins.example(name).astype(np.float32)
    return MODULES[name]


MODULES = {
    "BatchNorm1d": (oop_nn.BatchNorm1d(3), x),
    "BatchNorm1d, no statistics": (oop_nn.BatchNorm1d(3, track_running_stats=False), x),
    "Dropout": (oop_nn.Dropout(0.3), x),
    "Embedding": (oop_nn.Embedding(4, 3), ids),
    "Embedding with padding": (oop_nn.Embedding(4, 3, 2), ids),
    "GRU, dropout": (oop_nn.GRU(3, 5, 2, dropout=0.3), x),
    "LSTM, dropout": (oop_nn.LSTM(3, 5, 2, dropout=0.3), x),
    "RNN, dropout": (oop_nn.RNN(3, 5, 2, dropout=0.3), x),
    "MultiheadAttention, dropout": (
        oop_nn.MultiheadAttention(4, 2, 0.3, batch_first=True), sequence,
    ),
    "ModuleList": (oop_nn.ModuleList([oop_nn.Linear(3, 3), oop_nn.Tanh()]), x),
    "ModuleDict": (oop_nn.ModuleDict({"a": oop_nn.Linear(3, 3), "b": oop_nn.Tanh()}), x),
    "ParameterList": (oop_nn.ParameterList([oop.ones(3), oop.ones(3)]), x),
    "ParameterDict": (oop_nn.ParameterDict({"a": oop.ones(3)}), x),
}  # fmt: skip


def forward(module, given):
    """The module's results; of a container its members one after another."""
    if isinstance(module, oop_nn.MultiheadAttention):
        return module(given, given, given)
    if isinstance(module, oop_nn.ModuleList | oop_nn.ModuleDict):
        for part in module.values() if isinstance(module, oop_nn.ModuleDict) else module:
            given = part(given)
        return given
    if isinstance(module, oop_nn.ParameterList | oop_nn.ParameterDict):
        return given * sum(module.parameters(), oop.zeros(3))
    return module(given)


def trained(module, given, wrap):
    """What two training steps leave: results, gradients, buffers, and the random generator."""
    given = oop.Tensor(given, requires_grad=given.dtype.kind == "f")

    def step(given):
        results = [z for z in wf.tree.leaves(forward(module, given)) if z.dtype.kind == "f"]
        loss = sum([(z * z.sin()).sum() for z in results], oop.zeros(()))
        if loss.requires_grad:
            loss.backward()
        return results

    oop.manual_seed(3)
    run, found = wrap(step), []
    for _ in range(2):
        found += [z.detach().numpy().copy() for z in run(given)]
    leaves = [*module.parameters(), given]
    found += [t.grad.numpy() for t in leaves if t.grad is not None]
    found += [t.detach().numpy() for t in module.state_dict().values()]
    return [*found, np.asarray(oop.default_generator.get_state())]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", [*test_twins.LAYERS, *MODULES])
def test_modules_in_training(name, executor):
    oop.manual_seed(1)
    module, given = module_of(name)
    module, twin = copy.deepcopy(module), copy.deepcopy(module)
    expected = trained(twin, given, lambda step: step)
    with mock.patch.object(buffers, "LEAST", 1):
        found = trained(module, given, lambda step: purify.compile(step, executor=executor))
    same(found, expected, executor == "numpy")


def test_no_module_is_forgotten():
    modules = {
        name
        for name, cls in vars(oop_nn).items()
        if isinstance(cls, type) and issubclass(cls, oop_nn.Module) and not name.endswith("Loss")
    }
    rows = [*test_twins.LAYERS, *MODULES]
    assert modules - {"Module"} <= {name.split(",")[0].split()[0] for name in rows}
    losses = {cls for cls, *_ in test_twins.LOSSES.values()}
    assert {name for name in vars(oop_nn) if name.endswith("Loss")} <= losses
