"""Losses, activations and modules against torch.nn."""

import numpy as np
import pytest

from tests.peers.twins import LIBRARIES, agree, both, dtype_name, tensor, value
from wonderland.oop import nn as our_nn

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:reduction:UserWarning"),  # torch's, on kl_div's mean
]

RNG = np.random.default_rng(6)
X = RNG.standard_normal((4, 3))
Y = RNG.standard_normal((4, 3))
P = RNG.uniform(0.05, 0.95, (4, 3))
CLASSES = np.array([0, 2, 1, 2])
IGNORED = np.array([0, -100, 1, 2])
IMAGES = RNG.standard_normal((2, 3, 2))
LABELS = np.array([[0, 2], [1, 1]])
SHARES = np.abs(Y) / np.abs(Y).sum(1, keepdims=True)
WEIGHT = np.array([0.5, 2.0, 1.0])
SIGNS = np.array([[1.0], [-1.0], [1.0], [-1.0]])

# Gradients are asked for with respect to every float argument, targets and weights among them,
# unless a program detaches them.
LOSSES = {
    "mse_loss": (lambda F, t, x, y, **k: F.mse_loss(x, y, **k), (X, Y)),
    "l1_loss": (lambda F, t, x, y, **k: F.l1_loss(x, y, **k), (X, Y)),
    "smooth_l1_loss": (lambda F, t, x, y, **k: F.smooth_l1_loss(x, y, beta=0.7, **k), (X, Y)),
    "huber_loss": (lambda F, t, x, y, **k: F.huber_loss(x, y, delta=0.7, **k), (X, Y)),
    "cross_entropy": (lambda F, t, x, c, **k: F.cross_entropy(x, c, **k), (X, CLASSES)),
    "cross_entropy of shares": (lambda F, t, x, y, **k: F.cross_entropy(x, y, **k), (X, SHARES)),
    "cross_entropy, weighted": (
        lambda F, t, x, c, **k: F.cross_entropy(x, c, weight=t.tensor(WEIGHT), **k),
        (X, CLASSES),
    ),
    "cross_entropy, weighted shares": (
        lambda F, t, x, y, **k: F.cross_entropy(x, y, weight=t.tensor(WEIGHT), **k),
        (X, SHARES),
    ),
    "cross_entropy, one ignored": (
        lambda F, t, x, c, **k: F.cross_entropy(x, c, **k),
        (X, IGNORED),
    ),
    "cross_entropy, another ignored": (
        lambda F, t, x, c, **k: F.cross_entropy(x, c, ignore_index=2, **k),
        (X, CLASSES),
    ),
    "cross_entropy, smoothed": (
        lambda F, t, x, c, **k: F.cross_entropy(x, c, label_smoothing=0.1, **k),
        (X, CLASSES),
    ),
    "cross_entropy, smoothed, weighted, ignored": (
        lambda F, t, x, c, **k: F.cross_entropy(
            x, c, weight=t.tensor(WEIGHT), label_smoothing=0.1, **k
        ),
        (X, IGNORED),
    ),
    "cross_entropy, smoothed shares": (
        lambda F, t, x, y, **k: F.cross_entropy(x, y, label_smoothing=0.1, **k),
        (X, SHARES),
    ),
    "cross_entropy of images": (
        lambda F, t, x, c, **k: F.cross_entropy(x, c, **k),
        (IMAGES, LABELS),
    ),
    "cross_entropy without batch": (
        lambda F, t, x, c, **k: F.cross_entropy(x[0], c[0], **k),
        (X, CLASSES),
    ),
    "nll_loss": (lambda F, t, x, c, **k: F.nll_loss(x, c, **k), (X, CLASSES)),
    "nll_loss, weighted and ignored": (
        lambda F, t, x, c, **k: F.nll_loss(x, c, weight=t.tensor(WEIGHT), **k),
        (X, IGNORED),
    ),
    "binary_cross_entropy": (
        lambda F, t, p, y, **k: F.binary_cross_entropy(p, y.detach(), **k),
        (P, P[::-1]),
    ),
    "binary_cross_entropy_with_logits": (
        lambda F, t, x, y, **k: F.binary_cross_entropy_with_logits(x * 30, y.detach(), **k),
        (X, P),
    ),
    "binary_cross_entropy_with_logits, weighted": (
        lambda F, t, x, y, **k: F.binary_cross_entropy_with_logits(
            x, y.detach(), weight=t.tensor(WEIGHT), pos_weight=t.tensor(WEIGHT * 2), **k
        ),
        (X, P),
    ),
    "kl_div": (lambda F, t, x, y, **k: F.kl_div(x, y.detach(), **k), (X, SHARES)),
}


def functional(t):
    return t.nn.functional


def exists(name):
    """A test of a function that is not there yet is no failure: it says so."""
    if not hasattr(our_nn.functional, name):
        pytest.skip(f"oop.nn.functional has no {name}")


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, reduction):
    program, arrays = LOSSES[name]
    exists(name.split(",")[0].split(" ")[0])
    order = 1 if name == "binary_cross_entropy" else 2  # torch's second adds a small number

    def loss(t, *xs):
        return program(functional(t), t, *xs, reduction=reduction)

    agree(loss, *arrays, order=order, rtol=1e-11)


ACTIVATIONS = {
    "relu": (), "sigmoid": (), "tanh": (), "softplus": (), "elu": (0.7,), "selu": (), "gelu": (),
    "celu": (0.5,), "silu": (), "mish": (), "leaky_relu": (0.2,), "relu6": (), "hardsigmoid": (),
    "hardtanh": (-0.5, 0.5), "hardswish": (), "softsign": (), "logsigmoid": (), "tanhshrink": (),
    "softmax": (1,), "log_softmax": (0,), "softmin": (1,), "glu": (0,), "threshold": (0.2, -1.0),
    "normalize": (), "softshrink": (), "hardshrink": (),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name):
    exists(name)
    agree(lambda t, x: getattr(functional(t), name)(x * 3, *ACTIVATIONS[name]), X, rtol=1e-11)


def test_gelu_by_tanh():
    agree(lambda t, x: functional(t).gelu(x * 3, approximate="tanh"), X, rtol=1e-11)


AT_ZERO = ["relu", "leaky_relu", "elu", "hardtanh", "softplus", "relu6", "silu", "gelu", "selu"]


@pytest.mark.parametrize("name", AT_ZERO)
def test_activations_at_their_kinks(name):
    exists(name)
    points = np.array([0.0, 1.0, -1.0, 6.0, 3.0, -3.0])
    agree(lambda t, x: getattr(functional(t), name)(x), points, order=1)


LAYERS = {
    "Linear": (lambda nn: nn.Linear(3, 5), X),
    "Linear without bias": (lambda nn: nn.Linear(3, 5, bias=False), X),
    "Bilinear": (lambda nn: nn.Bilinear(3, 3, 2), (X, Y)),
    "Identity": (lambda nn: nn.Identity(), X),
    "Flatten": (lambda nn: nn.Flatten(), IMAGES),
    "Flatten from an axis": (lambda nn: nn.Flatten(0, 1), IMAGES),
    "Sequential": (lambda nn: nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)), X),
    "LayerNorm": (lambda nn: nn.LayerNorm(3), X),
    "BatchNorm1d": (lambda nn: nn.BatchNorm1d(3), X),
    "BatchNorm1d in eval": (lambda nn: nn.BatchNorm1d(3).eval(), X),
    "Dropout in eval": (lambda nn: nn.Dropout(0.5).eval(), X),
    "Embedding": (lambda nn: nn.Embedding(3, 4), CLASSES),
    "PReLU": (lambda nn: nn.PReLU(), X),
    "Softmax": (lambda nn: nn.Softmax(1), X),
    "MSELoss": (lambda nn: nn.MSELoss(reduction="sum"), (X, Y)),
    "CrossEntropyLoss": (lambda nn: nn.CrossEntropyLoss(label_smoothing=0.1), (X, CLASSES)),
}


def run_layer(t, make, arrays, weights):
    """(values, gradients of inputs and parameters, buffers, names) of one layer."""
    layer = make(t.nn).double()
    with t.no_grad():
        for name, p in layer.named_parameters():
            p.copy_(t.tensor(weights(name, p)))
    xs = [tensor(t, a) for a in arrays]
    out = layer(*xs)
    (out * out).sum().backward()
    leaves = [x for x in xs if x.requires_grad] + list(layer.parameters())
    state = layer.state_dict()
    return (
        [value(out)] + [value(p.grad) for p in leaves] + [value(a) for a in state.values()],
        list(state),
    )


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    make, arrays = LAYERS[name]
    if not hasattr(our_nn, name.split(" ")[0]):
        pytest.skip(f"oop.nn has no {name.split(' ')[0]}")
    arrays = arrays if isinstance(arrays, tuple) else (arrays,)

    def weights(label, p):
        return np.random.default_rng(len(label)).standard_normal(tuple(p.shape))

    mine, other = (run_layer(t, make, arrays, weights) for t in LIBRARIES)
    for a, b in zip(mine[0], other[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)
        assert a.dtype == b.dtype
    assert mine[1:] == other[1:]


def network(t):
    class Net(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = t.nn.Sequential(t.nn.Linear(3, 4), t.nn.Tanh())
            self.head = t.nn.Linear(4, 2)
            self.tied = self.head
            self.register_buffer("scale", t.ones(2))
            self.register_buffer("scratch", t.zeros(1), persistent=False)
            self.free = t.nn.Parameter(t.zeros(2))
            self.nothing = None

        def forward(self, x):
            return self.tied(self.body(x)) * self.scale + self.free

    return Net()


QUESTIONS = {
    "named_parameters": lambda net: [n for n, _ in net.named_parameters()],
    "named_buffers": lambda net: [n for n, _ in net.named_buffers()],
    "named_modules": lambda net: [n for n, _ in net.named_modules()],
    "named_children": lambda net: [n for n, _ in net.named_children()],
    "state_dict": lambda net: {k: tuple(v.shape) for k, v in net.state_dict().items()},
    "parameters": lambda net: [tuple(p.shape) for p in net.parameters()],
    "repr": repr,
    "training": lambda net: [m.training for m in net.eval().modules()],
    "get_submodule": lambda net: type(net.get_submodule("body.0")).__name__,
    "requires_grad_": lambda net: [p.requires_grad for p in net.requires_grad_(False).parameters()],
    "double": lambda net: {dtype_name(v) for v in net.double().state_dict().values()},
    "missing and unexpected": lambda net: [
        list(keys)
        for keys in net.load_state_dict({"free": net.free, "odd": net.free}, strict=False)
    ],
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_modules_answer_as_torch_modules(name):
    mine, other = both(lambda t: QUESTIONS[name](network(t)))
    assert mine == other


def test_the_order_of_module_hooks():
    def program(t):
        log, net = [], network(t)
        net.register_forward_pre_hook(lambda m, args: log.append("pre"))
        net.register_forward_hook(lambda m, args, out: log.append("post"))
        net.head.register_forward_hook(lambda m, args, out: log.append("head"))
        net.body.register_forward_hook(lambda m, args, out: out * 2)
        out = net(t.ones(1, 3))
        return log, tuple(out.shape)

    mine, other = both(program)
    assert mine == other


def test_training_gives_the_same_weights():
    def program(t):
        net = t.nn.Sequential(t.nn.Linear(3, 5), t.nn.Tanh(), t.nn.Linear(5, 2)).double()
        with t.no_grad():
            for i, p in enumerate(net.parameters()):
                p.copy_(t.tensor(np.random.default_rng(i).standard_normal(tuple(p.shape))))
        optimizer = t.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        for _ in range(20):
            optimizer.zero_grad()
            t.nn.functional.cross_entropy(net(t.tensor(X)), t.tensor(CLASSES % 2)).backward()
            optimizer.step()
        return [value(p) for p in net.parameters()]

    for a, b in zip(*both(program), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
