"""Loops and branches on the strict stand-in for CuPy: constants and counters live with the arrays.

A capture knows no device, so what it made of Python's numbers must follow the arrays of the call.
"""

import numpy as np
import pytest

from tests import standin
from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.functional import numpy as wnp

RNG = np.random.default_rng(0)
W = RNG.normal(size=(3, 3)).astype(np.float32)
X = RNG.normal(size=(4, 3)).astype(np.float32)
XS = RNG.normal(size=(4, 5, 3)).astype(np.float32)


def step(w):
    return lambda h, a: (wnp.tanh(w @ h + a), h)


def scanned(w, x):
    return lax.scan(step(w), wnp.zeros_like(x[0]), x)


def total(w, x):
    return scanned(w, x)[0].sum()


def repeated(w, x):
    return lax.scan(wf.checkpoint(step(w)), x[0], x)[0].sum()


def counted(w, x):
    return lax.fori_loop(0, 3, lambda i, c: wnp.tanh(w @ c) * (i + 1) * x[i], x[0])


def numbered(x):
    return lax.fori_loop(0, 3, lambda i, c: c * x.sum() + i, 1.0)


def halved(x):
    return lax.while_loop(lambda c: (c * c).sum() > 0.01, lambda c: c * 0.5, x)


def branched(x):
    return lax.cond(x[0, 0] > 0, lambda a: a * 2, wnp.sin, x)


def switched(x):
    return lax.switch((x[0, 0] > 0).astype(np.int64), [lambda a: a * 2, wnp.sin], x)


def decayed(x):
    return lax.scan(lambda h, a: (h * 0.5 + a, h), 0.0, x[:, 0])


CASES = {
    "scan": (scanned, W, X),
    "grad of scan": (wf.grad(total, (0, 1)), W, X),
    "grad of scan, recomputed": (wf.grad(repeated), W, X),
    "jvp of scan": (lambda w, x: wf.jvp(scanned, (w, x), (w, x)), W, X),
    "vmap of scan": (wf.vmap(scanned, (None, 0)), W, XS),
    "vmap of grad of scan": (wf.vmap(wf.grad(total), (None, 0)), W, XS),
    "vmap of scan from a number": (wf.vmap(decayed), XS),
    "map": (lambda w, x: lax.map(lambda a: wnp.tanh(w @ a), x), W, X),
    "associative_scan": (lambda x: lax.associative_scan(lambda a, b: a * b, x), X),
    "fori_loop": (counted, W, X),
    "grad of fori_loop": (wf.grad(lambda w, x: counted(w, x).sum(), (0, 1)), W, X),
    "grad of fori_loop from a number": (wf.grad(numbered), X),
    "jvp of fori_loop": (lambda x: wf.jvp(numbered, (x,), (x,)), X),
    "vmap of fori_loop": (wf.vmap(counted, (None, 0)), W, XS),
    "vmap of fori_loop from a number": (wf.vmap(numbered), XS),
    "while_loop": (halved, X),
    "jvp of while_loop": (lambda x: wf.jvp(halved, (x,), (x,)), X),
    "vmap of while_loop": (wf.vmap(halved), XS),
    "cond": (branched, X),
    "grad of cond": (wf.grad(lambda x: branched(x).sum()), X),
    "vmap of cond": (wf.vmap(branched), XS),
    "grad of vmap of cond": (wf.grad(lambda xs: wf.vmap(branched)(xs).sum()), XS),
    "vmap of switch": (wf.vmap(switched), XS),
}
HOW = {"eager": lambda f: f, "numpy": lambda f: wf.jit(f, executor="numpy"), "best": wf.jit}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", CASES)
def test_a_loop_on_the_device_gives_the_bits_of_the_host(name, how):
    f, *given = CASES[name]
    expected = wf.tree.leaves(f(*given))
    with standin.installed():
        compiled = HOW[how](f)
        for _ in range(2):  # what the first call learnt serves the second
            found = wf.tree.leaves(compiled(*[standin.lift(x.copy()) for x in given]))
            for z, wanted in zip(found, expected, strict=True):
                assert isinstance(z, standin.ndarray)
                assert standin.peek(z).dtype == np.asarray(wanted).dtype
                np.testing.assert_array_equal(standin.peek(z), wanted)


def test_constants_are_copied_to_the_device_once():
    f = wf.jit(lambda x: x * np.arange(3, dtype=np.float32) + np.float32(2), executor="numpy")
    expected = f(X)
    with standin.installed():
        x = standin.lift(X.copy())
        f(x)
        with standin.transfers.exactly():
            found = f(x)
        np.testing.assert_array_equal(standin.peek(found), expected)
    np.testing.assert_array_equal(f(X), expected)  # and the host keeps its own
