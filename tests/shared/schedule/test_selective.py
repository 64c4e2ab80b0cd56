"""The two halves of a checkpoint: what the forward half hands over, what the backward half does."""

import numpy as np
import pytest

from wonderland.shared.primitives import (
    checkpoint_name,
    cos,
    matmul,
    mul,
    passing,
    sin,
    split,
    tanh,
)  # fmt: skip
from wonderland.shared.schedule.capture import capture
from wonderland.shared.schedule.program import joint
from wonderland.shared.schedule.selective import NEVER, kept_of, recomputing_halves

X, W = np.linspace(-1, 1, 6).reshape(2, 3), np.linspace(0, 1, 9).reshape(3, 3)


def f(x, w):
    return [tanh(sin(matmul(x, w)))]


def policy_of(*names):
    return lambda primitive, *operands, **static: primitive.name in names


def halves(f, policy, *args):
    graph, _ = capture(f, args)
    whole, cut, _ = joint(graph, range(len(args)))
    return recomputing_halves(whole, len(args), 1, cut, policy)


def names(graph):
    return [e.primitive.name for e in graph.equations]


@pytest.mark.parametrize(
    ("kept", "again"),
    [
        ([], ["matmul", "sin", "tanh"]),
        (["matmul"], ["sin", "tanh"]),
        (["sin"], ["matmul", "tanh"]),
        (["tanh"], ["matmul"]),
        (["matmul", "tanh"], []),
        (["matmul", "sin", "tanh"], []),
    ],
)
def test_what_is_kept_is_not_computed_again(kept, again):
    ahead, back = halves(f, policy_of(*kept), X, W)
    assert names(ahead) == ["matmul", "sin", "tanh"]
    assert [n for n in names(back)[: len(again)] if n in ("matmul", "sin", "tanh")] == again
    assert names(back).count("sin") == again.count("sin")
    assert names(back).count("tanh") == again.count("tanh")
    assert names(back).count("matmul") == again.count("matmul") + 2
    z, *residuals = ahead(X, W)
    np.testing.assert_array_equal(z, f(X, W)[0])
    known = dict(zip([*ahead.inputs, *ahead.outputs[1:]], [X, W, *residuals], strict=True))
    gx, _ = back(*[known.get(v, np.ones_like(X)) for v in back.inputs])
    h = X @ W
    np.testing.assert_allclose(gx, ((1 - np.tanh(np.sin(h)) ** 2) * np.cos(h)) @ W.T)


def test_what_the_backward_half_does_not_need_is_not_kept():
    ahead, _ = halves(f, policy_of("sin", "tanh"), X, W)
    assert ahead.outputs == (ahead.equations[-1].outputs[0],) * 2  # no rule wants sin(h) itself


def test_the_policy_sees_primitive_operands_and_statics():
    seen = []

    def policy(primitive, *operands, **static):
        seen.append((primitive, [getattr(x, "shape", x) for x in operands], static))
        return False

    graph, _ = capture(lambda x: [mul(2, checkpoint_name(x, name="h"))], [X])
    assert kept_of(graph.equations, policy) == {}
    assert seen == [(checkpoint_name, [(2, 3)], {"name": "h"}), (mul, [2, (2, 3)], {})]


def test_a_name_is_that_of_its_operand():
    graph, _ = capture(lambda x: [cos(checkpoint_name(sin(x), name="h"))], [X])
    first, _, last = [e.outputs[0] for e in graph.equations]
    assert [*kept_of(graph.equations, policy_of("checkpoint_name"))] == [first]
    assert [*kept_of(graph.equations, policy_of("sin", "cos"))] == [first, last]
    assert [*kept_of(graph.equations, lambda *xs, **static: not static or NEVER)] == [last]
    assert [*kept_of(graph.equations, lambda *xs, **static: True)] == [first, last]


def test_one_of_several_results_may_be_kept():
    def g(x):
        a, b = split(sin(x), sizes=(1, 1), axis=0)
        return [tanh(mul(checkpoint_name(a, name="a"), b))]

    ahead, back = halves(g, policy_of("checkpoint_name"), X)
    assert len(ahead.outputs) == 2
    assert names(back).count("split") == 1
    made = [z for e in back.equations for z in e.outputs]
    assert not set(made) & set(back.inputs)


def test_an_operand_that_is_an_argument_is_there_anyway():
    graph, _ = capture(lambda x: list(passing(checkpoint_name(x, name="x"))), [X])
    assert kept_of(graph.equations, policy_of("checkpoint_name")) == {}


def test_a_policy_that_answers_something_else():
    graph, _ = capture(lambda x: [sin(x)], [X])
    with pytest.raises(
        TypeError,
        match=r"checkpoint: the policy returned NoneType for sin; it must return True to keep",
    ):
        kept_of(graph.equations, lambda *xs, **static: None)
