import numpy as np
import pytest

from wonderland.oop import nn
from wonderland.oop.tensor import Tensor

rng = np.random.default_rng(0)
batches = [rng.normal(2, 3, (6, 3)).astype(np.float32) for _ in range(3)]


def test_training_normalises_by_the_batch():
    z = nn.BatchNorm1d(3)(Tensor(batches[0])).detach().numpy()
    assert np.allclose(z.mean(0), 0, atol=1e-6) and np.allclose(z.std(0), 1, atol=1e-3)


def test_running_statistics_are_those_of_torch():
    m = nn.BatchNorm1d(3)
    buffers = dict(m.named_buffers())
    mean, variance = np.zeros(3), np.ones(3)
    for x in batches:
        m(Tensor(x))
        mean = 0.9 * mean + 0.1 * x.mean(0)
        variance = 0.9 * variance + 0.1 * x.var(0, ddof=1)
    assert np.allclose(m.running_mean.numpy(), mean, rtol=1e-5)
    assert np.allclose(m.running_var.numpy(), variance, rtol=1e-5)
    assert m.num_batches_tracked.item() == 3
    assert all(b is buffers[name] for name, b in m.named_buffers())
    assert not any(b.requires_grad for b in m.buffers())


def test_evaluation_uses_the_running_statistics_and_leaves_them():
    m = nn.BatchNorm1d(3)
    m(Tensor(batches[0]))
    state = {name: b.numpy().copy() for name, b in m.named_buffers()}
    z = m.eval()(Tensor(batches[1])).detach().numpy()
    wanted = (batches[1] - state["running_mean"]) / np.sqrt(state["running_var"] + 1e-5)
    assert np.allclose(z, wanted, rtol=1e-5)
    assert all(np.array_equal(b.numpy(), state[name]) for name, b in m.named_buffers())


def test_momentum_none_is_the_plain_average():
    m = nn.BatchNorm1d(3, momentum=None)
    for x in batches:
        m(Tensor(x))
    assert np.allclose(m.running_mean.numpy(), np.mean([x.mean(0) for x in batches], 0), rtol=1e-5)


def test_without_running_statistics_or_affine():
    m = nn.BatchNorm1d(3, affine=False, track_running_stats=False)
    assert list(m.state_dict()) == [] and m.weight is None
    z = m.eval()(Tensor(batches[0])).numpy()
    assert np.allclose(z.mean(0), 0, atol=1e-6)


def test_sequences_have_their_channels_second():
    m = nn.BatchNorm1d(2)
    x = batches[0].reshape(3, 2, 3)
    z = m(Tensor(x)).detach().numpy()
    assert np.allclose(z.mean((0, 2)), 0, atol=1e-6)


def test_gradients_flow_through_the_statistics():
    m = nn.BatchNorm1d(3).double()
    x = Tensor(batches[0].astype(np.float64), requires_grad=True)
    (m(x) * m(x)).sum().backward()
    assert np.allclose(x.grad.numpy().sum(0), 0, atol=1e-9)


def test_bad_shapes():
    text = r"BatchNorm1d: x has shape \(2, 4\), but \(N, 3, ...\) is needed, with 2 or 3 axes"
    with pytest.raises(ValueError, match=text):
        nn.BatchNorm1d(3)(Tensor(np.ones((2, 4), np.float32)))
