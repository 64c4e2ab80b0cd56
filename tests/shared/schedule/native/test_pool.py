"""Memory of results is taken again when nobody holds it any more, and never before."""

import numpy as np
import pytest

from wonderland import functional as wf

pytest.importorskip("llvmlite")

from wonderland.shared.schedule.native.steps import PASSING

SMALL = np.ones((64, 64), np.float32)
LARGE = np.ones((PASSING // 4096 + 1, 1024), np.float32)
VIEWS = {
    "row": lambda z: z[0],
    "entry": lambda z: z[1:2, 1:2],
    "transpose": lambda z: z.T,
    "reshape": lambda z: z.reshape(-1),
    "view of a view": lambda z: z[1:][1:].T,
    "other dtype": lambda z: z.view(np.int32),
    "memoryview": lambda z: np.asarray(memoryview(z))[2],
}


def doubled():
    return wf.jit(lambda x: x * 2, executor="native")


@pytest.mark.parametrize("x", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_of_a_result_keeps_it(name, x):
    double = doubled()
    view = VIEWS[name](double(x))
    before = view.tobytes()
    others = [double(x * k) for k in (2, 3, 4)]
    assert view.tobytes() == before
    assert not any(np.shares_memory(view, z) for z in others)


@pytest.mark.parametrize("x", [SMALL, LARGE], ids=["small", "large"])
def test_what_nobody_holds_is_taken_again(x):
    double = doubled()
    first = double(x).ctypes.data
    assert double(x).ctypes.data == first
    assert type(double(x)) is np.ndarray
    kept = double(x)
    assert double(x).ctypes.data != kept.ctypes.data


@pytest.mark.parametrize("x", [SMALL[:, :, None] + np.zeros(16, np.float32), LARGE])
def test_a_donated_result_keeps_its_memory(x):
    double = doubled()
    step = wf.jit(lambda p, g: p - g, donate_argnums=0, executor="native")
    p = double(x)
    q = step(p, np.zeros_like(x))
    assert np.shares_memory(p, q)
    del p
    others = [double(x * k) for k in (2, 3, 4)]
    assert (q == 2).all() and not any(np.shares_memory(q, z) for z in others)
