"""LSTM, GRU, RNN and their cells against torch.nn, with the weights carried over."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import nn as functional_nn

pytestmark = pytest.mark.peers

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(8)
X = RNG.standard_normal((6, 3, 4))
SETTINGS = [
    {},
    {"bias": False},
    {"num_layers": 2, "bidirectional": True},
    {"batch_first": True, "bidirectional": True},
    {"num_layers": 3, "batch_first": True, "bias": False, "dropout": 0.5},
]
KINDS = [("LSTM", {}), ("GRU", {}), ("RNN", {}), ("RNN", {"nonlinearity": "relu"})]


def parts(hidden):
    return hidden if isinstance(hidden, tuple) else (hidden,)


def carried(mine, theirs):
    """Both modules in float64 and evaluation mode, ours with torch's weights."""
    theirs.double().eval()
    mine.double().eval()
    mine.load_state_dict({k: oop.tensor(v.numpy()) for k, v in theirs.state_dict().items()})


def run(t, module, x, hidden):
    """(values, gradients) of the module: outputs and final states; input, states and weights."""
    x = t.tensor(x, requires_grad=True)
    hidden = [t.tensor(h, requires_grad=True) for h in hidden]
    given = () if not hidden else (tuple(hidden) if len(hidden) > 1 else hidden[0],)
    found = module(x, *given)
    zs = [found[0], *parts(found[1])] if "Cell" not in type(module).__name__ else parts(found)
    sum((z * z.cos()).sum() for z in zs).backward()
    leaves = [x, *hidden, *module.parameters()]
    return [z.detach().numpy() for z in zs], [leaf.grad.numpy() for leaf in leaves]


def agree(mine, theirs):
    for a, b in zip([*mine[0], *mine[1]], [*theirs[0], *theirs[1]], strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("single", [False, True], ids=["batch", "no batch"])
@pytest.mark.parametrize("state", [False, True], ids=["zeros", "state"])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize(("name", "own"), KINDS)
def test_layers(name, own, settings, state, single):
    mine = getattr(oop.nn, name)(4, 5, **settings, **own)
    theirs = getattr(torch.nn, name)(4, 5, **settings, **own)
    carried(mine, theirs)
    x = X[:, 0] if single else X
    samples = X.shape[0] if settings.get("batch_first") else X.shape[1]
    rows = settings.get("num_layers", 1) * (1 + settings.get("bidirectional", False))
    shape = (rows, 5) if single else (rows, samples, 5)
    count = 2 if name == "LSTM" else 1
    hidden = [RNG.standard_normal(shape) for _ in range(count)] if state else []
    agree(run(oop, mine, x, hidden), run(torch, theirs, x, hidden))


@pytest.mark.parametrize("single", [False, True], ids=["batch", "no batch"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("name", "own"), KINDS)
def test_cells(name, own, bias, single):
    mine = getattr(oop.nn, f"{name}Cell")(4, 5, bias=bias, **own)
    theirs = getattr(torch.nn, f"{name}Cell")(4, 5, bias=bias, **own)
    carried(mine, theirs)
    x = X[0, 0] if single else X[0]
    for count in (0, 2 if name == "LSTM" else 1):
        hidden = [RNG.standard_normal((*x.shape[:-1], 5)) for _ in range(count)]
        mine.zero_grad()
        theirs.zero_grad()
        agree(run(oop, mine, x, hidden), run(torch, theirs, x, hidden))


@pytest.mark.parametrize("settings", SETTINGS[:4], ids=str)
@pytest.mark.parametrize(("name", "own"), KINDS)
def test_functional_layers_take_torchs_parameters(name, own, settings):
    theirs = getattr(torch.nn, name)(4, 5, **settings, **own).double()
    layer = getattr(functional_nn, name)(5, **settings, **own)
    params = {k: v.detach().numpy() for k, v in theirs.named_parameters()}
    loss = lambda params: (layer.apply(params, X)[0] ** 2).sum()  # noqa: E731
    value, gradients = wf.value_and_grad(loss)(params)
    other = (theirs(torch.tensor(X))[0] ** 2).sum()
    other.backward()
    np.testing.assert_allclose(value, other.item(), rtol=1e-10)
    for k, p in theirs.named_parameters():
        np.testing.assert_allclose(gradients[k], p.grad.numpy(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell"])
def test_names_shapes_and_the_spread_of_new_weights(name):
    mine, theirs = [getattr(nn, name)(3, 64) for nn in (oop.nn, torch.nn)]
    shapes = lambda m: {k: tuple(p.shape) for k, p in m.named_parameters()}  # noqa: E731
    assert list(shapes(mine).items()) == list(shapes(theirs).items())
    for p in mine.parameters():
        assert 0.11 < np.abs(p.detach().numpy()).max() <= 0.125
