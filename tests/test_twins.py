"""Twins: each layer and loss in both styles gives the same bits, by one table."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import nn as functional_nn
from wonderland.oop import nn as oop_nn
from wonderland.oop.random import drawing_from
from wonderland.oop.tensor import Tensor
from wonderland.shared import random, tree

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 3)).astype(np.float32)
volume = rng.normal(size=(2, 3, 4)).astype(np.float32)
probabilities = rng.uniform(0.1, 0.9, (4, 3)).astype(np.float32)
labels = np.array([2, 0, -100, 1])


def sequential(nn, *linear):
    return nn.Sequential(
        nn.Linear(*linear[0]),
        nn.Tanh(),
        nn.Sequential(nn.Linear(*linear[1]), nn.ReLU()),
        nn.Flatten(),
    )


LAYERS = {
    "Linear": (lambda: oop_nn.Linear(3, 5), functional_nn.Linear(5)),
    "Linear, no bias": (lambda: oop_nn.Linear(3, 5, bias=False), functional_nn.Linear(5, False)),
    "Identity": (oop_nn.Identity, functional_nn.Identity()),
    "Flatten": (oop_nn.Flatten, functional_nn.Flatten()),
    "Unflatten": (lambda: oop_nn.Unflatten(1, (3, -1)), functional_nn.Unflatten(1, (3, -1))),
    "Sequential": (
        lambda: sequential(oop_nn, (3, 4), (4, 2)), sequential(functional_nn, (4,), (2,))
    ),
    "LayerNorm": (lambda: oop_nn.LayerNorm(3), functional_nn.LayerNorm(3)),
    "LayerNorm, no bias": (
        lambda: oop_nn.LayerNorm((3,), 0.1, bias=False),
        functional_nn.LayerNorm((3,), 0.1, bias=False),
    ),
    "LayerNorm of both axes, no weights": (
        lambda: oop_nn.LayerNorm((4, 3), elementwise_affine=False),
        functional_nn.LayerNorm((4, 3), elementwise_affine=False),
    ),
    "RMSNorm": (lambda: oop_nn.RMSNorm(3), functional_nn.RMSNorm(3)),
    **{
        f"{name}{label}": (
            lambda name=name, settings=settings: getattr(oop_nn, name)(3, 5, **settings),
            getattr(functional_nn, name)(5, **settings),
        )
        for label, settings in (("", {}), (", no bias", {"bias": False}))
        for name in ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")
    },
    "LSTM, bidirectional": (
        lambda: oop_nn.LSTM(3, 5, 2, bidirectional=True),
        functional_nn.LSTM(5, 2, bidirectional=True),
    ),
    "LeakyReLU 0.3": (lambda: oop_nn.LeakyReLU(0.3), functional_nn.LeakyReLU(0.3)),
    "GELU tanh": (lambda: oop_nn.GELU("tanh"), functional_nn.GELU("tanh")),
    "Softplus": (lambda: oop_nn.Softplus(2.0, 1.0), functional_nn.Softplus(2.0, 1.0)),
    "Softmax of axis 0": (lambda: oop_nn.Softmax(0), functional_nn.Softmax(0)),
}  # fmt: skip
IMAGES = {
    "Conv2d": (lambda: oop_nn.Conv2d(3, 5, 2, padding=1), functional_nn.Conv2d(5, 2, padding=1)),
    "Conv1d": (lambda: oop_nn.Conv1d(3, 5, 2), functional_nn.Conv1d(5, 2)),
    "ConvTranspose2d": (
        lambda: oop_nn.ConvTranspose2d(3, 4, 2, stride=2, output_padding=1),
        functional_nn.ConvTranspose2d(4, 2, stride=2, output_padding=1),
    ),
    "MaxPool1d": (lambda: oop_nn.MaxPool1d(2), functional_nn.MaxPool1d(2)),
    "MaxPool2d": (lambda: oop_nn.MaxPool2d(2, 1), functional_nn.MaxPool2d(2, 1)),
    "AvgPool2d": (
        lambda: oop_nn.AvgPool2d(2, 1, 1, count_include_pad=False),
        functional_nn.AvgPool2d(2, 1, 1, count_include_pad=False),
    ),
    "AdaptiveAvgPool2d": (
        lambda: oop_nn.AdaptiveAvgPool2d((2, 3)), functional_nn.AdaptiveAvgPool2d((2, 3))
    ),
}  # fmt: skip
LAYERS |= IMAGES
for name in (
    "ReLU", "ReLU6", "LeakyReLU", "ELU", "CELU", "SELU", "GELU", "Sigmoid", "LogSigmoid", "SiLU",
    "Mish", "Tanh", "Softplus", "Softsign", "Hardtanh", "Softmax", "LogSoftmax",
):  # fmt: skip
    LAYERS[name] = (getattr(oop_nn, name), getattr(functional_nn, name)())


def flat(params):
    """{path: array}, under the names of named_parameters()."""
    return {tree.path_string(path): p for path, p in tree.leaves_with_path(params)}


def example(name):
    """An input for a layer."""
    if name not in IMAGES:
        return x
    return np.cos(np.arange(24 if "1d" in name else 120)).reshape(
        (2, 3, 4, -1)[: 3 + ("2d" in name)]
    )


def first(out):
    """The output alone, of a layer that gives its state too."""
    return out[0] if isinstance(out, tuple) else out


def same_bits(a, b):
    assert a.dtype == b.dtype and a.shape == b.shape
    assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_layer_gives_the_same_bits_in_both_styles(name, dtype):
    make, layer = LAYERS[name]
    given = example(name).astype(dtype)
    params = layer.init(random.key(1), given)
    module = make().to(dtype)
    module.load_state_dict(flat(params))
    t = Tensor(given, requires_grad=True)
    z = first(module(t))
    weights = np.cos(np.arange(z.numel(), dtype=dtype)).reshape(z.shape)
    z.backward(Tensor(weights))
    out, pull = wf.vjp(lambda *args: first(layer.apply(*args)), params, given)
    gradients, gx = pull(weights)
    same_bits(z.detach().numpy(), out)
    same_bits(t.grad.numpy(), gx)
    gradients = flat(gradients)
    assert set(gradients) == {n for n, _ in module.named_parameters()}
    for path, p in module.named_parameters():
        same_bits(p.grad.numpy(), gradients[path])


def test_a_layer_and_a_module_draw_the_same_weights_from_one_key():
    key = random.fold_in(random.key(5), "0")
    with drawing_from(key):
        module = oop_nn.Linear(3, 5)
    params = functional_nn.Sequential(functional_nn.Linear(5)).init(random.key(5), x)
    for name, p in module.named_parameters():
        same_bits(p.detach().numpy(), params["0"][name])


sequence = rng.normal(size=(2, 5, 4)).astype(np.float32)
hidden = np.triu(np.ones((5, 5), bool), 1)


@pytest.mark.parametrize("options", [{}, {"is_causal": True}, {"attn_mask": hidden}])
def test_attention_gives_the_same_bits_in_both_styles(options):
    layer = functional_nn.MultiheadAttention(4, 2, batch_first=True)
    params = layer.init(random.key(1), sequence)
    module = oop_nn.MultiheadAttention(4, 2, batch_first=True)
    with drawing_from(random.key(1)):
        module.reset_parameters()
    for path, p in flat(params).items():
        same_bits(p, module.get_parameter(path).detach().numpy())
    t = Tensor(sequence, requires_grad=True)
    z, weights = module(t, t, t, **options)
    out, pull = wf.vjp(lambda p, x: layer.apply(p, x, **options), params, sequence)
    gradients, gx = pull((np.ones_like(sequence), np.zeros((2, 5, 5), np.float32)))
    z.sum().backward()
    same_bits(z.detach().numpy(), out[0])
    same_bits(weights.detach().numpy(), out[1])
    same_bits(t.grad.numpy(), gx)
    for path, g in flat(gradients).items():
        same_bits(module.get_parameter(path).grad.numpy(), g)


@pytest.mark.parametrize("padding_idx", [None, 2])
def test_an_embedding_gives_the_same_bits_in_both_styles(padding_idx):
    i = np.array([[1, 2, 1], [0, 2, 1]])
    layer = functional_nn.Embedding(4, 3, padding_idx)
    params = layer.init(random.key(1), i)
    with drawing_from(random.key(1)):
        module = oop_nn.Embedding(4, 3, padding_idx)
    same_bits(module.weight.detach().numpy(), params["weight"])
    (module(Tensor(i)) ** 2).sum().backward()
    g = wf.grad(lambda p: (layer.apply(p, i) ** 2).sum())(params)
    same_bits(module.weight.grad.numpy(), g["weight"])


def test_dropout_between_recurrent_layers_is_the_same_from_one_key():
    layer, module = functional_nn.GRU(5, 3, dropout=0.5), oop_nn.GRU(3, 5, 3, dropout=0.5)
    params = layer.init(random.key(1), x)
    module.load_state_dict(params)
    with drawing_from(lambda module: random.key(6)):
        z, h = module(Tensor(x))
    out, state = layer.apply(params, x, key=random.key(6))
    same_bits(z.detach().numpy(), out)
    same_bits(h.detach().numpy(), state)


def test_a_recurrent_layer_and_its_module_draw_the_same_weights_from_one_key():
    with drawing_from(random.key(5)):
        module = oop_nn.LSTM(3, 5, 2)
    params = functional_nn.LSTM(5, 2).init(random.key(5), x)
    for name, p in module.named_parameters():
        same_bits(p.detach().numpy(), params[name])


def test_dropout_draws_the_same_mask_from_one_key():
    with drawing_from(lambda module: random.key(6)):
        z = oop_nn.Dropout(0.3)(Tensor(x)).numpy()
    same_bits(z, functional_nn.Dropout(0.3).apply({}, x, key=random.key(6)))


weight = np.array([0.5, 1.0, 2.0], np.float32)
LOSSES = {
    "mse": ("MSELoss", {}, "mse_loss", x, probabilities),
    "mse sum": ("MSELoss", {"reduction": "sum"}, "mse_loss", x, probabilities),
    "l1": ("L1Loss", {}, "l1_loss", x, probabilities),
    "smooth l1": ("SmoothL1Loss", {"beta": 0.5}, "smooth_l1_loss", x, probabilities),
    "huber": ("HuberLoss", {"delta": 0.5}, "huber_loss", x, probabilities),
    "cross entropy": ("CrossEntropyLoss", {}, "cross_entropy", x, labels),
    "cross entropy, none": (
        "CrossEntropyLoss", {"reduction": "none"}, "cross_entropy", x, labels),
    "cross entropy, weighted and smoothed": (
        "CrossEntropyLoss", {"weight": weight, "label_smoothing": 0.1}, "cross_entropy", x, labels),
    "cross entropy of probabilities": (
        "CrossEntropyLoss", {}, "cross_entropy", x, probabilities),
    "nll": ("NLLLoss", {"weight": weight}, "nll_loss", x, labels),
    "bce": ("BCELoss", {}, "binary_cross_entropy", probabilities, probabilities[::-1].copy()),
    "bce with logits": (
        "BCEWithLogitsLoss", {"pos_weight": weight}, "binary_cross_entropy_with_logits", x,
        probabilities),
    "kl": ("KLDivLoss", {"reduction": "batchmean"}, "kl_div", x, probabilities),
}  # fmt: skip


def as_tensors(settings):
    return {k: Tensor(v) if isinstance(v, np.ndarray) else v for k, v in settings.items()}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_gives_the_same_bits_in_both_styles(name):
    cls, settings, function, given, target = LOSSES[name]
    t = Tensor(given, requires_grad=True)
    z = getattr(oop_nn, cls)(**as_tensors(settings))(t, Tensor(target))
    weights = np.ones(z.shape, np.float32)
    z.backward(Tensor(weights))
    loss = getattr(functional_nn, function)
    out, pull = wf.vjp(lambda x: loss(x, target, **settings), given)
    same_bits(z.detach().numpy(), out)
    same_bits(t.grad.numpy(), pull(weights)[0])
