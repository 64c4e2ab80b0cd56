import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop


def leaf(*values):
    return oop.tensor([float(v) for v in values], requires_grad=True)


def test_assignment_after_use_elsewhere():
    """tinygrad's fault: `x[0] = v` after `x` was used raised."""
    w = leaf(1, 2, 3)
    x = w * 1
    y = x * 2
    x[0] = w[2] * 5
    (y + x).sum().backward()
    assert x.tolist() == [15, 2, 3]
    assert w.grad.tolist() == [2, 3, 2 + 1 + 5]


def test_assignment_broadcasts_and_casts():
    x = oop.zeros(2, 3)
    x[0] = 1
    x[:, 1] = oop.tensor([5, 6])
    x[1:, :1] = np.array([[[7.5]]])
    assert x.tolist() == [[1, 5, 1], [7.5, 6, 0]]
    i = oop.zeros(2, dtype=oop.int64)
    i[0] = 2.7
    assert i.tolist() == [2, 0]


def test_of_several_values_for_one_entry_the_last_stays():
    v = leaf(1, 2, 3)
    x = leaf(0, 0) * 1
    x[[0, 0, 1]] = v
    assert x.tolist() == [2, 3]
    x.sum().backward()
    assert v.grad.tolist() == [0, 1, 1]


def test_masks_and_arrays():
    w = leaf(1, 2, 3, 4)
    x = w.reshape(2, 2) * 1
    x[x > 2] = 0
    x[oop.tensor([0]), [1]] = w[0] * 10
    assert x.tolist() == [[1, 10], [0, 0]]
    x.sum().backward()
    assert w.grad.tolist() == [11, 0, 0, 0]


def test_augmented_assignment_is_recorded_once():
    w = leaf(1, 2, 3)
    x = w * 1
    x[1:] += w[0]
    node = x.node
    assert node.plan.primitive.name == "update"
    assert node.parents[0].plan.primitive.name == "mul"
    x[[0, 2]] *= 2
    assert x.tolist() == [2, 3, 8]
    x.sum().backward()
    assert w.grad.tolist() == [2 + 1 + 2, 1, 2]


def test_overlapping_source():
    x = oop.arange(5)
    x[1:] = x[:-1]
    assert x.tolist() == [0, 0, 1, 2, 3]


def test_refusals_change_nothing():
    x = oop.zeros(2, 3)
    with pytest.raises(
        ValueError, match=r"values have shape \(2,\), which does not broadcast .* \(3,\)"
    ):
        x[0] = oop.ones(2)
    with pytest.raises(
        TypeError, match="values are complex128, which does not fit into x of dtype float32"
    ):
        x[0] = 1j
    with pytest.raises(IndexError, match="index 5 is out of range for axis 0"):
        x[5] = 1
    w = leaf(1, 2)
    with pytest.raises(RuntimeError, match="this leaf that requires a gradient cannot be changed"):
        w[0] = 5
    with pytest.raises(RuntimeError, match="a view of a leaf that requires a gradient"):
        w[:1][0] = 5
    assert x.sum().item() == 0
    assert w.tolist() == [1, 2]
    with oop.no_grad():
        w[0] = 5
    assert w.tolist() == [5, 2]
    assert w.is_leaf
    assert w.requires_grad


def test_a_traced_value_does_not_enter_a_tensor_from_outside():
    x = oop.zeros(2)
    for transform in (wf.grad, wf.vmap):
        with pytest.raises(RuntimeError, match="the result is traced by a functional transform"):
            transform(lambda v: x.__setitem__(0, v))(np.ones(2) if transform is wf.vmap else 1.0)
    assert x.tolist() == [0, 0]


def test_assignment_of_traced_values():
    def f(v):
        x = oop.tensor([1.0, 2.0, 3.0], dtype=oop.float64) * oop.Tensor(v)
        y = x[1:]
        x[0] = oop.Tensor(v) ** 2
        y[0] *= 5
        return (x.sum() + y.sum()).value

    # x = (v², 10 v, 3 v), y = (10 v, 3 v)
    value, g = wf.value_and_grad(f)(np.float64(2))
    assert (value, g) == (4 + 26 * 2, 4 + 26)
    batch = wf.vmap(f)(np.array([2.0, 3.0]))
    assert batch.tolist() == [56, 9 + 78]


def test_torchs_rules_of_indexing():
    x = oop.arange(24).reshape(2, 3, 4)
    assert x[0, :, [1, 2]].shape == (3, 2)
    assert x[oop.tensor(0), :, oop.tensor([1, 2])].shape == (3, 2)
    assert x[True].shape == (1, 2, 3, 4)
    assert x[False].shape == (0, 2, 3, 4)
    assert x[1, ..., -1].tolist() == [15, 19, 23]
    assert x[None, 0, [0, 1]].shape == (1, 2, 4)
    assert x[oop.tensor(1)].base is not None
    x[0, :, [1, 2]] = oop.zeros(3, 2, dtype=oop.int64)
    assert x[0].tolist() == [[0, 0, 0, 3], [4, 0, 0, 7], [8, 0, 0, 11]]


def test_device_and_level_of_the_values():
    def f(a):
        t = oop.Tensor(a) * 1
        t[0] = outer[1]
        return t.sum().value

    outer = leaf(3, 4)
    assert wf.vmap(f)(np.ones((2, 2), np.float32)).tolist() == [5, 5]


@pytest.mark.parametrize("place", [[0, 2], 1, slice(0, 2)])
def test_the_second_order_of_an_assignment(place):
    x, v = leaf(1, 2, 3), leaf(5)
    y = x * 1
    y[place] = v * v
    (g,) = oop.autograd.grad((y * y).sum(), v, create_graph=True)
    (h,) = oop.autograd.grad(g, v)
    count = {int: 1}.get(type(place), 2)
    assert (g.item(), h.item()) == (count * 4 * 5**3, count * 12 * 5**2)
