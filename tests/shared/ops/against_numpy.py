"""One call of a function of NumPy's name, held against NumPy: values, dtypes, derivatives, vmap."""

import numpy as np

from tests import standin
from wonderland.shared import ops, tree
from wonderland.shared.batching import vmap
from wonderland.shared.tape import vjp
from wonderland.shared.testing import check_grads


class Case:
    """ops.name(*args, **options) and what it must equal: NumPy's function of that name."""

    def __init__(self, name, *args, reference=None, grads=True, batch=True, **options):
        self.name, self.args, self.options = name, args, options
        self.reference = reference or getattr(np, name, None)
        self.grads, self.batch = grads, batch
        given = ",".join(str(getattr(a, "shape", a)) for a in tree.leaves(args))
        extra = ",".join(f"{k}={v}" for k, v in options.items())
        self.label = f"{name}({given}{'; ' if extra else ''}{extra})"

    def __repr__(self):
        return self.label

    def ours(self, *args):
        """Our function on the arguments."""
        return getattr(ops, self.name)(*args, **self.options)


def results(z):
    return list(z) if isinstance(z, (list, tuple)) else [z]


def require_equal(found, wanted):
    found, wanted = results(found), results(wanted)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        b = np.asarray(b)
        assert a.shape == b.shape and a.dtype == b.dtype, (a, b)
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def hold(case):
    """Every promise of a case."""
    require_equal(case.ours(*case.args), case.reference(*case.args, **case.options))
    floats = [x for x in tree.leaves(case.args) if getattr(x, "dtype", np.dtype(int)).kind in "fc"]
    if not floats:
        return
    require_same_on_device(case)
    inexact = [z for z in results(case.ours(*case.args)) if z.dtype.kind in "fc"]
    require_same_when_traced(case, floats)
    if not any(hasattr(option, "dtype") for option in tree.leaves(case.options)):
        require_narrow(case, floats)
    if case.batch:
        require_loop(case, floats)
    if case.grads and inexact:
        check_grads(case.ours, case.args, order=1)


def of_floats(case):
    """The results of the case as a function of its float arrays alone."""
    leaves, structure = tree.flatten(case.args)
    places = [i for i, x in enumerate(leaves) if getattr(x, "dtype", np.dtype(int)).kind in "fc"]

    def function(*xs):
        full = list(leaves)
        for i, x in zip(places, xs, strict=True):
            full[i] = x
        return results(case.ours(*tree.unflatten(structure, full)))

    return function


def require_same_when_traced(case, floats):
    """A value on a tape gives what an array does, bit for bit."""
    found = vjp(of_floats(case), floats)[0]
    for a, b in zip(found, results(case.ours(*case.args)), strict=True):
        np.testing.assert_array_equal(np.asarray(a), b)


def require_same_on_device(case):
    """The arrays of a strict stand-in for CuPy give the same, and stay there."""
    with standin.installed():
        args, options = tree.map(on_device, (case.args, case.options))
        found = getattr(ops, case.name)(*args, **options)
        for a, b in zip(results(found), results(case.ours(*case.args)), strict=True):
            assert isinstance(a, standin.ndarray)
            np.testing.assert_array_equal(standin.peek(a), b)


def on_device(x):
    return standin.lift(x) if isinstance(x, np.ndarray) else x


def require_narrow(case, floats):
    """float32 stays float32, gradients included."""
    narrow = [x.astype(np.complex64 if x.dtype.kind == "c" else np.float32) for x in floats]
    z, pull = vjp(of_floats(case), narrow)
    for a in z:
        assert a.dtype in (np.float32, np.complex64) or a.dtype.kind not in "fc"
    for g, x in zip(pull([np.ones_like(a) for a in z]), narrow, strict=True):
        assert g is None or (g.dtype == x.dtype and g.shape == x.shape)


def require_loop(case, floats):
    """vmap over every float array == the loop."""
    batch = [np.stack([x, x * 0.75 + 0.125]) for x in floats]
    found, made = vmap(of_floats(case), batch, [True] * len(batch), 2)
    rows = [of_floats(case)(*[b[n] for b in batch]) for n in range(2)]
    for a, m, b in zip(found, made, zip(*rows, strict=True), strict=True):
        a = a if m else np.stack([a, a])
        np.testing.assert_allclose(a, np.stack(b), rtol=1e-12, atol=1e-14)
