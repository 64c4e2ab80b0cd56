"""The text of a graph runs without the package and gives what the primitives give."""

import subprocess
import sys

import numpy as np
import pytest

from tests.shared.primitives import rows
from wonderland import functional as wf
from wonderland.shared.primitives import Primitive
from wonderland.shared.primitives.ahead import Ahead
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


def residuals():
    """Rows of the primitives that keep residuals, as `Ahead` computes them."""
    found = [c for c in calls() if c.primitive.residuals]
    return [c for c in found if c.dtype is not None]


@pytest.mark.parametrize("call", residuals(), ids=lambda call: call.label)
def test_primitives_with_their_residuals(call):
    ahead = Ahead(call.primitive)
    graph, _ = capture(lambda *xs: list(ahead(*xs, **call.static)), call.args, ahead.name)
    assert [e.primitive.name for e in graph.equations] == [ahead.name]
    single = call.dtype in (np.float32, np.complex64)
    for a, b in zip(run(graph.source(), *call.args), graph(*call.args), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=2e-4 if single else 1e-9, atol=2e-6)


def loss(w, x, labels):
    h = wf.nn.softmax(wf.nn.gelu(x @ w), axis=1)
    return wf.nn.cross_entropy(h[:, ::2], labels) / 3.0


W = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
X = np.linspace(-2, 1, 15, dtype=np.float32).reshape(5, 3)
LABELS = np.array([0, 1, 1, 0, 1])


def test_the_text_needs_numpy_alone(tmp_path):
    text = wf.make_graph(wf.value_and_grad(loss))(W, X, LABELS).source()
    assert "wonderland" not in text
    script = tmp_path / "loss.py"
    lines = [
        text, "import sys", f"W = np.array({W.tolist()}, np.float32)",
        f"X = np.array({X.tolist()}, np.float32)",
        f"value, slope = loss(W, X, np.array({LABELS.tolist()}))",
        "print(float(value), *slope.reshape(-1).tolist())",
        "assert not any(name.startswith('wonderland') for name in sys.modules)",
    ]  # fmt: skip
    script.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    value, slope = wf.value_and_grad(loss)(W, X, LABELS)
    found = [float(word) for word in done.stdout.split()]
    np.testing.assert_allclose(found, [value, *slope.reshape(-1)], rtol=1e-5, atol=1e-7)


def controlled(x, c):
    (c, n), ys = wf.lax.scan(lambda c, x: ((c[0] * x, c[1] + 1), c[0] - x), (c, 0), x)
    count, z = wf.lax.while_loop(lambda a: a[0] < 3, lambda a: (a[0] + 1, a[1] * 2), (0, ys))
    back = wf.lax.scan(lambda c, x: (c + x, None), c, x, reverse=True)[0]
    return wf.lax.cond(c.sum() > 0, lambda a: a + 1, lambda a: a * 2, z), n, count, back


@pytest.mark.parametrize("sign", [1, -1])
def test_loops_and_branches_are_pythons(sign):
    x, c = np.arange(15.0).reshape(5, 3) + 1, sign * np.ones(3)
    text = wf.make_graph(controlled)(x, c).source()
    assert "for step in range(5):" in text
    assert "for step_2 in reversed(range(5)):" in text
    assert "while while_loop_test(" in text
    for a, b in zip(run(text, x, c), controlled(x, c), strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def test_the_gradient_of_a_loop():
    def f(x):
        return wf.lax.scan(lambda c, x: (np.sin(c) * x, c), np.float64(1), x)[0]

    x = np.linspace(0.5, 1.5, 4)
    text = wf.make_graph(wf.grad(f))(x).source()
    assert run(text, x).tobytes() == wf.grad(f)(x).tobytes()


def test_constants_small_ones_in_the_text_and_large_ones_beside_it():
    large = np.arange(100.0)
    text = wf.make_graph(lambda x: x * large + np.array([0.5]) + np.zeros(100))(large).source()
    assert "np.array([0.5], np.float64)" in text
    assert list(text.constants) == ["c0"]
    np.testing.assert_array_equal(run(text, large), large * large + 0.5)
    assert wf.make_graph(lambda x: x + 1)(large).source().constants == {}


def test_golden_text():
    def f(x, y):
        z = np.sin(x[1:]) * y + 2
        return z.sum(axis=0), -z.T

    lines = wf.make_graph(f)(np.ones((3, 2)), np.float64(2)).source().splitlines()
    assert [line.split("  #")[0].rstrip() for line in lines] == [
        "import numpy as np", "", "", "def f(a, b):", "    c = a[1:3]", "    d = np.sin(c)",
        "    e = b.reshape((1, 1))", "    f_ = d * e", "    g = f_ + 2", "    h = g.sum(0)",
        "    i = g.T", "    j = -i", "    return h, j",
    ]  # fmt: skip
    line = f.__code__.co_firstlineno + 1
    assert lines[4].endswith(f"# test_source.py:{line}")


def test_names_that_python_keeps_for_itself():
    def many(x):
        for _ in range(60):
            x = np.sin(x)
        return x

    text = wf.make_graph(many)(np.ones(2)).source()
    assert "as_ = np.sin(ar)" in text
    assert run(text, np.ones(2)).tobytes() == many(np.ones(2)).tobytes()


def test_python_numbers_stay_weak():
    text = wf.make_graph(lambda x, s: x * s)(np.ones(2, np.float32), 2.0).source()
    assert run(text, np.ones(2, np.float32), 2.0).dtype == np.float32


def test_functions_with_rules_of_their_own_are_expanded():
    @wf.custom_vjp
    def f(x):
        return np.sin(x) + 1

    f.defvjp(lambda x: (f(x), x), lambda x, gz: (3 * gz,))
    text = wf.make_graph(wf.value_and_grad(lambda x: f(x) * 2))(2.0).source()
    assert "np.sin(" in text
    assert [float(x) for x in run(text, 2.0)] == [float(np.sin(2.0) + 1) * 2, 6.0]


def test_a_primitive_of_ones_own_is_written_by_its_kernel():
    @np.errstate(all="ignore")
    def kernel(x):
        return x / (1 + np.abs(x))

    own = Primitive(
        "own_softsign", kernel.__wrapped__, shape=lambda x: x.shape, jvp=0, vjp=0,
        batch=lambda args, batched: own(*args), register=False,
    )  # fmt: skip
    graph, _ = capture(lambda x: [own(x)], [np.ones(2)], "f")
    assert "b = a / (1 + np.abs(a))" in graph.source()


def test_a_kernel_without_text():
    scope = {}
    exec("def kernel(x):\n    y = x\n    return y", scope)
    own = Primitive(
        "own_hidden", scope["kernel"], shape=lambda x: x.shape, jvp=0, vjp=0,
        batch=lambda args, batched: own(*args), register=False,
    )  # fmt: skip
    graph, _ = capture(lambda x: [own(x)], [np.ones(2)], "f")
    with pytest.raises(
        TypeError, match="source: the text of kernel is not to be found in <string>"
    ):
        graph.source()
