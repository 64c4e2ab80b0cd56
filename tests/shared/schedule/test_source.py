"""The text of a graph runs without the package and gives what the primitives give."""

import subprocess
import sys

import numpy as np
import pytest

from tests.shared.primitives import rows
from wonderland import functional as wf
from wonderland.shared.schedule.capture import capture
from wonderland.shared.schedule.printers.expressions import PLAIN

rows.declare_everything()
# Written by another formula than the kernel's, or by one of which the kernel is a faster form.
FORMULAS = {*PLAIN, "erf", "mse", "mean", "random"}


def run(text, *args):
    """The function of a text, applied; `constants` is what the text came with."""
    scope = {}
    exec(text, scope)
    name = text.rsplit("\ndef ", 1)[1].split("(")[0]
    return scope[name](*args, *([text.constants] if text.constants else []))


def graph_of(call):
    places = [i for i, a in enumerate(call.args) if hasattr(a, "dtype")]

    def apply(*arrays):
        args = list(call.args)
        for i, x in zip(places, arrays, strict=True):
            args[i] = x
        z = call.primitive(*args, **call.static)
        return list(z) if call.primitive.outputs is not None else [z]

    graph, _ = capture(apply, [call.args[i] for i in places], call.primitive.name)
    return graph, [call.args[i] for i in places]


def calls():
    """Each row in the first and in the second of its dtypes that is no half."""
    for row in rows.table():
        found = [c for c in row.calls() if c.dtype is None or c.dtype != np.float16]
        yield from found[:2]


@pytest.mark.parametrize("call", list(calls()), ids=lambda call: call.label)
def test_every_primitive_as_text(call):
    graph, arrays = graph_of(call)
    with np.errstate(all="ignore"):
        expected = graph(*arrays)
        found = run(graph.source(), *arrays)
    found = [found] if len(expected) == 1 else list(found)
    for a, b in zip(found, expected, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        if call.primitive.name in FORMULAS:
            single = b.dtype.name in ("float32", "complex64")
            np.testing.assert_allclose(a, b, rtol=2e-4 if single else 1e-9, atol=2e-6)
        else:
            assert a.tobytes() == b.tobytes()
