import numpy as np

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.bodies import is_structured

XS = np.arange(4.0)


def loop(c, w):
    return lax.scan(lambda c, x: (c * w + x, None), c, XS)[0]


def structured(graph):
    return [e.primitive for e in graph.equations if is_structured(e.primitive)]


def test_a_plan_knows_its_places_and_leaves_the_call_alone():
    (call,) = structured(wf.make_graph(loop)(1.0, np.float64(2)))
    plan = call.reverse(0b10)
    assert plan.primitive.places == [1] and call.places == []


def test_one_call_serves_nested_transforms():
    graph = wf.make_graph(loop)(np.float64(1), np.float64(2))
    f = lambda c, w: graph(c, w)[0]  # noqa: E731  the same call object at two levels
    nested = wf.grad(lambda c: wf.grad(f, 1)(c, c * 2.0) * f(c, 3.0))
    direct = wf.grad(lambda c: wf.grad(loop, 1)(c, c * 2.0) * loop(c, 3.0))
    np.testing.assert_allclose(nested(np.float64(1.5)), direct(np.float64(1.5)))
