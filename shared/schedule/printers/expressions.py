"""One line of NumPy for a primitive: operators, views, casts, reductions.

A printer takes the equation and the names of its operands and gives the expression; `define` writes
a function into the text and gives its name.
"""

import inspect

import numpy as np

from ...primitives.ahead import Ahead
from ...primitives.masking import masked
from ...primitives.random import DRAWS
from ...random.philox import words
from ..graph import Variable
from . import images, plain
from .literals import index, literal, type_name

INFIX = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@", "floor_divide": "//",
    "remainder": "%", "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=",
    "greater": ">", "greater_equal": ">=", "bitwise_and": "&", "bitwise_or": "|",
    "bitwise_xor": "^", "left_shift": "<<", "right_shift": ">>",
}  # fmt: skip
SPREAD = frozenset(("split", "unstack", "passing"))  # their expressions are bare lists
REPLACED = {masked: plain.masked, words: plain.words}


def plain_functions(*modules):
    """{name: function} of all that modules define."""
    return {
        name: f
        for module in modules
        for name, f in vars(module).items()
        if inspect.isfunction(f) and f.__module__ == module.__name__
    }


PLAIN = plain_functions(plain, images)


def expression_of(equation, names, define):
    """The expression for an equation's results."""
    primitive, name = equation.primitive, equation.primitive.name
    if name in INFIX and any(isinstance(a, Variable) for a in equation.inputs):
        x, y = names
        return f"{x} {INFIX[name]} {y}"
    printer = PRINTERS.get(name)
    if printer is not None:
        found = printer(equation, names, define)
        if found is not None:
            return found
    if name in PLAIN:
        return called(define.add(PLAIN[name]), names, equation.static)
    kernel = primitive.kernel
    if isinstance(primitive, Ahead) and primitive.primitive.outputs is not None:
        found = called(define.add(kernel, name), names, equation.static)
        return f"(lambda z, *kept: (*z, *kept))(*{found})"
    numpy_name = getattr(kernel, "__name__", "")
    if getattr(np, numpy_name, None) is kernel:
        return called(f"np.{numpy_name}", names, equation.static)
    short = define.expression(kernel, names, equation.static)
    return short or called(define.add(kernel, name), names, equation.static)


def called(function, names, static=()):
    """The text of a call."""
    keywords = [f"{k}={literal(v)}" for k, v in dict(static).items()]
    return f"{function}({', '.join([*names, *keywords])})"


def _axis(static):
    axis = static["axis"]
    found = [literal(axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis)]
    return [*found, "keepdims=True"] if static.get("keepdims") else found


def _reduction(method):
    def printer(equation, names, define):
        static, kind = equation.static, equation.inputs[0].dtype.kind
        if method in ("sum", "prod", "mean") and kind not in "fc":
            return None  # NumPy's own widens integers
        return f"{names[0]}.{method}({', '.join(_axis(static))})"

    return printer


def _transpose(equation, names, define):
    axes = equation.static["axes"]
    turned = axes == tuple(reversed(range(len(axes))))
    return f"{names[0]}.T" if turned else f"{names[0]}.transpose({literal(axes)})"


def _cast(equation, names, define):
    (x,), (z,) = equation.inputs, equation.outputs
    if not isinstance(x, Variable):
        return f"{type_name(z.dtype)}({names[0]})"
    real = ".real" if x.dtype.kind == "c" and z.dtype.kind not in "cb" else ""
    return f"{names[0]}{real}.astype({type_name(z.dtype)})"


def _sum_of_products(equation, names, define):
    terms = []
    for i in range(0, len(names), 2):
        a, b = equation.inputs[i : i + 2]
        alone = isinstance(a, Variable) and not isinstance(b, Variable) and b == 1
        terms.append(names[i] if alone else f"{names[i]} * {names[i + 1]}")
    return " + ".join(terms)


def _integer_power(equation, names, define):
    x, n = names[0], equation.static["n"]
    return {1: f"+{x}", 2: f"{x} * {x}", 3: f"{x} * ({x} * {x})"}.get(n)


def _guard(equation, names, define):
    y, direction = names
    poles, kind = equation.static["poles"], equation.inputs[0].dtype.kind
    sound = f"{y} > 0" if poles == "negative" and kind != "c" else f"np.abs({y}) > 0"
    sound = f"np.isfinite({y})" if poles == "infinite" else f"({sound})"
    return f"np.where(({direction} == 0) & ~{sound}, 1, {y})"


def _gather(equation, names, define):
    x, i = names
    scalar = equation.inputs[1].ndim <= 1
    return f"{x}[{index(equation.static['key'], i)}]" + (".copy()" if scalar else "")


def _scatter_add(equation, names, define):
    x, i, v = names
    return f"{define.add(plain.scatter_add)}({x}, {v}, np.s_[{index(equation.static['key'], i)}])"


def _scatter_set(equation, names, define):
    x, i, v = names
    return f"{define.add(plain.update)}({x}, {v}, np.s_[{index(equation.static['key'], i)}])"


def _update(equation, names, define):
    key = index(equation.static["key"])
    return f"{define.add(plain.update)}({names[0]}, {names[1]}, np.s_[{key}])"


def _place(equation, names, define):
    key, shape = index(equation.static["key"]), literal(equation.static["shape"])
    negative = ", negative=True" if equation.static.get("negative") else ""
    return f"{define.add(plain.place)}({names[0]}, np.s_[{key}], {shape}{negative})"


def _random(equation, names, define):
    draw = drawing(equation.static["draw"])
    given = dict(equation.static["arguments"])
    data = [literal(x) for x in given.pop("data", ())]
    return called(define.add(draw), [*names, *data], given)


def _fold_in(equation, names, define):
    if equation.inputs[1].ndim:
        return called(define.add(drawing("fold_in")), names)
    return called(define.add(drawing("fold_in")), [names[0], f"int({names[1]})"])


def drawing(name):
    """The function of keys itself, without the checks around it."""
    return inspect.getclosurevars(DRAWS[name]).nonlocals["function"]


def _split(equation, names, define):
    axis, found, start = equation.static["axis"], [], 0
    for n in equation.static["sizes"]:
        found.append(f"{names[0]}[{':, ' * axis}{start}:{start + n}]")
        start += n
    return ", ".join(found)


def _unstack(equation, names, define):
    axis = equation.static["axis"]
    return ", ".join([f"{names[0]}[{':, ' * axis}{i}]" for i in range(len(equation.outputs))])


def _layout(method, static):
    def printer(equation, names, define):
        return f"{names[0]}.{method}({literal(equation.static[static])})"

    return printer


PRINTERS = {
    "neg": lambda equation, names, define: f"-{names[0]}",
    "square": lambda equation, names, define: f"{names[0]} * {names[0]}",
    "transpose": _transpose,
    "reshape": _layout("reshape", "shape"),
    "getitem": lambda e, names, define: f"{names[0]}[{index(e.static['key'])}]",
    "cast": _cast,
    "convert": _cast,
    "clone": lambda equation, names, define: f"{names[0]}.copy()",
    "stop_gradient": lambda equation, names, define: names[0],
    "checkpoint_name": lambda equation, names, define: names[0],
    "transfer": lambda equation, names, define: names[0],
    "passing": lambda equation, names, define: ", ".join(names),
    "gate": lambda equation, names, define: f"np.where({names[1]} > 0, {names[0]}, 0)",
    "multiply_add": _sum_of_products,
    "integer_power": _integer_power,
    "guard": _guard,
    "gather": _gather,
    "scatter_add": _scatter_add,
    "scatter_set": _scatter_set,
    "update": _update,
    "place": _place,
    "random": _random,
    "fold_in": _fold_in,
    "split": _split,
    "unstack": _unstack,
    **{name: _reduction(name) for name in "sum prod max min mean any all".split()},
}
