"""Lowering: primitives that are several steps in one become those steps, which can be fused."""

import math

from ...primitives import contraction, reduction, selection, shape
from ...primitives.exponential import exp
from ..capture import capture
from ..graph import Equation, Graph, Variable, renamed


def _mean(x, *, axis, keepdims):
    n = reduction.count(x.shape, axis)
    return reduction.sum(x, axis=axis, keepdims=keepdims) / n


def _affine(x, w, b):
    z = contraction.matmul(x, shape.swap_last(w))
    return z + shape.reshape(b, shape=(1, b.shape[0]))


def _dot_general(x, y, *, contract, batch):
    (cx, cy), (bx, by) = contract, batch
    fx = contraction.free_axes(len(x.shape), cx, bx)
    fy = contraction.free_axes(len(y.shape), cy, by)
    sizes = [x.shape[a] for a in bx], [x.shape[a] for a in fx], [y.shape[a] for a in fy]
    k = math.prod([x.shape[a] for a in cx])
    x = shape.transpose(x, axes=bx + fx + cx)
    y = shape.transpose(y, axes=by + cy + fy)
    x = shape.reshape(x, shape=(*sizes[0], math.prod(sizes[1]), k))
    y = shape.reshape(y, shape=(*sizes[0], k, math.prod(sizes[2])))
    return shape.reshape(contraction.matmul(x, y), shape=(*sizes[0], *sizes[1], *sizes[2]))


def _multiply_add(*xs):
    total = xs[0] * xs[1]
    for i in range(2, len(xs), 2):
        total = total + xs[i] * xs[i + 1]
    return total


def _mse(x, y, *, axis):
    d = x - y
    return _mean(d * d, axis=axis, keepdims=False)


def _softmax(x, *, axis):
    e = exp(x - reduction.max(x, axis=axis, keepdims=True))
    return e * (1 / reduction.sum(e, axis=axis, keepdims=True))  # the sum is 1 at least, or NaN


def _gate(x, y):
    return selection.where(y > 0, x, 0)


# What the compiler wants otherwise than the kernels are written, and nobody else does.
STEPS = {
    "mean": _mean,
    "mse": _mse,
    "affine": _affine,
    "dot_general": _dot_general,
    "multiply_add": _multiply_add,
    "gate": _gate,
    "softmax": _softmax,
    "square": lambda x: x * x,
    "relu": lambda x: selection.maximum(x, 0),
}


def lowered(graph, keep=frozenset()):
    """The graph with every composite primitive in its steps, but for those named in `keep`."""
    lowering = _Lowering(keep)
    names = lowering.expand(graph.equations, {})
    return Graph(graph.inputs, renamed(graph.outputs, names), lowering.equations, graph.name)


class _Lowering:
    def __init__(self, keep):
        self.keep, self.equations, self.bodies = keep, [], {}

    def expand(self, equations, names, origin=None):
        """Add equations with their operands renamed; {variable: what stands for it}."""
        for equation in equations:
            inputs = renamed(equation.inputs, names)
            line, scope = (equation.line, equation.scope) if origin is None else origin
            body = self.body(equation.primitive, inputs, equation.static)
            if body is None:
                outputs = equation.outputs
                if origin is not None:  # the same body may stand for another equation, too
                    outputs = [Variable(v.shape, v.dtype, v.weak) for v in outputs]
                self.equations.append(
                    Equation(equation.primitive, inputs, outputs, equation.static, line, scope)
                )
                names.update(zip(equation.outputs, outputs, strict=True))
                continue
            given = dict(zip(body.inputs, inputs, strict=True))
            inside = self.expand(body.equations, given, (line, scope))
            results = renamed(body.outputs, inside)
            names.update(zip(equation.outputs, results, strict=True))
        return names

    def body(self, primitive, inputs, static):
        """The steps of a primitive for such operands, captured once; None where it is a step
        itself."""
        if primitive.name in self.keep:
            return None
        steps = STEPS.get(primitive.name) or primitive.decomposition
        if steps is None:
            return None
        told = tuple([(name, a, repr(a)) for name, a in static.items()])  # 0.0 is not -0.0
        key = primitive, tuple(map(kind_of, inputs)), told
        try:
            found = self.bodies.get(key)
        except TypeError:  # statics without a hash
            return captured_steps(primitive, steps, inputs, static)
        if found is None:
            found = self.bodies[key] = captured_steps(primitive, steps, inputs, static)
        return found


def kind_of(a):
    """What the steps depend on: of a number its value and class, of a variable its type."""
    return (a.shape, a.dtype, a.weak) if isinstance(a, Variable) else (type(a), repr(a))


def captured_steps(primitive, steps, operands, static):
    """The steps of a primitive as a graph. A number among the operands stays the number it is."""
    places = [i for i, a in enumerate(operands) if isinstance(a, Variable)]

    def traced(*leaves):
        full = list(operands)
        for i, x in zip(places, leaves, strict=True):
            full[i] = x
        found = steps(*full, **static)
        return list(found) if primitive.outputs is not None else [found]

    found, _ = capture(traced, [operands[i] for i in places], primitive.name)
    return _Placed(found, places, len(operands))


class _Placed:
    """A captured body whose inputs stand at some places among the operands."""

    def __init__(self, graph, places, count):
        self.equations, self.outputs = graph.equations, graph.outputs
        self.inputs = [object() for _ in range(count)]
        for i, v in zip(places, graph.inputs, strict=True):
            self.inputs[i] = v
