import numpy as np
import pytest

from wonderland.oop import nn
from wonderland.oop.grad_mode import no_grad
from wonderland.oop.tensor import Tensor


class Scale(nn.Module):
    def __init__(self, factor=2.0):
        super().__init__()
        self.factor = nn.Parameter(np.array([factor]))

    def forward(self, x, shift=0.0):
        return x * self.factor + shift


class Pair(nn.Module):
    def forward(self, x, y):
        return x * y, x + y


def leaf(*values):
    return Tensor(np.array(values), requires_grad=True)


def test_forward_hooks_run_in_order_and_may_replace_the_output():
    m, seen = Scale(), []
    m.register_forward_hook(lambda mod, args, out: seen.append((mod, args, out)))
    m.register_forward_hook(lambda mod, args, out: out + 1)
    m.register_forward_hook(lambda mod, args, out: out * 10, prepend=True)
    x = leaf(3.0)
    assert m(x).item() == 61.0
    assert seen[0][0] is m and seen[0][1] == (x,) and seen[0][2].item() == 60.0


def test_pre_hooks_may_replace_the_arguments():
    m = Scale()
    m.register_forward_pre_hook(lambda mod, args: args[0] + 1)
    m.register_forward_pre_hook(lambda mod, args: (args[0] * 2,))
    assert m(leaf(3.0)).item() == 16.0


def test_hooks_with_keyword_arguments():
    m, seen = Scale(), []
    m.register_forward_pre_hook(
        lambda mod, args, kwargs: (args, {"shift": kwargs["shift"] * 2}), with_kwargs=True
    )
    m.register_forward_hook(lambda mod, args, kwargs, out: seen.append(kwargs), with_kwargs=True)
    assert m(leaf(1.0), shift=5.0).item() == 12.0 and seen == [{"shift": 10.0}]
    m.register_forward_pre_hook(lambda mod, args, kwargs: args, with_kwargs=True)
    with pytest.raises(TypeError, match=r"with_kwargs=True it returns None or \(args, kwargs\)"):
        m(leaf(1.0), shift=5.0)


def test_a_removed_hook_does_not_run():
    m = Scale()
    handle = m.register_forward_hook(lambda mod, args, out: out * 0)
    with m.register_forward_hook(lambda mod, args, out: out + 1):
        assert m(leaf(3.0)).item() == 1.0
    handle.remove()
    handle.remove()
    assert m(leaf(3.0)).item() == 6.0


def test_a_backward_hook_sees_both_gradients_once():
    m, seen = Scale(), []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((mod, gi, go)))
    x = leaf(1.0, 2.0)
    (m(x) * Tensor(np.array([3.0, 5.0]))).sum().backward()
    [(mod, (gi,), (go,))] = seen
    assert mod is m and go.numpy().tolist() == [3.0, 5.0] and gi.numpy().tolist() == [6.0, 10.0]
    assert x.grad.numpy().tolist() == [6.0, 10.0] and m.factor.grad.item() == 13.0


def test_a_backward_hook_may_replace_the_gradient_of_the_input():
    m, x = Scale(), leaf(1.0)
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 100,))
    m(x).sum().backward()
    assert x.grad.item() == 200.0 and m.factor.grad.item() == 1.0


def test_a_backward_hook_of_several_inputs_and_outputs():
    m, seen = Pair(), []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((gi, go)))
    x, y = leaf(3.0), Tensor(np.array([4.0]))
    product, _ = m(x, y)
    product.sum().backward()
    [(gi, go)] = seen
    assert gi[0].item() == 4.0 and gi[1] is None
    assert [g.item() for g in go] == [1.0, 0.0]
    assert x.grad.item() == 4.0


def test_a_backward_hook_runs_where_no_input_requires_a_gradient():
    m, seen = Scale(), []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((gi, go[0].item())))
    m(Tensor(np.array([3.0]))).sum().backward()
    assert seen == [((None,), 1.0)] and m.factor.grad.item() == 3.0


def test_a_backward_hook_is_silent_under_no_grad():
    m, seen = Scale(), []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append(1))
    with no_grad():
        assert not m(leaf(1.0)).requires_grad
    assert seen == []


def test_a_backward_hook_under_create_graph_sees_recorded_gradients():
    m, seen = Scale(3.0), []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append(gi[0].requires_grad))
    x = leaf(2.0)
    m(x * x).sum().backward(create_graph=True)
    assert x.grad.item() == 12.0 and seen == [True]


def test_a_backward_hook_must_return_a_gradient_per_input():
    m = Scale()
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0], gi[0]))
    with pytest.raises(RuntimeError, match="returned 2 gradients for the 1 inputs of Scale"):
        m(leaf(1.0)).sum().backward()


def test_an_input_changed_in_place_by_forward_leaves_the_callers_alone():
    class Adds(nn.Module):
        def forward(self, x):
            x += 1
            return x * x

    m, x = Adds(), leaf(2.0)
    m.register_full_backward_hook(lambda mod, gi, go: None)
    z = x * 1
    m(z).sum().backward()
    assert z.item() == 2.0 and x.grad.item() == 6.0
