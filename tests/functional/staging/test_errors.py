"""What goes wrong under jit is one error each that leads back: the fact, the line, the way out."""

import math
import re

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop, purify
from wonderland.shared.errors import TracerLeakError

X = np.arange(3.0, dtype=np.float32)
TENSOR = oop.tensor([1.0, 2.0, 3.0], requires_grad=True)
MODEL = oop.nn.Linear(3, 2)
leaked: list = []


def here(function, offset=0):
    """'file.py:12' as a pattern: the line of a lambda or of a function's body."""
    code = function.__code__
    return re.escape(f"{code.co_filename}:{code.co_firstlineno + offset}")


def loops(x):
    while x.sum() > 0:
        x = x - 1
    return x


def assigns(x):
    x[0] = 1.0
    return x


LATER = (
    r": the function runs once, to be captured, and its operations run later; compute with the "
    r"value itself{}, or return it from the function and read it there$"
)
WRITE = r", write it into an array y by y = wf\.at\(y\)\[i\]\.set\(x\)"
STATIC = (
    r"; mark the argument static \(static_argnums\) where it is a Python number that shapes, "
    r"indices or loops depend on$"
)
CHOOSE = (
    r", and Python can go only one way; choose by lax\.cond\(x > 0, f, g, x\) or "
    r"where\(condition, x, y\), or loop by lax\.while_loop$"
)
SHAPE = r": the shape of the result would depend on it; keep the shape: where\(mask, x, 0\)$"
# name: (function, further arguments, what it says before the line, and after it)
VALUES = {
    "if": (lambda x: x if x[0] > 0 else -x, (), r"bool: .* a bool\[\]", CHOOSE),
    "any": (lambda x: 1 if x.any() else 0, (), r"bool: .* a bool\[\]", CHOOSE),
    "in": (lambda x: 3 in x, (), r"bool: .* a bool\[\]", CHOOSE),
    "float": (lambda x: float(x[0]), (), r"float: .* a float32\[\]", LATER.format(WRITE)),
    "math.sin": (lambda x: math.sin(x[0]), (), r"float: .* a float32\[\]", LATER.format(WRITE)),
    "complex": (lambda x: complex(x[0]), (), r"complex: .* a float32\[\]", LATER.format("")),
    "int": (lambda x: int(x[0]), (), r"int: .* a float32\[\]", STATIC),
    "item": (lambda x: x[0].item(), (), r"item: .* a float32\[\]", LATER.format("")),
    "tolist": (lambda x: x.tolist(), (), r"tolist: .* a float32\[3\]", LATER.format("")),
    "asarray": (
        lambda x: np.asarray(x), (), r"np\.asarray: .* a float32\[3\]", LATER.format(WRITE)
    ),
    "format": (lambda x: f"{x[0]:.2f}", (), r"format: .* a float32\[\]", LATER.format("")),
    "arange": (lambda x, n: x + wf.numpy.arange(n), (3,), r"np\.asarray: .* a int64\[\]", STATIC),
    "range": (lambda x, n: [x for _ in range(n)], (2,), r"index: .* a int64\[\]", STATIC),
    "list index": (lambda x, n: [x, x][n], (1,), r"index: .* a int64\[\]", STATIC),
    "reshape": (lambda x, n: x.reshape(n, 1), (3,), r"shape: .* a int64\[\]", STATIC),
    "zeros": (lambda x, n: x + wf.numpy.zeros(n), (3,), r"index: .* a int64\[\]", STATIC),
    "mask": (lambda x: x[x > 0], (), r"getitem: a boolean mask: .* a bool\[3\]", SHAPE),
    "nonzero": (lambda x: np.nonzero(x), (), r"nonzero: indices: .* a float32\[3\]", SHAPE),
    "where": (lambda x: np.where(x > 0), (), r"where: indices: .* a bool\[3\]", SHAPE),
}  # fmt: skip


@pytest.mark.parametrize("executor", ["numpy", None])
@pytest.mark.parametrize("case", VALUES)
def test_a_value_that_is_not_there_yet(case, executor):
    f, args, before, after = VALUES[case]
    line = rf"{re.escape(f.__code__.co_filename)}:\d+"
    text = rf"^{before.replace('.*', 'under `jit`')} has no value yet, at {line}{after}"
    with pytest.raises(TypeError, match=text):
        wf.jit(f, executor=executor)(X, *args)


def test_the_line_is_the_users():
    with pytest.raises(TypeError, match=rf"no value yet, at {here(loops, 1)}, and Python can"):
        wf.jit(loops)(X)


def test_a_write_into_a_plain_array_names_at_as_the_cause():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        return y

    with pytest.raises((TypeError, ValueError)) as caught:
        wf.jit(f)(X)
    first = caught.value
    while first.__cause__ is not None:
        first = first.__cause__
    assert re.search(rf"float: under `jit` .*, at {here(f, 2)}: .*wf\.at\(y\)", str(first))


ENDED = (
    r"is used after the `jit` that made it had ended \({} `jit` called at .*"
    r"test_errors\.py:\d+\); it stands for what the compiled function computes at each "
    r"call, so return it from the function$"
)


@pytest.mark.parametrize(
    ("use", "operation"),
    [
        (lambda x: x + 1, "add"),
        (lambda x: np.sum(x), "sum"),
        (lambda x: bool(x[0]), "getitem"),
        (lambda x: np.asarray(x), r"np\.asarray"),
        (lambda x: wf.jit(lambda y: y + x)(X), "jit"),
        (lambda x: wf.grad(lambda y: (y * x).sum())(X), "mul"),
    ],
)
def test_a_leaked_value(use, operation):
    leaked.clear()
    wf.jit(lambda x: leaked.append(x) or x)(X)
    text = ENDED.format("an argument under")
    with pytest.raises(TracerLeakError, match=rf"^{operation}: a traced float32\[3\] {text}"):
        use(leaked[0])
    assert repr(leaked[0]) == "<traced float32[3] under jit>"


class Holder:
    """Somewhere outside of the function."""


def into_an_attribute(x):
    Holder.kept = x * 2
    return x


def into_a_global(x):
    globals()["kept"] = np.tanh(x)
    return x


def into_a_closure():
    kept = None

    def f(x):
        nonlocal kept
        kept = x + 1
        return x

    return f, lambda: kept


@pytest.mark.parametrize(
    ("f", "found", "offset"),
    [
        (into_an_attribute, lambda: Holder.kept, 1),
        (into_a_global, lambda: kept, 1),  # noqa: F821  what the function has left there
        (*into_a_closure(), 2),
    ],
)
def test_a_leak_names_the_line_that_made_the_value(f, found, offset):
    fast = wf.jit(f)
    fast(X)
    fast(X)
    assert fast.traces == 1
    text = ENDED.format(rf"made at {here(f, offset)}, under")
    for use in (lambda x: x * 2, lambda x: wf.jit(lambda y: x + y)(X), np.sum):
        with pytest.raises(TracerLeakError, match=text):
            use(found())


PURIFY = (
    r"^jit: the function uses a Tensor float32\[{}\] that is no argument, whose value would be "
    r"frozen into the graph; make a function of its parameters with purify\(model\), or compile "
    r"the model with purify\.compile$"
)
REFUSED = {
    "output": (
        lambda: wf.jit(lambda x: {"a": [x, "text"]})(X),
        (
            r"^jit: the function must return arrays and numbers, but it returned a leaf of "
            r"type str at 'a\.1'; leave it out$"
        ),
    ),
    "whole output": (
        lambda: wf.jit(lambda x: "text")(X),
        r"^jit: the function must return .*, but it returned a leaf of type str; leave it out$",
    ),
    "output of make_graph": (
        lambda: wf.make_graph(lambda x: (x, print))(X),
        r"^make_graph: the function must .* of type builtin_function_or_method at '1'; leave it",
    ),
    "argument of make_graph": (
        lambda: wf.make_graph(lambda x, y: x)(X, {"a": "text"}),
        r"^make_graph: the arguments must be arrays and numbers, but the one at '1\.a' is str; ",
    ),
    "array of text": (
        lambda: wf.jit(lambda x: x)(np.array(["text"])),
        r"^jit: the arguments must be arrays and numbers, but the one at '0' is <U4\[1\]; mark",
    ),
    "argument": (
        lambda: wf.jit(lambda x, y: x)(X, {"a": [1.0, "text"]}),
        (
            r"^jit: the arguments must be arrays and numbers, but the one at '1\.a\.1' is "
            r"str; mark it static \(static_argnums, static_argnames\), or close over it$"
        ),
    ),
    "keyword": (
        lambda: wf.jit(lambda x, mode: x)(X, mode="fast"),
        r"^jit: the arguments must be .*, but the one at 'mode' is str; mark it static",
    ),
    "model": (
        lambda: wf.jit(lambda m, x: m(x))(MODEL, X),
        (
            r"the one at '0' is Linear; make a function of its parameters with purify\(model\), or "
            r"use purify\.compile$"
        ),
    ),
    "static argument": (
        lambda: wf.jit(lambda x, n: x, static_argnums=1)(X, [1]),
        (
            r"^jit: the static argument 1 is a list, which cannot be hashed; give a tuple or "
            r"another value that cannot change, or let the argument be traced$"
        ),
    ),
    "static keyword": (
        lambda: wf.jit(lambda x, n: x, static_argnames="n")(X, n=np.ones(2)),
        r"^jit: the static 'n' is a float64\[2\], which cannot be hashed; give a tuple",
    ),
    "captured Tensor": (lambda: wf.jit(lambda x: x * TENSOR)(X), PURIFY.format("3")),
    "captured Tensor on the left": (lambda: wf.jit(lambda x: TENSOR * x)(X), PURIFY.format("3")),
    "captured Module": (lambda: wf.jit(lambda x: MODEL(x[None]))(X), PURIFY.format("2,3")),
    "assignment": (
        lambda: wf.jit(assigns)(X),
        (
            r"^x\[i\] = v: a traced float32\[3\] is not changed in place; make a changed copy: "
            r"x = wf\.at\(x\)\[i\]\.set\(v\)$"
        ),
    ),
    "no function": (lambda: wf.jit(3), "^jit: it takes a function but got int$"),
    "no function for a graph": (
        lambda: wf.make_graph(X),
        r"^make_graph: it takes a function but got float32\[3\]$",
    ),
    "donated place": (
        lambda: wf.jit(lambda x: x, donate_argnums="x"),
        "^jit: donate_argnums is one int or several, but it is 'x'$",
    ),
    "static place": (
        lambda: wf.jit(lambda x: x, static_argnums=("x",)),
        r"^jit: static_argnums is one int or several, but it is \('x',\)$",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_jit_does_not_take(case):
    call, text = REFUSED[case]
    with pytest.raises(TypeError, match=text):
        call()


@pytest.mark.parametrize("executor", ["gpu", 3, ["numpy"]])
def test_an_executor_that_there_is_not_fails_before_any_call(executor):
    text = rf"executor is one of numpy, native, but it is {re.escape(repr(executor))}$"
    with pytest.raises(ValueError, match=f"^jit: {text}"):
        wf.jit(lambda x: x + 1, executor=executor)
    for given in (MODEL, lambda x: x):
        with pytest.raises(ValueError, match=f"^compile: {text}"):
            purify.compile(given, executor=executor)


def test_shapes_that_do_not_fit_carry_the_line():
    def f(a, b):
        c = a * 2
        return c @ b

    text = r"^matmul: x has 3 columns but y has 2 rows \(x: \(2, 3\), y: \(2, 3\)\)"
    with pytest.raises(ValueError, match=text) as caught:
        wf.jit(f)(np.ones((2, 3)), np.ones((2, 3)))
    assert re.search(here(f, 2), caught.value.__notes__[0])


@pytest.mark.parametrize("fails", [loops, lambda x: x @ np.ones(7), lambda x: 1 / 0])
def test_an_error_leaves_nothing_behind(fails):
    staged = wf.jit(fails)
    for _ in range(2):
        with pytest.raises((TypeError, ValueError, ZeroDivisionError)):
            staged(X)
    assert not staged.entries
    assert not wf.is_traced(X)
    np.testing.assert_array_equal(wf.jit(lambda x: x + 1)(X), X + 1)


def test_a_tensor_that_is_an_argument_is_none_of_these():
    found = wf.jit(lambda t: t * 2)(TENSOR)
    found.sum().backward()
    np.testing.assert_array_equal(TENSOR.grad.numpy(), [2, 2, 2])
    TENSOR.grad = None
