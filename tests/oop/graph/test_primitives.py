"""What the tape of Tensors owes to every primitive, over all rows of samples.

Second derivatives are those of the functional side. A value changed in place after it was recorded
is noticed, or makes no difference: never a silently wrong gradient, of first or second order.
"""

import numpy as np
import pytest

from tests.shared.primitives.rows import declare_everything, table
from wonderland import oop
from wonderland.oop.autograd import grad
from wonderland.shared.dispatch import Value
from wonderland.shared.tape import vjp
from wonderland.shared.testing.differences import cotangent_map
from wonderland.shared.testing.promises.inputs import drawn
from wonderland.shared.testing.sample import is_array, kind

declare_everything()
CALLS = {}
for row in table():
    for name in ("float64", "complex128"):
        if name in row.names() and any(kind(a) in "fc" for a in row.args):
            CALLS[f"{row.label}-{name}"] = row.call(name)


def recorded(call):
    """(leaves, intermediate copies of them, the inexact results of the call on the copies)."""
    call = call.copies()
    leaves = [oop.tensor(a, requires_grad=True) for a in call.inexact_args()]
    xs = [x * 1 for x in leaves]
    args = list(call.args)
    for i, a in enumerate(args):
        if is_array(a):
            args[i] = oop.tensor(a)
    for i, x in zip(call.inexact, xs, strict=True):
        args[i] = x
    zs = call.replaced(args)(*args)
    return leaves, args, [z for z in zs if z.dtype.kind in "fc" and z.requires_grad]


def cotangents(call, zs):
    return [oop.tensor(v) for v in drawn(call, 3)[1]][: len(zs)]


def arrays(gs):
    return [None if g is None else g.detach().numpy() for g in gs]


def same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        if a is None and b is None:
            continue
        a = np.zeros_like(b) if a is None else a
        b = np.zeros_like(a) if b is None else b
        scale = np.abs(b[np.isfinite(b)]).max(initial=1)
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * scale)


def gradients(call, create_graph=False):
    """The call recorded on Tensors, and a pull of drawn cotangents back to its leaves."""
    leaves, args, zs = recorded(call)
    if len(zs) < len(call.of_inexact(*call.inexact_args())):
        zs = []  # some results have no derivative: the rows of the first order know which
    vs = cotangents(call, zs)

    def pull(retain_graph=None):
        if not zs:
            return [None] * len(leaves)
        return grad(zs, leaves, vs, retain_graph, create_graph, allow_unused=True)

    return args, zs, vs, leaves, pull


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", CALLS)
def test_second_derivatives_are_those_of_functional(name):
    """In torch's convention the gradient is the conjugate of ours, as is its own cotangent."""
    call = CALLS[name]
    _, _, vs, leaves, pull = gradients(call, create_graph=True)
    us = drawn(call, 5)[0]
    chosen = [g is not None and g.requires_grad for g in pull()]
    if not any(chosen):
        return
    _, _, vs, leaves, pull = gradients(call, create_graph=True)
    pairs = [(g, u) for g, u, c in zip(pull(), us, chosen, strict=True) if c]
    gs, given = [g for g, _ in pairs], [oop.tensor(u) for _, u in pairs]
    found = grad(gs, leaves, given, allow_unused=True)
    xs = call.inexact_args()
    pulled = cotangent_map(call.of_inexact, len(xs))
    _, back = vjp(pulled, [*xs, *[np.conj(v.numpy()) for v in vs]])
    expected = back([u if c else None for u, c in zip(us, chosen, strict=True)])
    same(arrays(found), [None if g is None else np.conj(g) for g in expected[: len(xs)]])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", CALLS)
def test_a_change_in_place_is_noticed_or_makes_no_difference(name, order):
    call = CALLS[name]
    count = len(recorded(call)[1])
    for changed in range(count + 1):
        expected, found = (attempt(call, changed, change, order) for change in (False, True))
        if isinstance(found, RuntimeError):
            assert "changed in place" in str(found)
        else:
            same(found, expected)


def attempt(call, changed, change, order):
    """The gradients of an order, after operand number `changed` (or the result) was overwritten."""
    args, zs, _, leaves, pull = gradients(call, create_graph=order == 2)
    gs = []
    if order == 2:
        gs = [g for g in pull(retain_graph=True) if g is not None and g.requires_grad]
        if not gs:
            return []
    if change:
        target = args[changed] if changed < len(args) else (zs or [None])[0]
        overwrite(target)
    try:
        if order == 1:
            return arrays(pull())
        return arrays(grad(gs, leaves, [g.detach() for g in gs], allow_unused=True))
    except RuntimeError as error:
        return error


def overwrite(t):
    """Another value in the same memory, where there is one and it may be written to."""
    if not isinstance(t, oop.Tensor) or not t.value.size:
        return
    with oop.no_grad():
        try:
            t[...] = True if t.dtype.kind == "b" else t + 1
        except RuntimeError as error:
            assert "several entries" in str(error)


@pytest.mark.parametrize("name", CALLS)
def test_what_shares_memory_is_declared_a_view(name):
    call = CALLS[name].copies()
    for z in call():
        for i, a in enumerate(call.args):
            if is_array(a) and not isinstance(z, (Value, np.generic)) and np.may_share_memory(z, a):
                assert i == 0 and call.primitive.view
