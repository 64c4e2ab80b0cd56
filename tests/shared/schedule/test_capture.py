"""Capture: what a function does becomes equations, whatever it closes over."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.dispatch import depth
from wonderland.shared.schedule.capture import capture
from wonderland.shared.schedule.graph import Constant

X = np.ones((2, 3), np.float32)


def captured(f, *like, **options):
    return capture(lambda *xs: list(f(*xs)), like, "test", **options)


def test_an_array_that_is_used_twice_is_one_constant():
    table = np.arange(3.0)
    graph, outer = captured(lambda x: [(x + table) * table], np.ones(3))
    assert len(graph.constants()) == 1
    assert not outer


def test_constants_are_copies_and_small_where_they_repeat():
    table, wide = np.arange(3.0), np.broadcast_to(np.float64(2), (1000, 3))
    graph, _ = captured(lambda x: [x + table, x + wide], np.ones((1000, 3)))
    table[0] = 7
    values = {c.shape: c.value for c in graph.constants()}
    assert min(v.reshape(-1)[0] for v in values.values()) == 0
    assert any(not any(v.strides) for v in values.values())


def test_values_of_outer_transforms_become_inputs():
    def f(y):
        graph, outer = captured(lambda x: [x * y], X)
        assert len(graph.inputs) == 2
        assert outer == [y]
        return (y * 1).sum()

    wf.grad(f)(X)


def test_python_numbers_stay_python_numbers():
    graph, _ = captured(lambda x, s: [x * s, s * 2 + 1], X, 2.0)
    assert graph.inputs[1].weak is float
    assert [z.dtype for z in graph.outputs] == [np.float32, np.float64]
    assert graph.outputs[1].weak is float
    assert [a for e in graph.equations for a in e.inputs if a.__class__ is int] == [2, 1]


def test_comparisons_of_weak_numbers_are_weak_truths():
    graph, _ = captured(lambda s: [s > 1], 2.0)
    assert graph.outputs[0].weak is bool
    assert graph.outputs[0].dtype == bool


def test_an_output_may_be_an_input_or_a_constant():
    graph, _ = captured(lambda x: [x, np.ones(2), np.float32(1)], X)
    assert graph.outputs[0] is graph.inputs[0]
    assert [a.__class__ for a in graph.outputs[1:]] == [Constant, Constant]
    assert not graph.equations


def test_several_results():
    graph, _ = captured(lambda x: np.split(x, 3, axis=1), X)
    (equation,) = graph.equations
    assert [z.shape for z in equation.outputs] == [(2, 1)] * 3


def test_functions_with_rules_of_their_own_are_one_equation():
    @wf.custom_jvp
    def own(x):
        return np.sin(x) + 1

    own.defjvp(lambda p, t: (own(*p), 3 * t[0]))
    graph, _ = captured(lambda x: [own(x)], X)
    (equation,) = graph.equations
    assert [e.primitive.name for e in equation.primitive.body.equations] == ["sin", "add"]
    assert float(wf.grad(wf.jit(own))(1.0)) == 3.0


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_exception_leaves_no_level_behind(error):
    def fails(x):
        raise error

    before = depth.get()
    with pytest.raises(error):
        captured(fails, X)
    assert depth.get() == before


def test_captures_within_captures():
    def f(x):
        inner, outer = captured(lambda y: [y * x], X)
        assert len(outer) == 1
        return inner(*outer, x)

    graph, outer = captured(f, X)
    assert not outer
    assert [e.primitive.name for e in graph.equations] == ["mul"]
