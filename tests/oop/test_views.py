"""Views of Tensors: what is seen through them, and what is refused."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.oop.tensor import Tensor


def leaf(*values):
    return oop.tensor([float(v) for v in values], requires_grad=True)


def test_a_change_through_a_view_is_seen_by_its_base():
    w = leaf(1, 2, 3)
    x = w * 1
    v = x[1:]
    v *= w[0] * 10
    assert x.tolist() == [1, 20, 30]
    (x * x).sum().backward()
    # x = (w0, 10 w0 w1, 10 w0 w2)
    assert w.grad.tolist() == [2 + 2 * 100 * (4 + 9), 2 * 100 * 2, 2 * 100 * 3]


def test_a_change_of_the_base_is_seen_through_a_view():
    w = leaf(1, 2, 3)
    x = w * 1
    v = x[1:]
    x *= 3
    assert v.tolist() == [6, 9]
    v.sum().backward()
    assert w.grad.tolist() == [0, 3, 3]


def test_overlapping_views():
    w = leaf(1, 2, 3)
    x = w * 1
    a, b = x[:2], x[1:]
    a *= 2
    b *= 5
    assert a.tolist() == [2, 20]
    a.sum().backward()
    assert w.grad.tolist() == [2, 10, 0]


def test_a_view_of_a_view_of_a_view():
    w = oop.arange(24, dtype=oop.float32).requires_grad_()
    x = (w * 1).reshape(2, 3, 4)
    x.permute(2, 0, 1)[1][:, ::2].mul_(w[3])
    expected = np.arange(24.0).reshape(2, 3, 4)
    expected[:, ::2, 1] *= 3
    assert x.detach().numpy().tolist() == expected.tolist()
    x.sum().backward()
    g = np.ones((2, 3, 4))
    g[:, ::2, 1] = 3
    g = g.ravel()
    g[3] += 1 + 9 + 13 + 21
    assert w.grad.tolist() == g.tolist()


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.real,
        lambda x: x.imag,
        lambda x: x.diagonal(),
        lambda x: x.squeeze(),
        lambda x: x.unsqueeze(0),
        lambda x: x.mT,
        lambda x: x.expand(2, 2),
        lambda x: x.split(1)[1],
        lambda x: x.unbind()[0],
        lambda x: np.split(x, 2)[1],
        lambda x: x.narrow(1, 0, 1),
        lambda x: x[0, 1],
        lambda x: x[0][1],
        lambda x: x[..., oop.tensor(1)],
        lambda x: x.chunk(2)[0],
        lambda x: x.flatten(),
        lambda x: x.movedim(0, 1),
    ],
    ids=range(17),
)
def test_every_view_writes_through(view):
    w = oop.tensor([[1 + 1j, 2], [3, 4j]], requires_grad=True)
    x = w * 1
    view(x).mul_(3)
    places = np.array(w.detach().numpy())
    expected = np.array(view(oop.tensor(places)).detach().numpy()) * 3
    assert np.array_equal(view(x).detach().numpy(), expected)

    def out_of_place(w):
        z = w * 1
        numbers = oop.arange(8).reshape(2, 2, 2)
        complex_numbers = oop.complex(numbers[0].double(), numbers[1].double())
        chosen = view(complex_numbers)
        return z, chosen

    (x.real.sum() + 2 * x.imag.sum()).backward()
    g = (1 + 2j) * np.ones((2, 2))
    before = oop.tensor(g.copy())
    view(before).mul_(3)
    assert np.allclose(w.grad.numpy(), before.numpy())


def test_a_scalar_view_shares_memory():
    x = oop.zeros(3)
    v = x[1]
    v += 5
    assert x.tolist() == [0, 5, 0]
    x[1] = 7
    assert v.item() == 7


def test_a_reduction_without_axes_can_be_viewed():
    w = leaf(1, 2)
    s = w.sum()
    v = s.reshape(1)
    d = s.detach()
    s *= 2
    assert (v.tolist(), d.item()) == ([6], 6)
    v.sum().backward()
    assert w.grad.tolist() == [2, 2]


def test_expanded_memory_is_not_written_to():
    for x in (oop.zeros(1).expand(3), np.broadcast_to(oop.zeros(1), (3,))):
        with pytest.raises(RuntimeError, match=r"add_: several entries .*x\.clone\(\)"):
            x.add_(1)
        with pytest.raises(RuntimeError, match=r"x\[i\] = v: several entries"):
            x[0] = 1
        assert x.tolist() == [0, 0, 0]
    x = oop.zeros(3).expand(3)
    x += 1
    assert x.tolist() == [1, 1, 1]


def test_a_view_made_within_no_grad():
    w = leaf(1, 2)
    x = w * 1
    with oop.no_grad():
        v = x[0]
    with pytest.raises(RuntimeError, match=r"mul_: this view was made within no_grad\(\)"):
        v.mul_(2)
    assert x.tolist() == [1, 2]
    with oop.no_grad():
        v.mul_(2)
    assert x.tolist() == [2, 2]
    assert not v.requires_grad
    x.sum().backward()
    assert w.grad.tolist() == [1, 1]


def test_a_view_keeps_its_history_when_it_is_made_anew_within_no_grad():
    w = leaf(1, 2)
    v = w[0]
    with oop.no_grad():
        w += 1
        assert v.item() == 2
    v.backward()
    assert w.grad.tolist() == [1, 0]


def test_detach_cuts_both_ways_and_shares_values():
    w = leaf(1, 2)
    x = w * 1
    d = x.detach()
    d *= 3
    assert x.tolist() == [3, 6]
    assert not d.requires_grad
    x.sum().backward()
    assert w.grad.tolist() == [1, 1]
    y = w * w
    with pytest.raises(RuntimeError, match="needs a value that was changed in place since"):
        w.detach().add_(1)
        y.sum().backward()


def test_detach_of_a_traced_value_stops_the_derivative():
    assert wf.grad(lambda x: (Tensor(x) * Tensor(x).detach()).value)(2.0) == 2

    def f(x):
        t = Tensor(x) * 1
        d = t.detach()
        t *= 3
        return (t * d).value

    assert wf.grad(f)(2.0) == 3 * 6


def test_a_view_that_collects_gradients_of_its_own():
    x = oop.zeros(2)
    v = x[0].requires_grad_()
    with oop.no_grad():
        x += 1
    v.backward()
    assert (v.item(), v.grad.item()) == (1, 1)
    x += leaf(1, 2)
    with pytest.raises(RuntimeError, match="this view collects gradients of its own"):
        _ = v * 2


def test_view_refuses_a_copy():
    x = oop.zeros(2, 3)
    assert x.view(3, 2).shape == (3, 2)
    assert x.view(-1).base.parent is x
    with pytest.raises(RuntimeError, match=r"view: memory of shape \(3, 2\) .*contiguous"):
        x.t().view(6)


def test_what_torch_copies_is_a_copy():
    x = oop.zeros(2, 2)
    for z in (
        x.flip(0), x.fliplr(), x.roll(0, 0), x.repeat(1, 1), x.tile(1), x.rot90(0), x.diag(),
        x.clone(), x.tril(), oop.cat([x]), oop.tensor(x), oop.nan_to_num(x), np.copy(x),
    ):  # fmt: skip
        z += 1
        assert x.tolist() == [[0, 0], [0, 0]]


def test_a_long_chain_of_views_does_not_recurse():
    w = leaf(1, 2)
    x = v = w * 1
    for _ in range(20_000):
        v = v[:]
    x *= 2
    assert v.tolist() == [2, 4]
    v.sum().backward()
    assert w.grad.tolist() == [2, 2]
