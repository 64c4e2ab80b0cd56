"""The primitive as it stands in graphs; for what it computes see tests/functional/lax."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.control.scan import Scan
from wonderland.shared.schedule.graph import Graph
from wonderland.shared.schedule.passes.dead import without_dead
from wonderland.shared.schedule.passes.inline import inlined

RNG = np.random.default_rng(0)
W, XS = RNG.normal(size=(3, 3)), RNG.normal(size=(50, 3))


def loop(w, xs):
    return lax.scan(lambda h, x: (np.tanh(w @ h + x), h), np.zeros(3), xs)


def scans(graph):
    return [e for e in graph.equations if isinstance(e.primitive, Scan)]


def test_a_loop_is_one_equation_whatever_its_length():
    graph = wf.make_graph(loop)(W, XS)
    assert [e.primitive.name for e in graph.equations] == ["scan"]
    assert "scan(a, " in repr(graph) and "length=50" in repr(graph)
    assert len(scans(inlined(graph))) == 1


def test_its_derivative_is_two():
    graph = wf.make_graph(wf.grad(lambda w: loop(w, XS)[0].sum()))(W)
    assert [e.primitive.name for e in scans(graph)] == ["scan", "scan backward"]
    assert scans(graph)[1].primitive.from_end


def test_an_inactive_operand_costs_no_cotangent():
    """xs are data: the step back computes no cotangent for them."""
    only_w = scans(wf.make_graph(wf.grad(lambda w: loop(w, XS)[0].sum()))(W))[1]
    both = scans(wf.make_graph(wf.grad(lambda w, xs: loop(w, xs)[0].sum(), (0, 1)))(W, XS))[1]
    assert len(only_w.outputs) == 2 and len(both.outputs) == 3


def test_passes_reach_the_body():
    def f(xs):
        def body(c, x):
            np.exp(x)  # nobody needs it
            return wf.checkpoint(lambda c: c * x)(c), None

        return lax.scan(body, np.ones(3), xs)[0]

    equation = scans(wf.make_graph(f)(XS))[0]
    assert len(equation.primitive.body.graph.equations) == 2
    mapped = equation.primitive.map_graphs(lambda g: without_dead(inlined(g)))
    names = [e.primitive.name for e in mapped.body.graph.equations]
    assert names == ["mul"]
    np.testing.assert_array_equal(mapped(np.ones(3), XS)[0], f(XS))
    assert mapped.applied(equation).static["body"] is mapped.body.graph


def test_the_executor_of_a_jit_runs_the_bodies():
    equation = scans(wf.make_graph(loop)(W, XS))[0]
    assert equation.primitive.body.executor == "numpy"
    assert equation.primitive.by("native", {}).body.executor == "native"


@pytest.mark.parametrize("executor", ["numpy", "native"])
def test_every_executor_runs_loops(executor):
    try:
        f = wf.jit(wf.grad(lambda w: loop(w, XS)[1].sum()), executor=executor)
        found = f(W)
    except RuntimeError as error:
        pytest.skip(str(error))
    wanted = wf.grad(lambda w: loop(w, XS)[1].sum())(W)
    np.testing.assert_allclose(found, wanted, 1e-9)


def test_check_nan_looks_into_the_body():
    f = wf.jit(
        lambda x: lax.scan(lambda c, x: (np.log(c - x), None), x, np.ones(3))[0], check_nan=True
    )
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="log: "):
        f(np.float64(2.5))


def test_shapes_without_running():
    h, ys = wf.eval_shape(loop, W, XS)
    assert h.shape == (3,) and ys.shape == (50, 3)
    assert isinstance(wf.make_graph(loop)(W, XS), Graph)
