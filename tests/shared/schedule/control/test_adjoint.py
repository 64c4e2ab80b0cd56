"""What reverse mode of a scan keeps."""

import tracemalloc

import numpy as np

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.control.scan import Scan

STEPS, SIZE = 40, 100


def kept(f, *args):
    """The shapes that the scan forward stacks for the scan back."""
    graph = wf.make_graph(wf.grad(f, tuple(range(len(args)))))(*args)
    forward = next(e for e in graph.equations if isinstance(e.primitive, Scan))
    count = len(wf.make_graph(f)(*args).equations[0].outputs)
    return [z.shape for z in forward.outputs[count:]]


def test_constants_are_not_stacked():
    def f(w, h):
        return lax.scan(lambda h, _: (np.tanh(w.T @ h), None), h, length=STEPS)[0].sum()

    shapes = kept(f, np.ones((SIZE, SIZE)), np.ones(SIZE))
    assert shapes and all(shape[0] == STEPS and np.prod(shape) <= STEPS * SIZE for shape in shapes)


def test_what_a_step_makes_of_constants_alone_is_kept_once():
    def f(w, h):
        return lax.scan(lambda h, _: (np.tanh(h * np.exp(w)), None), h, length=STEPS)[0].sum()

    graph = wf.make_graph(wf.grad(f, (0, 1)))(np.ones(SIZE), np.ones(SIZE))
    names = [e.primitive.name for e in graph.equations]
    assert names.index("exp") < names.index("scan")
    assert len(kept(f, np.ones(SIZE), np.ones(SIZE))) == 2  # h and tanh


def test_slices_of_xs_and_ys_are_at_hand():
    def f(h, xs):
        def body(h, x):
            h = np.exp(h * x)
            return h * 0.5, h

        h, ys = lax.scan(body, h, xs)
        return h.sum() + ys.sum()

    assert kept(f, np.ones(SIZE), np.ones((STEPS, SIZE))) == [(STEPS, SIZE)]  # h alone


def test_memory_does_not_grow_with_constants():
    w, h = np.eye(300), np.ones(300)
    f = lambda w: lax.scan(lambda h, _: (np.tanh(w @ h), None), h, length=200)[0].sum()  # noqa: E731
    compiled = wf.jit(wf.grad(f), executor="numpy")
    compiled(w)
    tracemalloc.start()
    compiled(w)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * w.nbytes  # 200 copies of w, if they were stacked; 4 are in flight


def test_cotangents_of_results_nobody_uses_are_not_made():
    def f(h):
        return lax.scan(lambda h, _: (h * h, h), h, length=STEPS)[0].sum()

    graph = wf.make_graph(wf.grad(f))(np.ones(SIZE))
    backward = graph.equations[-1]
    assert backward.primitive.name == "scan backward"
    assert not [c for c in graph.constants() if c.shape == (STEPS, SIZE)]
