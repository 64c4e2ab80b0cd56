import numpy as np

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.bodies import is_structured, with_bodies

X = np.ones(3)


def test_a_graph_without_loops_is_itself():
    graph = wf.make_graph(lambda x: x + 1)(X)
    assert with_bodies(graph, None) is graph


def test_every_structured_call_is_changed():
    def f(x):
        x = lax.fori_loop(0, 3, lambda i, x: x * 2, x)
        return lax.while_loop(lambda x: x.sum() < 99, lambda x: x * 2, x)

    graph, changed = wf.make_graph(f)(X), []

    def change(call):
        changed.append(call.name)
        return call.by("numpy", {})

    found = with_bodies(graph, change)
    assert changed == ["fori_loop", "while_loop"]
    assert sum(is_structured(e.primitive) for e in found.equations) == 2
    np.testing.assert_array_equal(found(X)[0], f(X))
