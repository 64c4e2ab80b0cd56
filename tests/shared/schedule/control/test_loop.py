"""The primitive as it stands in graphs; for what it computes see functional/lax/test_loops."""

import numpy as np

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.control.loop import While


def doubled(x, most=None):
    return lax.while_loop(lambda c: c < 100, lambda c: c * 2, x, max_steps=most)


def test_a_loop_is_one_equation_with_test_and_body():
    graph = wf.make_graph(doubled)(1.5)
    (equation,) = [e for e in graph.equations if isinstance(e.primitive, While)]
    assert set(equation.static) >= {"test", "body", "most"}
    assert "most=None" in repr(graph)
    changed = equation.primitive.map_graphs(lambda g: g)
    assert changed(np.float64(3))[0] == 192 == doubled(np.float64(3))


def test_reverse_mode_is_a_scan_of_switches():
    graph = wf.make_graph(wf.grad(lambda x: doubled(x, 8)))(np.float64(3))
    names = [e.primitive.name for e in graph.equations]
    assert "while_loop" in names and "while_loop backward" in names


def test_a_batch_is_one_loop():
    graph = wf.make_graph(wf.vmap(doubled))(np.ones(3))
    assert [e.primitive.name for e in graph.equations].count("while_loop") == 1


def test_shapes_without_running():
    assert wf.eval_shape(doubled, np.float32(3)).dtype == np.float32


def test_an_infinite_loop_can_be_captured():
    f = lambda x: lax.while_loop(lambda c: c == c, lambda c: c + 1, x)  # noqa: E731
    assert len(wf.make_graph(f)(np.float64(0)).equations) == 1
