"""What a transformer is made of, against torch: values, gradients, and weights carried across."""

import numpy as np
import pytest

from tests.peers.twins import LIBRARIES, agree, both, tensor, value
from wonderland import oop

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers

RNG = np.random.default_rng(11)
X = RNG.standard_normal((4, 3, 6))
W = RNG.standard_normal(6)
B = RNG.standard_normal(6)
Q = RNG.standard_normal((2, 3, 4, 6))
K = RNG.standard_normal((2, 3, 5, 6))
V = RNG.standard_normal((2, 3, 5, 2))
ALLOWED = RNG.uniform(size=(2, 1, 4, 5)) > 0.4
ALLOWED[..., 0] = True
ADDED = RNG.standard_normal((4, 5))


def functional(t):
    return t.nn.functional


NORMS = {
    "layer_norm": (lambda F, x, w, b: F.layer_norm(x, (6,), w, b), (X, W, B)),
    "layer_norm, no weight": (lambda F, x: F.layer_norm(x, (6,), eps=1e-3), (X,)),
    "layer_norm, no bias": (lambda F, x, w: F.layer_norm(x, (6,), w), (X, W)),
    "layer_norm of two axes": (
        lambda F, x, w, b: F.layer_norm(x, (3, 2), w.reshape(3, 2), b.reshape(3, 2)),
        (X[..., :2], W, B),
    ),
    "rms_norm": (lambda F, x, w: F.rms_norm(x, (6,), w, eps=1e-3), (X, W)),
    "rms_norm, no weight": (lambda F, x: F.rms_norm(x, (3, 6)), (X,)),
    "normalize": (lambda F, x: F.normalize(x), (X,)),
    "normalize, p 3": (lambda F, x: F.normalize(x.abs() + 0.1, p=3.0, dim=-1), (X,)),
    "gelu": (lambda F, x: F.gelu(x), (X,)),
    "gelu tanh": (lambda F, x: F.gelu(x, approximate="tanh"), (X,)),
}


@pytest.mark.parametrize("name", NORMS)
def test_entries_and_rows(name):
    program, arrays = NORMS[name]
    agree(lambda t, *xs: program(functional(t), *xs), *arrays, rtol=1e-11)


ATTENTIONS = {
    "plain": {},
    "scale": {"scale": 0.3},
    "causal": {"is_causal": True},
    "booleans": {"attn_mask": ALLOWED},
    "booleans for one pair": {"attn_mask": ALLOWED[0, 0]},
    "numbers": {"attn_mask": ADDED},
    "numbers and -inf": {"attn_mask": np.where(ALLOWED, ADDED, -np.inf), "scale": 0.5},
}


@pytest.mark.parametrize("name", ATTENTIONS)
def test_scaled_dot_product_attention(name):
    options = ATTENTIONS[name]

    def program(t, *xs):
        given = dict(options)
        if "attn_mask" in given:
            given["attn_mask"] = t.tensor(given["attn_mask"])
        return functional(t).scaled_dot_product_attention(*xs, **given)

    agree(program, Q, K, V, rtol=1e-11)


def test_the_mask_may_be_learnt():
    def program(t, q, k, v, mask):
        return functional(t).scaled_dot_product_attention(q, k, v, attn_mask=mask)

    agree(program, Q, K, V, ADDED, rtol=1e-11)


def test_a_query_that_may_attend_to_nothing():
    def program(t, q, k, v):
        allowed = ALLOWED.copy()
        allowed[:, :, 1] = False
        mask = t.tensor(allowed)
        return functional(t).scaled_dot_product_attention(q, k, v, attn_mask=mask)

    agree(program, Q, K, V, order=1, rtol=1e-11)


def test_in_single_precision():
    def program(t, *xs):
        z = functional(t).scaled_dot_product_attention(*xs[:3], is_causal=True)
        return functional(t).gelu(functional(t).layer_norm(z, (6,), *xs[3:]))

    single = [a.astype(np.float32) for a in (Q, K, K, W, B)]
    agree(program, *single, order=1, rtol=2e-5)


def modules(make, seed=0):
    """The same module in both libraries, in double precision, torch's weights loaded into ours."""
    torch.manual_seed(seed)
    theirs, ours = make(torch.nn).double(), make(oop.nn).double()
    for p in theirs.parameters():
        torch.nn.init.normal_(p)
    missing = ours.load_state_dict(
        {n: oop.tensor(value(p)) for n, p in theirs.state_dict().items()}
    )
    assert not any(missing)
    return {oop: ours, torch: theirs}


def same_run(found, call, *arrays):
    """Outputs, gradients of inputs and of parameters are equal; found: {library: module}."""
    results = []
    for t in LIBRARIES:
        xs = [tensor(t, a) for a in arrays]
        outs = [z for z in call(t, found[t], *xs) if z is not None]
        sum((z * z).sum() for z in outs).backward()
        grads = [x.grad for x in xs if x.requires_grad]
        grads += [p.grad for _, p in sorted(found[t].named_parameters())]
        results.append([value(z) for z in (*outs, *grads)])
    for a, b in zip(*results, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


LATER = np.triu(np.ones((4, 4), bool), 1)
PADDING = np.array([[False, False, False, True], [False, True, False, False]])
FLOATS = RNG.standard_normal((4, 4))
SELF = {
    "plain": ({}, {}),
    "no bias": ({"bias": False}, {}),
    "later places hidden": ({}, {"attn_mask": LATER}),
    "numbers added": ({}, {"attn_mask": FLOATS}),
    "a mask for each head": ({}, {"attn_mask": np.stack([LATER, LATER * False] * 2)}),
    "padding": ({}, {"key_padding_mask": PADDING}),
    "both": ({}, {"key_padding_mask": PADDING, "attn_mask": LATER}),
    "both in numbers": ({}, {"key_padding_mask": PADDING * -2.0, "attn_mask": FLOATS}),
    "weights of each head": ({}, {"average_attn_weights": False}),
    "no weights": ({}, {"need_weights": False}),
    "causal": ({}, {"attn_mask": LATER, "is_causal": True, "need_weights": False}),
}


def attend(t, module, x, y, options):
    given = {k: t.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    return module(x, y, y, **given)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("name", SELF)
def test_multi_head_attention_of_a_sequence_with_itself(name, batch_first):
    settings, options = SELF[name]
    found = modules(lambda nn: nn.MultiheadAttention(6, 2, batch_first=batch_first, **settings))
    x = RNG.standard_normal((2, 4, 6))
    x = x if batch_first else x.swapaxes(0, 1)
    same_run(found, lambda t, m, x: attend(t, m, x, x, options), x)


def test_multi_head_attention_of_one_sequence_with_another():
    found = modules(lambda nn: nn.MultiheadAttention(6, 3, batch_first=True))
    x, y = RNG.standard_normal((2, 4, 6)), RNG.standard_normal((2, 5, 6))
    same_run(found, lambda t, m, x, y: attend(t, m, x, y, {}), x, y)
    same_run(found, lambda t, m, x, y: m(x, y, y * 2), x, y)


def test_multi_head_attention_of_a_sequence_alone():
    found = modules(lambda nn: nn.MultiheadAttention(6, 3))
    x = RNG.standard_normal((4, 6))
    options = {"key_padding_mask": PADDING[0], "attn_mask": LATER}
    same_run(found, lambda t, m, x: attend(t, m, x, x, options), x)


INDICES = np.array([[1, 4, 1, 0], [3, 3, 3, 1]])


@pytest.mark.parametrize("padding_idx", [None, 1, -2])
def test_embedding(padding_idx):
    def program(t, w):
        rows = functional(t).embedding(t.tensor(INDICES), w, padding_idx=padding_idx)
        return rows * t.tensor(np.arange(24.0).reshape(2, 4, 3))

    agree(program, RNG.standard_normal((5, 3)), order=1)
    found = modules(lambda nn: nn.Embedding(5, 3, padding_idx=padding_idx))
    same_run(found, lambda t, m: [m(t.tensor(INDICES))])


def test_one_hot():
    for count in (-1, 6):
        mine, other = both(lambda t, n=count: value(functional(t).one_hot(t.tensor(INDICES), n)))
        assert mine.dtype == other.dtype and np.array_equal(mine, other)


def test_what_repr_says():
    for make in (
        lambda nn: nn.LayerNorm(6), lambda nn: nn.LayerNorm((2, 6), bias=False),
        lambda nn: nn.Embedding(5, 3, padding_idx=1), lambda nn: nn.RMSNorm(6),
        lambda nn: nn.GELU("tanh"),
    ):  # fmt: skip
        mine, other = both(lambda t, make=make: repr(make(t.nn)))
        assert mine == other


def test_initial_values_are_spread_as_torchs():
    for make in (lambda nn: nn.MultiheadAttention(96, 4), lambda nn: nn.Embedding(300, 96)):
        mine, other = both(lambda t, make=make: dict(make(t.nn).named_parameters()))
        assert list(mine) == list(other)
        for name, p in other.items():
            a, b = value(mine[name]), value(p)
            assert a.shape == b.shape and a.dtype == b.dtype
            np.testing.assert_allclose(a.std(), b.std(), rtol=0.05)
            np.testing.assert_allclose(np.abs(a).max(), np.abs(b).max(), rtol=0.3)
