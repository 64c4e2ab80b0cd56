import gc
import weakref

import pytest

from wonderland import oop


def leaf(*values):
    return oop.tensor([float(v) for v in values], requires_grad=True)


def test_hooks_of_a_leaf_and_of_an_intermediate_tensor():
    x = leaf(1, 2)
    y = x * 3
    seen = []
    x.register_hook(lambda g: seen.append(("x", g.tolist())))
    y.register_hook(lambda g: seen.append(("y", g.tolist())))
    y.register_hook(lambda g: g * 2)
    y.sum().backward()
    assert seen == [("y", [1, 1]), ("x", [6, 6])]
    assert x.grad.tolist() == [6, 6]


def test_a_removed_hook_is_not_called():
    x = leaf(1, 2)
    y = x * 1
    first, second = x.register_hook(lambda g: g * 0), y.register_hook(lambda g: g * 0)
    first.remove()
    first.remove()
    second.remove()
    with x.register_hook(lambda g: g * 0):
        pass
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_hooks_within_a_recorded_backward_pass():
    x = leaf(2, 3)
    y = x * x
    y.register_hook(lambda g: g * x)
    (g,) = oop.autograd.grad(y.sum(), x, create_graph=True)
    assert g.tolist() == [8, 18]  # 2 x²
    g.sum().backward()
    assert x.grad.tolist() == [8, 12]


def test_hooks_do_not_record_otherwise():
    x = leaf(2, 3)
    y = x * 1
    modes = []
    y.register_hook(lambda g: modes.append((oop.is_grad_enabled(), (g * x).requires_grad)))
    y.sum().backward()
    assert modes == [(False, False)]
    assert oop.is_grad_enabled()


def test_what_a_hook_may_return():
    x = leaf(1, 2)
    x.register_hook(lambda g: g.sum())
    with pytest.raises(
        TypeError, match=r"None or a Tensor of shape \(2,\), but it returned Tensor \[\]"
    ):
        (x * 2).sum().backward()
    with pytest.raises(RuntimeError, match="register_hook: this Tensor needs no gradient"):
        oop.ones(2).register_hook(print)


def test_retain_grad():
    x = leaf(1, 2)
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    assert y.retains_grad
    (y * y).sum().backward()
    assert y.grad.tolist() == [4, 8]
    x.retain_grad()
    assert not x.retains_grad
    with pytest.raises(RuntimeError, match="retain_grad: this Tensor needs no gradient"):
        oop.ones(2).retain_grad()


def test_retained_is_the_gradient_of_the_last_value():
    x = leaf(1, 2)
    y = x * 2
    y.retain_grad()
    y *= 10
    y.sum().backward()
    assert y.grad.tolist() == [1, 1]
    assert x.grad.tolist() == [20, 20]


def test_a_hooked_graph_is_freed_without_the_collector():
    gc.collect()
    gc.disable()
    try:
        x = leaf(1, 2)
        y = x * 2
        y.register_hook(lambda g: g)
        y.retain_grad()
        gone = weakref.ref(y), weakref.ref(x)
        x.register_hook(lambda g: g)
        del x, y
        assert [r() for r in gone] == [None, None]
    finally:
        gc.enable()
