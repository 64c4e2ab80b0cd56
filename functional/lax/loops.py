"""Loops that end by a condition or a count: while_loop, fori_loop."""

import operator

import numpy as np

from ...shared import ops
from ...shared.dispatch import Value
from ...shared.errors import describe
from ...shared.schedule.capture import variable_like
from ...shared.schedule.control.body import captured, is_traced, program_of
from ...shared.schedule.control.loop import While
from ...shared.schedule.graph import Variable
from ..arguments import check_callable
from .carry import Carry, strong
from .scan import Loop


def while_loop(cond_fun, body_fun, init_val, *, max_steps=None):
    """The value after body_fun, again and again, for as long as cond_fun(value) holds.

    body_fun returns the types that it got; a Python number in init_val takes the dtype that it
    gives it. max_steps: stop after so many steps, at the latest. Reverse mode needs it, as it keeps
    what each of these steps computed; forward mode takes any loop. Under vmap the loop runs until
    all elements are done, and those that are do not change any more.

    >>> while_loop(lambda x: x < 100, lambda x: 2 * x, 1)
    np.int64(128)
    """
    check_callable("while_loop", cond_fun)
    check_callable("while_loop", body_fun)
    if max_steps is not None and (not isinstance(max_steps, int) or max_steps < 0):
        raise ValueError(f"while_loop: max_steps is a number of steps, but it is {max_steps!r}")
    carry = Carry("while_loop", init_val)
    return _while(carry, cond_fun, body_fun, max_steps)


def _while(carry, cond_fun, body_fun, most, like=None):
    """The loop; like: the types of the carry, where they are not those of its leaves."""
    unflatten = carry.structure.unflatten

    def test(*leaves):
        return [predicate("while_loop: cond_fun", cond_fun(unflatten(leaves)))]

    def body(*leaves):
        return carry.returned(body_fun(unflatten(leaves)))

    if not is_traced(carry.leaves):
        found = _in_python(carry, test, body, most)
        if found is not None:
            return unflatten(found)
    carry.settle(lambda leaves: captured(body, leaves, "while_loop")[0].outputs)
    like = like or carry.leaves
    name = carry.operation
    tested, of_test = captured(test, like, f"{name} test", carry.leaves)
    graph, of_body = captured(
        lambda *leaves: carry.checked(body(*leaves)), like, name, carry.leaves
    )
    loop = While(program_of(tested), program_of(graph), len(of_test), len(of_body), most, name)
    return unflatten(loop(*of_test, *of_body, *carry.leaves))


def _in_python(carry, test, body, most):
    """The leaves at the end; None where numbers need a dtype, but the body is not to run at all."""
    steps, going = 0, test(*carry.leaves)[0]
    if carry.has_numbers:
        if not going or most == 0:
            return None
        carry.settle(lambda leaves: body(*leaves))
    leaves = carry.leaves
    while steps != most and going:
        leaves = carry.checked(body(*leaves))
        going, steps = test(*leaves)[0], steps + 1
    return leaves


def predicate(what, x):
    """A scalar boolean. TypeError for anything else."""
    if x.__class__ is bool:
        return np.asarray(x)
    if getattr(getattr(x, "dtype", None), "kind", "") != "b" or tuple(x.shape):
        raise TypeError(
            f"{what} gives a scalar boolean, but it gave {describe(x)}; compare, and reduce with "
            "all() or any()"
        )
    return x


def fori_loop(lower, upper, body_fun, init_val, *, unroll=None):
    """The value after value = body_fun(i, value) for i from lower up to upper - 1.

    With bounds that are Python integers (or plain arrays of one) this is a scan, with reverse mode;
    with traced bounds it is a while_loop, without. i has no dtype of its own: x * i has that of x.

    >>> fori_loop(1, 5, lambda i, x: x * i, 1.0)
    np.float32(24.0)
    """
    check_callable("fori_loop", body_fun)
    bounds = [bound("lower", lower), bound("upper", upper)]
    if all(x.__class__ is int for x in bounds):
        length = max(bounds[1] - bounds[0], 0)
        loop = Count("fori_loop", body_fun, init_val, bounds[0], length)
        return loop.run(length if unroll is True else max(1, int(unroll or 1)))[0]
    wide = [strong("fori_loop", x) for x in bounds]
    dtype = np.result_type(*[x.dtype for x in wide])
    carry = Carry("fori_loop", (*[ops.astype(x, dtype) for x in wide], init_val))

    def step(c):
        return c[0] + 1, c[1], body_fun(c[0], c[2])

    def like(leaves):  # i stands for a Python number
        return [Variable((), dtype, int), *[variable_like(x) for x in leaves[1:]]]

    def types(leaves):
        flat = lambda *xs: carry.returned(step(carry.structure.unflatten(xs)))  # noqa: E731
        return captured(flat, like(leaves), "fori_loop", leaves)[0].outputs

    carry.settle(types)
    return _while(carry, lambda c: c[0] < c[1], step, None, like(carry.leaves))[2]


def bound(name, x):
    """A bound as an int, or the traced integer that it is."""
    try:
        if not isinstance(x, Value):
            return operator.index(x)
    except TypeError:
        pass
    if getattr(getattr(x, "dtype", None), "kind", None) not in ("i", "u") or tuple(x.shape):
        raise TypeError(f"fori_loop: {name} is an integer, but it is {describe(x)}")
    return x


class Count(Loop):
    """A loop whose step gets the number of the step: a Python integer, or what stands for one."""

    def __init__(self, operation, body, init, lower, length):
        def step(carry, slices):
            return body(slices[0], carry), None

        numbers = np.arange(lower, lower + length)
        super().__init__(
            operation, step, init, [numbers], length, like=[Variable((), numbers.dtype, int)]
        )

    def slices(self, t):
        """The number of step t."""
        return [int(self.operands[0][t])]

    def chunks(self, steps, whole):
        """The first number of each chunk."""
        numbers = self.operands[0][:whole:steps]
        return [numbers], self.like

    def within(self, slices, j):
        """The number of step j of a chunk."""
        return [slices[0] + j]
