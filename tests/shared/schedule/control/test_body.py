import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.shared.schedule.control.body import aligned, captured, is_traced, program_of

X = np.ones(3)


def test_what_is_traced():
    assert not is_traced([X, 1.0])
    assert is_traced([oop.Tensor(X)])
    inside = []
    wf.grad(lambda x: inside.append(is_traced([X])) or x.sum())(X)
    assert inside == [True]


def test_tensors_that_a_body_uses_are_inputs_not_frozen():
    w = oop.Tensor(X.copy(), requires_grad=True)
    with oop.no_grad():
        w.add_(1)  # it has a version by now
    graph, outer = captured(lambda x: [w * x], [X], "body")
    assert outer == [w] or outer[0] is w
    np.testing.assert_array_equal(program_of(graph)(X * 5, X)[0], 5 * X)
    with pytest.raises(TypeError, match="no argument, whose value would be frozen"):
        wf.jit(lambda x: w * x)(X)


def test_a_leaf_is_a_tensor_where_the_operand_is():
    seen = []
    captured(lambda x, y: [seen.append((type(x), type(y))) or x.tanh()], [oop.Tensor(X), X], "body")
    assert seen[0][0] is oop.Tensor and seen[0][1] is not oop.Tensor


def test_graphs_share_what_they_close_over():
    a, b = oop.Tensor(X), oop.Tensor(X * 2)
    found = [captured(f, [X], "body") for f in (lambda x: [a * x], lambda x: [b * x + a])]
    (first, second), union = aligned(found)
    assert len(union) == 2
    np.testing.assert_array_equal(first(X, X * 2, X)[0], X)
    np.testing.assert_array_equal(second(X, X * 2, X)[0], 3 * X)
