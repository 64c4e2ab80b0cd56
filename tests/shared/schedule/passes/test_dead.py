"""Dead code goes, what an output needs stays, inputs stay."""

import numpy as np

from wonderland import functional as wf
from wonderland.shared.primitives import add, neg, split
from wonderland.shared.schedule.graph import Graph
from wonderland.shared.schedule.passes.dead import without_dead

X = np.ones(4)


def names(graph):
    return [e.primitive.name for e in graph.equations]


def test_what_no_output_needs_is_left_out():
    graph = without_dead(wf.make_graph(lambda x: (neg(add(x, 1)), add(neg(x), x))[1])(X))
    assert names(graph) == ["neg", "add"]
    np.testing.assert_array_equal(graph(X)[0], 0 * X)


def test_every_operand_is_needed():
    graph = without_dead(wf.make_graph(lambda x: add(x, neg(x)))(X))
    assert names(graph) == ["neg", "add"]


def test_an_equation_of_which_one_result_is_needed_stays_whole():
    graph = without_dead(wf.make_graph(lambda x: split(x, axis=0, sizes=(1, 3))[1])(X))
    assert names(graph) == ["split"] and len(graph.equations[0].outputs) == 2


def test_inputs_stay():
    graph = wf.make_graph(lambda x, y: neg(y))(X, X)
    graph = without_dead(Graph(graph.inputs, graph.inputs[:1], graph.equations))
    assert len(graph.inputs) == 2 and not graph.equations
