"""A program and the programs of its derivatives: what they compute, and that each is made once."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.schedule.program import Program, halves

X = np.linspace(-1, 1, 6).reshape(2, 3)
Y = np.linspace(1, 2, 6).reshape(2, 3)


def f(x, y):
    return (wf.numpy.tanh(x) * y).sum(), x > 0


def program():
    return Program(wf.make_graph(f)(X, Y), "numpy")


def test_it_runs():
    value, mask = program()(X, Y)
    assert value == f(X, Y)[0]
    np.testing.assert_array_equal(mask, X > 0)


def test_a_derived_program_is_made_once():
    p = program()
    assert p.tangent((0,))[0] is p.tangent((0,))[0] is not p.tangent((1,))[0]
    assert p.reverse((0, 1)) is p.reverse((0, 1))
    assert (
        p.batched((True, False), 4)
        is p.batched((True, False), 4)
        is not p.batched((True, False), 5)
    )


def test_tangent():
    tangent, moved = program().tangent((0,))
    assert moved == [True, False]
    value, _, slope = tangent(X, Y, np.ones_like(X))
    assert value == f(X, Y)[0]
    np.testing.assert_allclose(slope, ((1 - np.tanh(X) ** 2) * Y).sum())


def test_batched():
    both = np.stack([X, -X, X])
    values, masks = program().batched((True, False), 3)(both, Y)
    assert masks.shape == (3, 2, 3)
    np.testing.assert_allclose(values, [f(x, Y)[0] for x in both])


def test_reverse_is_cut_in_time():
    ahead, back, present = program().reverse((0, 1))
    assert present == [True, True]
    value, _, *residuals = ahead(X, Y)
    gx, gy = back(*residuals, np.float64(2))
    assert value == f(X, Y)[0]
    np.testing.assert_allclose(gx, 2 * (1 - np.tanh(X) ** 2) * Y)
    np.testing.assert_allclose(gy, 2 * np.tanh(X))
    names = [e.primitive.name for e in back.graph.equations]
    assert "tanh" not in names  # it is a residual
    assert len(set(ahead.graph.outputs)) == len(ahead.graph.outputs)


def test_an_operand_without_influence_has_no_cotangent():
    p = Program(wf.make_graph(lambda x, y: (x.sum(),))(X, Y), "numpy")
    assert p.reverse((0, 1))[2] == [True, False]


def test_halves_keep_no_more_than_is_used():
    graph = wf.make_graph(lambda x, g: (wf.numpy.exp(wf.numpy.sin(x)), g * 2))(X, Y)
    ahead, back = halves(graph, 1, 1, 2)
    assert len(ahead.outputs) == 1 and len(back.inputs) == 1
    np.testing.assert_array_equal(back(Y)[0], Y * 2)


@pytest.mark.parametrize("numbers", [(2,), (2.5,), (True,)])
def test_a_python_number_given_to_a_program_inside_another(numbers):
    """Regression: the inner graph's casts met a bare Python number."""
    x = np.ones(3, np.float32)
    inner = wf.jit(lambda x, n: x * n, executor="numpy")
    found = wf.jit(lambda x: inner(x, *numbers), executor="numpy")(x)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, x * numbers[0])


def test_jit_of_grad_of_jit_is_one_graph():
    inner = wf.jit(lambda x: wf.numpy.tanh(x).sum())
    graph = wf.make_graph(wf.grad(inner))(X)
    assert all(e.primitive.name != "jit" for e in graph.equations)
    np.testing.assert_allclose(graph(X)[0], 1 - np.tanh(X) ** 2)


def test_jit_of_grad_of_jit_of_a_number():
    square = wf.jit(lambda x, n: x * n * n)
    both = wf.jit(wf.grad(lambda x, n: square(x, n), (0, 1)))
    gx, gn = both(np.float32(3), 2.0)
    assert (gx, gx.dtype, gn) == (4, np.float32, 12)
