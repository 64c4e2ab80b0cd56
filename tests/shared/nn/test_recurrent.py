import numpy as np
import pytest

from tests import standin
from wonderland import functional as wf
from wonderland.shared import random
from wonderland.shared.nn import recurrent
from wonderland.shared.nn.recurrent import GRU, LSTM, RNN, grouped, parameter_shapes

rng = np.random.default_rng(5)
x = rng.normal(size=(4, 2, 3))
KINDS = {"LSTM": LSTM, "GRU": GRU, "tanh": RNN["tanh"], "relu": RNN["relu"]}
CELLS = {
    "LSTM": recurrent.lstm_cell,
    "GRU": recurrent.gru_cell,
    "tanh": recurrent.rnn_cell,
    "relu": lambda *args: recurrent.rnn_cell(*args, nonlinearity="relu"),
}


def weights_of(kind, **settings):
    shapes = parameter_shapes(kind, 3, 5, **settings).values()
    return grouped([rng.normal(size=s) * 0.4 for s in shapes], settings.get("bias", True))


def parts(hidden):
    return hidden if isinstance(hidden, tuple) else (hidden,)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", KINDS)
def test_a_layer_is_its_cell_step_by_step(name, bias):
    (weights,) = weights_of(KINDS[name], bias=bias)
    output, final = recurrent.recurrent(KINDS[name], x, None, [weights])
    hidden = None
    for given, h in zip(x, output, strict=True):
        hidden = CELLS[name](given, hidden, *weights)
        np.testing.assert_allclose(parts(hidden)[0], h, rtol=1e-13)
    for a, b in zip(parts(final), parts(hidden), strict=True):
        assert a.shape == (1, 2, 5)
        np.testing.assert_allclose(a[0], b, rtol=1e-13)


@pytest.mark.parametrize("name", KINDS)
def test_the_reverse_direction_sees_the_sequence_backwards(name):
    kind = KINDS[name]
    weights = weights_of(kind, bidirectional=True)
    output, final = recurrent.recurrent(kind, x, None, weights, bidirectional=True)
    forth, last = recurrent.recurrent(kind, x, None, weights[:1])
    back, first = recurrent.recurrent(kind, x[::-1], None, weights[1:])
    assert np.array_equal(output, np.concatenate([forth, back[::-1]], 2))
    for both, a, b in zip(parts(final), parts(last), parts(first), strict=True):
        assert np.array_equal(both, np.concatenate([a, b]))


@pytest.mark.parametrize("name", KINDS)
def test_other_layouts(name):
    kind = KINDS[name]
    weights = weights_of(kind, num_layers=2)
    output, final = recurrent.recurrent(kind, x, None, weights)
    first, same = recurrent.recurrent(kind, x.swapaxes(0, 1), None, weights, batch_first=True)
    assert np.array_equal(first, output.swapaxes(0, 1))
    one, own = recurrent.recurrent(kind, x[:, 1], None, weights)
    # Products of other shapes sum in another order: a few roundings of terms of size 1.
    np.testing.assert_allclose(one, output[:, 1], rtol=0, atol=1e-14)
    for a, b, c in zip(parts(final), parts(same), parts(own), strict=True):
        assert np.array_equal(a, b)
        np.testing.assert_allclose(c, a[:, 1], rtol=0, atol=1e-14)
    single = CELLS[name](x[0, 0], None, *weights[0])
    np.testing.assert_allclose(
        parts(single)[0], parts(CELLS[name](x[0], None, *weights[0]))[0][0], rtol=0, atol=1e-14
    )


@pytest.mark.parametrize("name", KINDS)
def test_transforms(name):
    kind = KINDS[name]
    (weights,) = weights_of(kind)

    def loss(x, w):
        output, final = recurrent.recurrent(kind, x, None, [weights._replace(weight_hh=w)])
        return (output**2).sum() + parts(final)[-1].sum()

    w = weights.weight_hh
    gx, gw = wf.grad(loss, (0, 1))(x, w)
    dx, dw = np.cos(x), np.sin(w)
    _, forward = wf.jvp(loss, (x, w), (dx, dw))
    np.testing.assert_allclose(forward, (gx * dx).sum() + (gw * dw).sum(), rtol=1e-10)
    eps = 1e-6
    ahead, behind = [loss(x + s * eps * dx, w + s * eps * dw) for s in (1, -1)]
    np.testing.assert_allclose(forward, (ahead - behind) / (2 * eps), rtol=1e-6)
    xs, ws = np.stack([x, 2 * x]), np.stack([w, w / 2])
    each = [loss(*given) for given in zip(xs, ws, strict=True)]
    np.testing.assert_allclose(wf.vmap(loss)(xs, ws), each, rtol=1e-12)
    np.testing.assert_allclose(
        wf.jvp(wf.grad(loss), (x, w), (dx, dw))[1],
        (wf.grad(loss)(x + eps * dx, w + eps * dw) - wf.grad(loss)(x - eps * dx, w - eps * dw))
        / (2 * eps),
        rtol=1e-4, atol=1e-6,
    )  # fmt: skip


def test_dropout_is_between_layers_alone():
    weights, key = weights_of(LSTM, num_layers=2), random.key(0)
    settings = {"dropout_p": 0.5, "dropout_key": key}
    plain, _ = recurrent.recurrent(LSTM, x, None, weights)
    dropped, _ = recurrent.recurrent(LSTM, x, None, weights, **settings)
    assert not np.array_equal(plain, dropped)
    first = recurrent.recurrent(LSTM, x, None, weights[:1])
    same = recurrent.recurrent(LSTM, x, None, weights[:1], **settings)
    assert np.array_equal(first[0], same[0])


def test_on_a_device():
    weights = weights_of(LSTM)
    wanted, _ = recurrent.recurrent(LSTM, x, None, weights)
    with standin.installed():
        there = [type(w)(*[standin.lift(a) for a in w]) for w in weights]
        given = standin.lift(x)
        with standin.transfers.exactly():
            found, _ = recurrent.recurrent(LSTM, given, None, there)
            g = wf.grad(lambda x: recurrent.recurrent(LSTM, x, None, there)[0].sum())(given)
        np.testing.assert_allclose(standin.peek(found), wanted, rtol=1e-12)
        assert isinstance(g, standin.ndarray)


def refused(error, text, kind, *given, **settings):
    with pytest.raises(error, match=text):
        recurrent.recurrent(kind, *given, weights_of(kind), **settings)


def test_bad_input():
    text = r"LSTM: the input is \(T, N, I\), or \(T, I\) without a batch, but it has 1 axes: \(4,\)"
    refused(ValueError, text, LSTM, x[:, 0, 0], None)
    text = r"GRU: the input has 2 features but the weights take 3 \(input: \(4, 2, 2\), weight_ih: "
    refused(ValueError, text, GRU, x[..., :2], None)
    text = r"LSTM: the sequence has no steps \(input, time first: \(0, 2, 3\)\)"
    refused(ValueError, text, LSTM, x[:0], None)
    refused(ValueError, text, LSTM, x[:0].swapaxes(0, 1), None, batch_first=True)


def test_bad_state():
    h, c = np.zeros((2, 1, 2, 5))
    text = r"LSTM: the hidden state c has shape \(2, 5\), but with this input it is \(1, 2, 5\)"
    refused(ValueError, text, LSTM, x, (h, c[0]))
    refused(
        TypeError, r"LSTM: the hidden state is the pair \(h, c\), but this is ndarray", LSTM, x, h
    )
    text = "GRU: the input is float64 but the hidden state h float32; convert it with astype"
    refused(TypeError, text, GRU, x, h.astype(np.float32))
    text = r"GRUCell: the hidden state h has shape \(1, 2, 5\), but with this input it is \(2, 5\)"
    with pytest.raises(ValueError, match=text):
        recurrent.gru_cell(x[0], h, *weights_of(GRU)[0])
    with pytest.raises(ValueError, match=r"LSTMCell: the input is \(N, I\) or \(I,\), but it"):
        recurrent.lstm_cell(x, None, *weights_of(LSTM)[0])


def test_bad_settings():
    with pytest.raises(ValueError, match="RNN: nonlinearity is 'tanh' or 'relu', not 'gelu'"):
        recurrent.plain("gelu")
    with pytest.raises(ValueError, match="LSTM: num_layers is 0 but must be at least 1"):
        recurrent.check_sizes("LSTM", 3, 0)
