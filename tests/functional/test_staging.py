"""jit: one capture for all calls that look alike, weak numbers, pytrees, methods, threads."""

import threading

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared import tree

X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)


@pytest.fixture(params=["numpy", None])
def executor(request):
    return request.param


class Counted:
    """A function that counts how often Python runs it."""

    def __init__(self, f):
        self.f, self.runs = f, 0

    def __call__(self, *args, **kwargs):
        self.runs += 1
        return self.f(*args, **kwargs)


def test_one_trace_for_many_calls(executor):
    f = Counted(lambda x: np.sin(x) * 2)
    staged = wf.jit(f, executor=executor)
    for k in range(5):
        np.testing.assert_allclose(staged(X + k), np.sin(X + k) * 2, rtol=1e-5, atol=1e-6)
    assert f.runs == staged.traces == 1


@pytest.mark.parametrize(
    ("other", "runs"),
    [
        (X * 3, 1), (X[:1], 2), (X.astype(np.float64), 2), (X[0], 2), (np.float32(1), 2),
        (1.0, 2), (1, 2), (np.asfortranarray(X), 1), (X[:, ::-1], 1),
    ],
)  # fmt: skip
def test_a_new_shape_dtype_or_kind_of_number_is_a_new_trace(other, runs):
    f = Counted(lambda x: x + 1)
    staged = wf.jit(f)
    staged(X)
    np.testing.assert_allclose(staged(other), other + 1, rtol=1e-6)
    staged(X)
    assert f.runs == runs


def test_numbers_do_not_matter_by_value_but_by_kind():
    f = Counted(lambda x, s: x * s)
    staged = wf.jit(f)
    for s in (2.0, 3.5, -1.0):
        np.testing.assert_allclose(staged(X, s), X * s, rtol=1e-6)
    assert f.runs == 1
    assert staged(X, 2).dtype == np.float32
    assert f.runs == 2


def test_clear_cache():
    f = Counted(lambda x: x + 1)
    staged = wf.jit(f)
    staged(X)
    staged.clear_cache()
    staged(X)
    assert f.runs == 2


def test_static_arguments_by_place_and_name(executor):
    f = Counted(lambda x, n, *, mode: [x] * n if mode == "many" else x + n)
    staged = wf.jit(f, static_argnums=1, static_argnames="mode", executor=executor)
    assert len(staged(X, 3, mode="many")) == 3
    assert len(staged(X, 2, mode="many")) == 2
    assert len(staged(X, 3, mode="many")) == 3
    np.testing.assert_array_equal(staged(X, 3, mode="sum"), X + 3)
    assert f.runs == 3


def test_static_arguments_keep_their_type_and_place():
    staged = wf.jit(lambda n, x, k: (x, n, k), static_argnums=(0, -1))
    assert [v.dtype for v in staged(1, X, 2.0)[1:]] == [np.int64, np.float32]
    assert staged(True, X, 2.0)[1].dtype == bool
    assert staged.traces == 2


def test_arguments_and_results_are_pytrees(executor):
    f = Counted(lambda p, *rest, **named: {"sum": p["a"] + rest[0][1], "x": (named["y"], None)})
    staged = wf.jit(f, executor=executor)
    for _ in range(2):
        found = staged({"a": X, "b": 1.0}, (2.0, X), y=X)
    expected = {"sum": X + X, "x": (X, None)}
    assert tree.structure(found) == tree.structure(expected)
    tree.map(np.testing.assert_array_equal, found, expected)
    assert f.runs == 1
    staged({"a": X}, (2.0, X), y=X)
    assert f.runs == 2


def test_methods_and_decorators():
    class Scaled:
        def __init__(self, factor):
            self.factor = np.float32(factor)

        @wf.jit
        def apply(self, x):
            """Doc."""
            return self["factor"] * x

    assert Scaled.apply.__doc__ == "Doc."

    @wf.jit(static_argnums=(1,))
    def power(x, n):
        return x**n

    np.testing.assert_allclose(power(X, 3), X**3, rtol=1e-6)
    model = {"factor": np.float32(2)}
    np.testing.assert_array_equal(Scaled.apply(model, X), 2 * X)
    assert repr(power).startswith("<jit of <function test_methods_and_decorators")


def test_a_registered_class_is_self(executor):
    @tree.register_pytree_node_class
    class Layer:
        def __init__(self, w):
            self.w = w

        def tree_flatten(self):
            return (self.w,), None

        @classmethod
        def tree_unflatten(cls, aux, children):
            return cls(*children)

        @wf.jit(executor=executor)
        def apply(self, x):
            return x @ self.w

    np.testing.assert_allclose(Layer(X.T).apply(X), X @ X.T, rtol=1e-6)
    np.testing.assert_allclose(Layer(2 * X.T).apply(X), 2 * X @ X.T, rtol=1e-6)
    assert Layer.apply.traces == 1


def test_what_is_closed_over_is_as_it_was_at_the_capture(executor):
    table = np.ones(3)
    staged = wf.jit(lambda x: x * table, executor=executor)
    first = staged(np.ones(3))
    table[:] = 7
    np.testing.assert_array_equal(staged(np.ones(3)), first)
    staged.clear_cache()
    np.testing.assert_array_equal(staged(np.ones(3)), 7 * first)


def test_results_are_the_callers_own(executor):
    staged = wf.jit(lambda x: (x, x + 1, np.ones(3)), executor=executor)
    first = staged(np.zeros(3))
    kept = [a.copy() for a in first]
    for a in staged(np.full(3, 5.0))[1:]:
        a[...] = -1
    for a, b in zip(first, kept, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(staged(np.zeros(3))[2], np.ones(3))


# f(x: float32 array, s): the dtype that eager code gives must be that of the compiled function
WEAK = {
    "x * s": lambda x, s: x * s,
    "s * x": lambda x, s: s * x,
    "x ** s": lambda x, s: abs(x) ** s,
    "np.sin(s) * x": lambda x, s: np.sin(s) * x,
    "(s + 1) * x": lambda x, s: (s + 1) * x,
    "-s - x": lambda x, s: -s - x,
    "s / 2 + x": lambda x, s: s / 2 + x,
    "where": lambda x, s: np.where(x > 0, x, s),
    "maximum": lambda x, s: np.maximum(x, s),
    "s alone": lambda x, s: s * 2,
    "sum": lambda x, s: x.sum() + s,
    "s itself": lambda x, s: s,
    "s // 2 + x": lambda x, s: s // 2 + x,
    "s % 2 + x": lambda x, s: s % 2 + x,
    "s ** 2 + x": lambda x, s: s**2 + x,
    "s ** -1 + x": lambda x, s: s**-1 + x,
    "2 ** s + x": lambda x, s: 2**s + x,
    "s * 1.5 + x": lambda x, s: s * 1.5 + x,
    "1 / s + x": lambda x, s: 1 / s + x,
    "s + s + x": lambda x, s: s + s + x,
    "s + True": lambda x, s: s + True,
    "abs(s) * x": lambda x, s: abs(s) * x,
    "+s * (x > 0)": lambda x, s: +s * (x > 0),
    "(s > 1) + (s > 0)": lambda x, s: (s > 1) + (s > 0),
    "(s == 2) * x": lambda x, s: (s == 2) * x,
    "np.add(s, 1) * x": lambda x, s: np.add(s, 1) * x,
}
OF_INTEGERS = {
    "(s & 1) + x": lambda x, s: (s & 1) + x,
    "(s ^ True) * x": lambda x, s: (s ^ True) * x,
    "1 << s": lambda x, s: 1 << s,
}
NUMBERS = {"float": 2.0, "int": 3, "bool": True, "complex": 2 + 1j}
COMPLEX = [e for e in WEAK if "//" not in e and "%" not in e and ">" not in e and e != "maximum"]
KINDS = {"float": [*WEAK], "int": [*WEAK, *OF_INTEGERS], "bool": [*WEAK, *OF_INTEGERS]}
KINDS["complex"] = COMPLEX
WEAK |= OF_INTEGERS


@pytest.mark.parametrize(("kind", "expression"), [(k, e) for k, es in KINDS.items() for e in es])
def test_weak_numbers_promote_like_pythons(kind, expression, executor):
    f, s = WEAK[expression], NUMBERS[kind]
    expected, found = np.asarray(f(X, s)), np.asarray(wf.jit(f, executor=executor)(X, s))
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("f", [lambda s: s > 1, lambda s: s // 2, lambda s: 1 << s])
def test_what_python_refuses_of_numbers_is_refused_with_its_words(f):
    with pytest.raises(TypeError) as eager:
        f(2 + 1j)
    with pytest.raises(TypeError) as staged:
        wf.jit(f)(2 + 1j)
    assert str(staged.value) == str(eager.value)


def test_numbers_written_into_the_function(executor):
    f = wf.jit(lambda x: np.sin(2.0) * x, executor=executor)
    eager = np.sin(2.0) * X
    assert f(X).dtype == eager.dtype
    np.testing.assert_allclose(f(X), eager, rtol=1e-6)
    assert wf.jit(lambda x: 2.0 * x + 1, executor=executor)(X).dtype == np.float32


def test_threads_that_call_at_once_for_the_first_time(executor):
    staged = wf.jit(lambda x, y: np.tanh(x @ y) + x.sum(), executor=executor)
    y = np.linspace(0, 1, 9, dtype=np.float32).reshape(3, 3)
    ready, found = threading.Barrier(8), {}

    def call(k):
        ready.wait()
        for n in range(20):
            found[k, n] = staged(X + k, y)

    threads = [threading.Thread(target=call, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 160
    for (k, _), z in found.items():
        np.testing.assert_allclose(z, np.tanh((X + k) @ y) + (X + k).sum(), rtol=1e-5, atol=1e-5)


def test_make_graph_takes_shapes_and_computes_nothing():
    huge = wf.ShapeDtype((10**9,), np.float32)
    graph = wf.make_graph(lambda x: np.sin(x) + 1)(huge)
    assert [e.primitive.name for e in graph.equations] == ["sin", "add"]
    assert graph.outputs[0].shape == (10**9,)


def test_jit_is_seen_through_by_another_jit():
    inner = Counted(lambda x: np.sin(x))
    staged = wf.jit(inner)
    outer = wf.jit(lambda x: staged(x) + staged(2 * x))
    np.testing.assert_allclose(outer(X), np.sin(X) + np.sin(2 * X), rtol=1e-5, atol=1e-6)
    outer(X)
    assert inner.runs == 1
    graph = wf.make_graph(lambda x: staged(x) + 1)(X)
    assert [e.primitive.name for e in graph.equations] == ["sin", "add"]
