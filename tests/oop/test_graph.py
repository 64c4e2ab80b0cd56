"""The tape: guards, backward and its refusals, memory."""

import gc
import inspect
import re
import threading
import tracemalloc

import numpy as np
import pytest

from wonderland import oop


def leaf(*values):
    return oop.tensor([float(v) for v in values], requires_grad=True)


def line():
    return inspect.currentframe().f_back.f_lineno


def test_a_kept_value_that_was_changed_names_both_lines():
    w = leaf(1, 2)
    x = w * 1
    y, recorded = x * x, line()
    x.add_(1)
    x[0], changed = 1, line()
    file = re.escape(__file__)
    text = (
        rf"backward: mul \(recorded at {file}:{recorded}\) needs a value that was changed in place "
        rf"since, last at {file}:{changed}; change a copy \(x\.clone\(\)\)"
    )
    with pytest.raises(RuntimeError, match=text):
        y.sum().backward()


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.__setitem__(0, 5.0),
        lambda x: x[0].add_(1),
        lambda x: x.detach().add_(1),
        lambda x: x.data.fill_(1),
        lambda x: x.reshape(1, -1).zero_(),
        lambda x: x.copy_(np.ones(2)),
    ],
    ids=range(6),
)
def test_every_change_is_noticed(change):
    w = leaf(1, 2)
    x = w * 1
    y = (x * x).sum()
    change(x)
    with pytest.raises(RuntimeError, match="changed in place since"):
        y.backward()


def test_an_output_that_was_changed_is_noticed():
    w = leaf(1, 2)
    y = w.tanh()
    y[0] = 1
    with pytest.raises(RuntimeError, match=r"tanh .* changed in place"):
        y.sum().backward()


def test_an_operation_in_place_keeps_what_it_overwrites():
    w, c = leaf(2, 3), leaf(5, 7)
    x = w * 1
    x *= c
    x **= 3
    x.sqrt_().square_()
    x /= c
    x.sum().backward()  # w³ c²
    assert w.grad.tolist() == pytest.approx([3 * 4 * 25, 3 * 9 * 49], rel=1e-4)
    assert c.grad.tolist() == pytest.approx([2 * 8 * 5, 2 * 27 * 7], rel=1e-4)


def test_a_step_within_no_grad_is_noticed():
    w = leaf(1, 2)
    loss = (w * w).sum()
    with oop.no_grad():
        w -= 0.1
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_refusals_of_backward():
    x = leaf(1, 2)
    with pytest.raises(
        RuntimeError, match=r"a gradient is needed, as this Tensor has shape \(2,\)"
    ):
        (x * 2).backward()
    y = (x * x).sum()
    y.backward()
    with pytest.raises(
        RuntimeError, match="freed by an earlier backward pass; pass retain_graph=True"
    ):
        y.backward()
    with pytest.raises(RuntimeError, match="this Tensor needs no gradient"):
        x.detach().sum().backward()
    with pytest.raises(ValueError, match=r"the gradient has shape \(3,\) but the Tensor \(2,\)"):
        (x * 2).backward(oop.ones(3))
    with oop.no_grad():
        z = x.sum()
    with pytest.raises(RuntimeError, match=r"check for no_grad\(\) and detach\(\)"):
        z.backward()


def test_backward_twice_with_retain_graph_accumulates():
    x = leaf(1, 2)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4, 8]


def test_backward_into_inputs_alone():
    x, y = leaf(1, 2), leaf(3, 4)
    z = x * y
    (z * z).sum().backward(inputs=[x, z])
    assert x.grad.tolist() == [2 * 9, 2 * 2 * 16]
    assert z.grad.tolist() == [6, 16]
    assert y.grad is None
    with pytest.raises(RuntimeError, match="input 1 requires no gradient"):
        (x * y).sum().backward(inputs=[x, oop.ones(2)])


def test_a_gradient_is_in_memory_of_its_own():
    x, y = leaf(1, 2), leaf(3, 4)
    g = oop.ones(2)
    (x + y).backward(g)
    x.backward(g)
    arrays = [x.grad.numpy(), y.grad.numpy(), g.numpy()]
    assert not any(
        np.shares_memory(a, b) for a, b in zip(arrays, [*arrays[1:], arrays[0]], strict=True)
    )
    assert [a.tolist() for a in arrays] == [[2, 2], [1, 1], [1, 1]]
    a, b = oop.autograd.grad(x + y, [x, y], g)
    assert not np.shares_memory(a.numpy(), b.numpy())
    a, b = oop.autograd.grad(x * 1, [x, x], g)
    assert not np.shares_memory(a.numpy(), b.numpy())
    assert not np.shares_memory(a.numpy(), g.numpy())


def test_a_gradient_nobody_else_holds_is_not_copied():
    x = oop.zeros(100_000, requires_grad=True)
    y = x * 2
    g = oop.ones(100_000)
    tracemalloc.start()
    y.backward(g)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * x.value.nbytes


def test_accumulating_is_a_change_in_place():
    x = leaf(1, 2)
    (x * 3).sum().backward()
    w = leaf(1, 1)
    kept = (x.grad * w).sum()
    (x * 3).sum().backward()
    with pytest.raises(RuntimeError, match="changed in place"):
        kept.backward()


def test_float32_and_complex_gradients_have_the_dtype_of_the_leaf():
    x = oop.ones(2, dtype=oop.float16, requires_grad=True)
    z = oop.tensor([1 + 2j], requires_grad=True)
    (x.double().sum() * z.abs().sum()).backward()
    assert (x.grad.dtype, z.grad.dtype) == (np.float16, np.complex64)


def test_complex_gradients_point_uphill():
    """torch's convention: the gradient of |z|² is 2z, of Re(c z) it is conj(c)."""
    z = oop.tensor([1 + 2j, -3j], requires_grad=True)
    (z * z.conj()).real.sum().backward()
    assert z.grad.tolist() == [2 + 4j, -6j]
    z.grad = None
    (z * (3 + 4j)).real.sum().backward()
    assert z.grad.tolist() == [3 - 4j, 3 - 4j]
    z.grad = None
    y = z * (1 + 1j)
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.retain_grad()
    seen = []
    y.backward(oop.tensor([1j, 1]))
    assert seen == [[1j, 1]]
    assert y.grad.tolist() == [1j, 1]
    assert z.grad.tolist() == [1j * (1 - 1j), 1 - 1j]


def test_a_deep_graph_neither_recurses_nor_leaks():
    x = oop.ones(1, requires_grad=True)
    gc.collect()
    gc.disable()
    try:
        y = x
        for _ in range(100_000):
            y = y * 1.0
        y.backward()
        y = x
        for _ in range(100_000):
            y = y * 1.0
        del y
        assert gc.collect() < 1000
    finally:
        gc.enable()
    assert x.grad.tolist() == [1]


def test_memory_after_backward_returns_to_where_it_was():
    x = oop.ones(1000, requires_grad=True)

    def step():
        y = x
        for _ in range(50):
            y = y.sin()[:] * x
        y.register_hook(lambda g: None)
        y.retain_grad()
        y[0] = 0
        y.sum().backward()
        x.grad = None

    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        step()  # Python itself keeps some memory for later
        step()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(5):
            step()
        assert tracemalloc.get_traced_memory()[0] - before < 4000
    finally:
        tracemalloc.stop()
        gc.enable()


def test_what_backward_keeps_is_freed_though_the_loss_lives():
    x = oop.ones(100_000, requires_grad=True)
    loss = (x.sin() * x).sum()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    loss.backward()
    assert tracemalloc.get_traced_memory()[0] - before < 1.5 * x.value.nbytes
    tracemalloc.stop()
    assert loss.node.parents == ()


def test_threads_have_graphs_and_modes_of_their_own():
    found, barrier = {}, threading.Barrier(4)

    def work(n):
        x = leaf(n, n)
        barrier.wait()
        with oop.set_grad_enabled(n % 2 == 0):
            y = x
            for _ in range(200):
                y = y * 1.0
            barrier.wait()
            found[n] = y.requires_grad
        (x * x * n).sum().backward()
        found[n, "grad"] = x.grad.tolist()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert oop.is_grad_enabled()
    for n in range(4):
        assert found[n] == (n % 2 == 0)
        assert found[n, "grad"] == [2 * n * n] * 2


def test_a_double_backward_of_everything_that_is_recorded():
    """A gradient penalty, against the same by hand: f = Σ (w·x)³, |∂f/∂x|² = 9 |w|² Σ (w·x)⁴."""
    x = oop.tensor([[1.0, 2.0], [0.5, -1.0]], dtype=oop.float64)
    w = oop.tensor([0.3, -0.4], dtype=oop.float64, requires_grad=True)
    x.requires_grad_()
    f = ((x @ w) ** 3).sum()
    (gx,) = oop.autograd.grad(f, x, create_graph=True)
    (gx * gx).sum().backward()
    s = x.detach().numpy() @ w.detach().numpy()
    w0 = w.detach().numpy()
    expected = 18 * w0 * (s**4).sum() + 9 * (w0 @ w0) * 4 * (s**3) @ x.detach().numpy()
    assert np.allclose(w.grad.numpy(), expected)


def test_create_graph_in_backward():
    x = leaf(2, 3)
    (x**3).sum().backward(create_graph=True)
    assert x.grad.requires_grad
    g, x.grad = x.grad, None
    g.sum().backward()
    assert x.grad.tolist() == [12, 18]


def test_a_gradient_that_is_assigned_has_to_fit():
    x = oop.tensor([1.0, 2.0], requires_grad=True)
    x.grad = g = oop.ones(2)
    assert x.grad is g
    with pytest.raises(TypeError, match="grad: a Tensor or None is needed, but this is ndarray"):
        x.grad = np.ones(2, np.float32)
    with pytest.raises(ValueError, match=r"the Tensor has shape \(2,\) but its gradient \(3,\)"):
        x.grad = oop.ones(3)
    with pytest.raises(TypeError, match=r"float32 but its gradient float64; convert it, g\.to\(f"):
        x.grad = oop.ones(2, dtype=oop.float64)
    assert x.grad is g
    (x * 3).sum().backward()
    assert x.grad.tolist() == [4, 4]
    x.grad = None
    assert x.grad is None
