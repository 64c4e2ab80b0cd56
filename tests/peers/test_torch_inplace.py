"""In-place operations and views against torch: the values, the gradients, and what is refused."""

import numpy as np
import pytest

from tests.peers.twins import LIBRARIES, agree, both, tensor

pytestmark = pytest.mark.peers

RNG = np.random.default_rng(3)
X = RNG.standard_normal((2, 3))
V = RNG.standard_normal(3)


def augmented_operators(t, x, v):
    y = x * 2
    y += v
    y -= 1
    y *= v
    y /= 3
    y **= 2
    return y


def methods(t, x, v):
    y = x.clone()
    return y.add_(v).mul_(2).sub_(v).div_(3).neg_().exp_() * v


def base_sees_view(t, x, v):
    y = x * 1
    y[0].mul_(v)
    return y * y


def view_sees_base(t, x, v):
    y = x * 1
    row = y[0]
    y.mul_(v)
    return [row * row, y]


def view_of_view(t, x, v):
    y = x * 1
    part = y.reshape(3, 2)[1:]
    part.mul_(2)
    y.add_(v)
    return [part * part, y]


def transposed_view(t, x, v):
    y = x * 1
    y.T.add_(v[:, None])
    return y * y


def two_views(t, x, v):
    y = x * 1
    a, b = y[0], y[:, 1]
    a.mul_(v)
    b.add_(1)
    return [a * 2, b * 3, y**2]


def expanded_then_used(t, x, v):
    y = v * 1
    wide = y.expand(2, 3)
    y.mul_(2)
    return wide * x


def constant_base_gets_history(t, x, v):
    y = t.zeros(2, 3, dtype=t.float64)
    y[0] = v
    y[1].add_(v * 2)
    return y * x


def constant_view_gets_history(t, x, v):
    y = t.zeros(2, 3, dtype=t.float64)
    row = y[1]
    y.add_(x)
    return [row * v, y]


def accumulation_in_a_loop(t, x, v):
    total = t.zeros(3, dtype=t.float64)
    for row in x:
        total += row * v
    return total


def filled_row_by_row(t, x, v):
    out = t.zeros(4, 3, dtype=t.float64)
    out[0] = v
    for i in range(3):
        out[i + 1] = out[i].clone() * x[i % 2]
    return out


def detached_view_shares_memory(t, x, v):
    y = x * 1
    y.detach().add_(1)
    return y + v


def zeroed(t, x, v):
    y = x * 1
    y.zero_()
    y += v
    return y


def filled(t, x, v):
    y = x * 1
    y[0].fill_(3.0)
    return y * y


def copied(t, x, v):
    y = x * 1
    y[1].copy_(v)
    return y * x


def clamped(t, x, v):
    y = x * 1
    return y.clamp_(min=0.0) * v


def masked(t, x, v):
    y = x * 1
    return y.masked_fill_(y > 0, 1.5) * v


def overwritten_input_not_needed(t, x, v):
    y = x * 1
    z = y + v
    y.mul_(2)
    return z * y


def unbound(t, x, v):
    y = x * 1
    return y.sum() + sum((row * v).sum() for row in y.unbind(0))


PROGRAMS = [
    augmented_operators, methods, base_sees_view, view_sees_base, view_of_view, transposed_view,
    two_views, expanded_then_used, constant_base_gets_history, constant_view_gets_history,
    accumulation_in_a_loop, filled_row_by_row, detached_view_shares_memory, zeroed, filled, copied,
    clamped, masked, overwritten_input_not_needed, unbound,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_programs(program):
    agree(program, X, V)


def kept_input_changed(t, x, v):
    y = x * 1
    z = y * y
    y.add_(1)
    z.sum().backward()


def kept_output_changed(t, x, v):
    z = (x * 1).exp()
    z.mul_(2)
    z.sum().backward()


def kept_changed_through_a_view(t, x, v):
    y = x * 1
    z = y * y
    y[0].zero_()
    z.sum().backward()


def kept_changed_through_detach(t, x, v):
    y = x * 1
    z = y * y
    y.detach().add_(1)
    z.sum().backward()


def own_entries_kept(t, x, v):
    y = x * 1
    y[0] = y[1] * v
    y.sum().backward()


def leaf_changed(t, x, v):
    x.add_(1)


def view_of_leaf_changed(t, x, v):
    x[0].mul_(2)


def leaf_assigned(t, x, v):
    x[0] = v


def freed_graph(t, x, v):
    z = (x * x).sum()
    z.backward()
    z.backward()


def not_scalar(t, x, v):
    (x * x).backward()


def nothing_requires(t, x, v):
    (x.detach() * 2).sum().backward()


def wrong_gradient_shape(t, x, v):
    (x * x).backward(v)


def requires_grad_of_integers(t, x, v):
    t.tensor([1, 2], requires_grad=True)


def numpy_of_a_recorded(t, x, v):
    x.numpy()


def inplace_widens(t, x, v):
    y = x * 1
    y[0] += t.ones(4, 3, dtype=t.float64)


def inplace_of_wider_kind(t, x, v):
    y = t.ones(2, dtype=t.int64)
    y += 1.5


REFUSED = [
    kept_input_changed, kept_output_changed, kept_changed_through_a_view,
    kept_changed_through_detach, own_entries_kept, leaf_changed, view_of_leaf_changed,
    leaf_assigned, freed_graph,
    not_scalar, nothing_requires, wrong_gradient_shape, requires_grad_of_integers,
    numpy_of_a_recorded, inplace_widens, inplace_of_wider_kind,
]  # fmt: skip


@pytest.mark.parametrize("program", REFUSED, ids=lambda f: f.__name__)
def test_what_torch_refuses_is_refused(program):
    for t in LIBRARIES:
        with pytest.raises((RuntimeError, ValueError, TypeError)):
            program(t, tensor(t, X), tensor(t, V))


def test_leaves_change_under_no_grad():
    def program(t):
        x = tensor(t, X)
        with t.no_grad():
            x -= 0.1 * x
            x[0] = 3.0
        (x * x).sum().backward()
        return x.grad.numpy(), x.requires_grad, x.is_leaf

    (mine, *flags), (other, *their_flags) = both(program)
    np.testing.assert_array_equal(mine, other)
    assert flags == their_flags


def test_the_memory_that_views_share():
    def program(t):
        x = t.zeros(2, 3)
        row, flat, copy = x[0], x.reshape(6), x.clone()
        x.add_(1)
        row.mul_(3)
        return [a.numpy().tolist() for a in (x, row, flat, copy)]

    mine, other = both(program)
    assert mine == other
