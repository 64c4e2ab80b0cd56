"""One program, run in torch and in wonderland.oop, must give the same values and gradients.

A program takes the library first, `lambda t, x: t.sin(x)`: a torch script with its import changed.
"""

import numpy as np
import pytest

from wonderland import oop

torch = pytest.importorskip("torch")
LIBRARIES = (oop, torch)


def tensor(library, array, requires_grad=None):
    """A tensor of `library` that owns a copy; float and complex ones require gradients."""
    array = np.array(array)
    if requires_grad is None:
        requires_grad = array.dtype.kind in "fc"
    return library.tensor(array, requires_grad=requires_grad)


def value(x):
    """The NumPy array of a tensor, of a number, or of what is neither, itself."""
    if isinstance(x, torch.Tensor):
        return np.array(x.numpy(force=True))  # lazy zeros, conjugates and negatives too
    return np.array(x.detach().numpy()) if hasattr(x, "detach") else np.asarray(x)


def listed(out):
    """The outputs of a program as a list."""
    return list(out) if isinstance(out, (tuple, list)) else [out]


def draw(x, seed):
    """A cotangent: the shape and dtype of the array x."""
    rng = np.random.default_rng([seed, x.ndim, x.size])
    d = rng.standard_normal(x.shape)
    d = d + 1j * rng.standard_normal(x.shape) if x.dtype.kind == "c" else d
    return d.astype(x.dtype)


def dtype_name(x):
    """'float64', for a tensor of either library."""
    return str(x.dtype).removeprefix("torch.")


def gradients(library, outs, leaves, seed, create_graph):
    """The gradients of `outs` for a drawn cotangent, None where one does not depend."""
    outs = [z for z in outs if getattr(z, "requires_grad", False)]
    if not outs:
        return [None] * len(leaves)
    cotangents = [tensor(library, draw(value(z), seed), False) for z in outs]
    return library.autograd.grad(
        outs, leaves, cotangents, create_graph=create_graph, allow_unused=True
    )


def filled(grads, leaves):
    """Gradients as arrays, zeros for None."""
    return [
        np.zeros_like(value(x)) if g is None else value(g)
        for g, x in zip(grads, leaves, strict=True)
    ]


def run(library, program, arrays, order):
    """(values, gradients of the first order, of the second, ...), and the outputs themselves."""
    xs = [tensor(library, a) for a in arrays]
    leaves = [x for x in xs if x.requires_grad]
    outs = given = listed(program(library, *xs))
    found = [[value(z) for z in outs]]
    for i in range(order):
        grads = gradients(library, given, leaves, i, i + 1 < order)
        found.append(filled(grads, leaves))
        given = [g for g in grads if g is not None]
    return found, outs


def agree(program, *arrays, order=2, rtol=1e-12):
    """Values, dtypes, shapes and gradients up to `order` are those of torch."""
    (ours, mine), (theirs, other) = (run(t, program, arrays, order) for t in LIBRARIES)
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert len(a) == len(b), f"{len(a)} outputs, torch has {len(b)}"
        for x, y in zip(a, b, strict=True):
            what = "values" if i == 0 else f"gradients of order {i}"
            assert x.shape == y.shape, f"{what}: shape {x.shape}, torch has {y.shape}"
            assert x.dtype == y.dtype, f"{what}: {x.dtype}, torch has {y.dtype}"
            scale = rtol * max(1.0, np.abs(y[np.isfinite(y)]).max(initial=0))
            np.testing.assert_allclose(x, y, rtol=rtol, atol=scale, err_msg=what)
    for x, y in zip(mine, other, strict=True):
        if hasattr(y, "requires_grad"):
            assert (x.requires_grad, x.is_leaf) == (y.requires_grad, y.is_leaf)


def both(program):
    """What a program that returns plain Python things gives with ours, and with torch."""
    return tuple(program(t) for t in LIBRARIES)
