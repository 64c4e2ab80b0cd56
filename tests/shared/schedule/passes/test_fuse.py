"""Which equations share a loop, and that every order of steps is one in which they can run."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.drafting import programs
from wonderland import functional as wf
from wonderland.shared.nn.softmax import softmax
from wonderland.shared.primitives import add, layer_norm, matmul, neg, tanh, transpose
from wonderland.shared.primitives import max as largest
from wonderland.shared.primitives import sum as total
from wonderland.shared.schedule.executors import native
from wonderland.shared.schedule.graph import Constant, Variable
from wonderland.shared.schedule.loop import MOST_OPERATIONS, Loop
from wonderland.shared.schedule.passes.arrange import Arranged
from wonderland.shared.schedule.passes.donate import made_by, read_by
from wonderland.shared.schedule.passes.fuse import Assembly, Other, fused

if not native():
    pytest.skip("llvmlite is missing: nobody fuses", allow_module_level=True)

from wonderland.shared.schedule.native.execute import assembled, prepared
from wonderland.shared.schedule.native.scalars import fusible

X = np.linspace(-1, 1, 4 * 33, dtype=np.float32).reshape(4, 33)
GAIN = np.ones(33, np.float32)


def arranged_and_steps(f, *args):
    arranged = Arranged(prepared(wf.make_graph(f)(*args)))
    return arranged, fused(arranged, fusible, assembled)


def loops_of(f, *args):
    """The steps, all of which are loops."""
    _, steps = arranged_and_steps(f, *args)
    assert all(isinstance(step, Loop) for step in steps)
    return steps


def weighted(f):
    """A scalar of f's result whose cotangent is not all ones."""
    return lambda *args: (f(*args) * X).sum()


def normed(x, gain, bias):
    return layer_norm(x, gain, bias, eps=1e-5)


def test_a_chain_is_one_loop():
    (loop,) = loops_of(lambda x: wf.numpy.sin(tanh(x * 2 + 1)) - x, X)
    assert len(loop.operations) == 5 and loop.shape == (4, 33) and loop.rows is None
    assert [o.level for o in loop.operations] == ["full"] * 5 and len(loop.stores) == 1


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: softmax(x, axis=1), [X]),
        (lambda x: wf.nn.log_softmax(x, axis=1), [X]),
        (lambda x: normed(x, GAIN, GAIN), [X]),
        (lambda x: normed(x + 1, GAIN, GAIN) * 2, [X]),
    ],
    ids=["softmax", "log_softmax", "layer norm", "and around it"],
)
def test_a_row_wise_chain_is_one_loop(f, args):
    (loop,) = loops_of(f, *args)
    assert loop.rows == 1 and any(o.level == "row" for o in loop.operations)


@pytest.mark.parametrize(
    "f",
    [lambda x: softmax(x, axis=1), lambda x: normed(x, GAIN, GAIN)],
    ids=["softmax", "layer norm"],
)
def test_forward_and_backward_are_one_loop(f):
    (loop,) = loops_of(wf.grad(weighted(f)), X)
    assert loop.rows == 1 and len(loop.stores) == 1


def test_gradients_of_gain_and_bias_end_the_same_loop():
    loss = lambda x, gain, bias, w: (normed(x, gain, bias) * w).sum()  # noqa: E731
    (loop,) = loops_of(wf.grad(loss, (0, 1, 2)), X, GAIN, GAIN, X)
    assert [o.level for o in loop.operations if o.reduces].count("end") == 2


def test_a_reduction_over_other_axes_is_read_by_later_loops_only():
    first, second = loops_of(lambda x: x - total(x * x, axis=(0,), keepdims=True), X)
    (ending,) = [o for o in first.operations if o.level == "end"]
    assert ending.result in second.reads() and ending.strides == (0, 1)


def test_rows_of_one_length_alone_share_a_loop():
    def f(x):
        return largest(x, axis=(0, 1), keepdims=True) + largest(x, axis=(1,), keepdims=True) + x

    _, steps = arranged_and_steps(f, X)
    assert {s.rows for s in steps} <= {None, 0, 1} and len(steps) > 1


def test_what_crosses_the_axes_of_a_row_stays_out_of_it():
    row = X[:1]

    def f(x, row):
        return (x + x.sum()) / row

    loops = loops_of(f, X, row)
    inside = [loop for loop in loops if loop.rows == 0]
    assert all(row.shape[1] not in (a.strides[-1:] for a in loop.reading()) for loop in inside)
    for loop in inside:
        assert loop.tidy(loop.operations)


def test_a_product_stands_between_loops():
    _, steps = arranged_and_steps(lambda x: tanh(matmul(tanh(x), transpose(x, axes=(1, 0)))), X)
    assert [type(s) for s in steps] == [Loop, Other, Loop]


def test_a_loop_does_not_wait_for_itself():
    """The sum of both needs the product, which needs the first of them."""

    def f(x):
        y = tanh(x)
        return add(y, matmul(y, np.eye(33, dtype=np.float32)))

    _, steps = arranged_and_steps(f, X)
    assert [type(s) for s in steps] == [Loop, Other, Loop]


def test_a_loop_has_a_limit():
    def f(x):
        for _ in range(MOST_OPERATIONS + 10):
            x = tanh(neg(x))
        return x

    loops = loops_of(f, X)
    assert len(loops) == 3 and max(len(loop.operations) for loop in loops) == MOST_OPERATIONS


def test_equal_loops_are_one_code():
    first, second = loops_of(lambda x, y: (tanh(x) * 2, tanh(y) * 2), X, X.copy())[:2]
    other = loops_of(lambda x: tanh(x) * 2.0, X)[0]
    assert first.key() == second.key() != other.key()


def check_order(arranged, steps):
    """Every step finds what it reads, and nothing is made twice."""
    made = {v for v in [*arranged.graph.inputs, *arranged.graph.constants()]}
    for step in steps:
        inside = set()
        if isinstance(step, Loop):
            for operation in step.operations:
                given = {a for a in operation.operands if isinstance(a, Variable)}
                assert given <= inside
                inside.add(operation.result)
        assert set(read_by(step, arranged.places)) <= made
        results = set(made_by(step))
        assert not results & made
        made |= results
    for a in arranged.graph.outputs:
        if isinstance(a, Variable) and a.__class__ is not Constant:
            assert arranged.places[a].root in made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_steps_of_random_programs_are_in_order(program):
    with np.errstate(all="ignore"):
        arranged, steps = arranged_and_steps(program, *program.inputs)
    check_order(arranged, steps)
    kinds = {type(step) for step in steps}
    assert kinds <= {Loop, Assembly, Other}
