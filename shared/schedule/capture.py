"""Capture: a function runs once on `Staged` values, and what it does becomes a graph."""

from bisect import bisect_left
from types import SimpleNamespace

import numpy as np

from ..custom import Call
from ..dispatch import Trace, Value
from ..errors import TracerLeakError, describe, user_line
from ..node import next_order
from .graph import Constant, Equation, Graph, Variable
from .origin import line_of

SCALARS = frozenset((bool, int, float, complex))


class Recording(Trace):
    """One capture: the equations so far, and the constants met."""

    __slots__ = ("captured", "closes", "constants", "equations", "stamps")

    def __init__(self, name, closes=False):
        super().__init__(name)
        self.equations, self.constants, self.captured = [], {}, {}
        self.stamps = []  # when each equation was written, in the numbers of the tape's nodes
        self.closes = closes

    def operand(self, a):
        """What stands for `a` in an equation: a variable, a constant or a Python number."""
        if a.__class__ is Staged and a.level == self.level:
            if a.trace is not self:
                raise a.trace.leak(a, SimpleNamespace(name=self.name))
            return a.value
        if a.__class__ in SCALARS:
            return a
        if isinstance(a, Value):
            return self.lower(a)
        found = self.constants.get(id(a))
        if found is None:  # the array itself is remembered too, so that its id stays its own
            found = self.constants[id(a)] = (Constant(frozen(a)), a)
        return found[0]

    def write(self, primitive, args, found, static):
        """Write an equation down; its outputs are new Staged values of the (shape, dtype)s
        found."""
        inputs = [self.operand(a) for a in args]
        single = primitive.outputs is None
        outputs = [Variable(*z) for z in ([found] if single else found)]
        self.stamps.append(-next_order())
        line = line_of(self, Graph.__call__.__code__)
        self.equations.append(Equation(primitive, inputs, outputs, static, line))
        made = [Staged(v, self) for v in outputs]
        return made[0] if single else tuple(made)

    def leak(self, value, primitive):
        """The error for a value that is used outside the capture, where it has no entries."""
        lines = [e.line for e in self.equations if value.value in e.outputs]
        made = f"made at {lines[0]}, under" if lines else "an argument under"
        return TracerLeakError(
            f"{primitive.name}: a traced {describe(value)} is used after the `{self.name}` that "
            f"made it had ended ({made} `{self.name}` called at {self.where}); it stands for "
            "what the compiled function computes at each call, so return it from the function"
        )

    def before(self, order):
        """The last equation written before the tape's node of this number; None for a node of
        old."""
        i = bisect_left(self.stamps, -order)
        return self.equations[i - 1] if i else None

    def body(self, call, args):
        """The graph of a function with a rule of its own, for operands like args."""
        graph, captured = capture(lambda *xs: list(call.run(*xs)), args, call.name)
        call.refuse(0, *captured)
        return graph

    def lower(self, a):
        """A value of an outer transform becomes an input; live state would be frozen in silence."""
        if not self.closes and hasattr(a, "version"):
            raise TypeError(
                f"{self.name}: the function uses a Tensor {describe(a)} that is no argument, whose "
                "value would be frozen into the graph; make a function of its parameters with "
                "purify(model), or compile the model with purify.compile"
            )
        found = self.captured.get(id(a))
        if found is None:
            found = self.captured[id(a)] = (Variable(a.shape, a.dtype, a.weak), a)
        return found[0]


def frozen(x):
    """A copy of an array that nobody can change; what repeats entries stays as small as it is.

    Its axes lie as they lay, since kernels sum in the order of memory.
    """
    if isinstance(x, np.ndarray) and 0 in x.strides:
        if any(x.strides):
            some = x[tuple([slice(None) if step else slice(1) for step in x.strides])]
            x = np.broadcast_to(copied(some), x.shape)
    elif not hasattr(x, "strides") or any(x.strides):
        x = copied(x) if hasattr(x, "copy") else np.asarray(x)
    if isinstance(x, np.ndarray):
        x = x.view()
        x.flags.writeable = False
    return x


def copied(x):
    """A copy without gaps, whose axes run as they ran: backwards, too."""
    if all(step >= 0 for step in x.strides):
        return x.copy("K")
    key = tuple([slice(None, None, -1 if step < 0 else 1) for step in x.strides])
    return x[key].copy("K")[key]


class Staged(Value):
    """A value without entries, under one capture: what is done to it becomes an equation."""

    __slots__ = ("dtype", "level", "shape", "trace", "value", "weak")
    direct = True

    def __init__(self, variable, trace):
        self.value, self.trace, self.level = variable, trace, trace.level
        self.shape, self.dtype, self.weak = variable.shape, variable.dtype, variable.weak

    def interpret(self, primitive, args, static):
        """Add an equation: the shape rule in place of the kernel."""
        trace = self.trace
        if not trace.alive:
            raise trace.leak(self, primitive)
        if isinstance(primitive, Call):
            return primitive.staged(trace, args)
        try:
            found = primitive.abstract(*args, **static)
        except Exception as error:
            raise primitive.explain(error, args, static) from None
        return trace.write(primitive, args, found, static)

    def concrete(self, operation):
        """There is no array under this value to decide by."""
        if not self.trace.alive:
            raise self.trace.leak(self, SimpleNamespace(name=operation))
        raise undecided(self, operation)

    def __array__(self, dtype=None, copy=None):
        return self.concrete("np.asarray")

    def __float__(self):
        return self.concrete("float")

    def __complex__(self):
        return self.concrete("complex")

    def item(self, *place):
        """There is no number to be had before the graph runs."""
        return self.concrete("item")

    def tolist(self):
        """There are no numbers to be had before the graph runs."""
        return self.concrete("tolist")

    def __format__(self, form):
        return self.concrete("format") if form else repr(self)

    def __repr__(self):
        return f"<traced {describe(self)} under {self.trace.name}>"


def undecided(x, operation):
    """The error for Python code that needs to know a value that is not there yet."""
    name, where = x.trace.name, user_line(3)
    head = f"{operation}: under `{name}` a {describe(x)} has no value yet, at {where}"
    if "mask" in operation or "indices" in operation:
        return TypeError(
            f"{head}: the shape of the result would depend on it; keep the shape: where(mask, x, 0)"
        )
    if operation in ("bool", "any", "all", "allclose", "array_equal"):
        return TypeError(
            f"{head}, and Python can go only one way; choose by lax.cond(x > 0, f, g, x) or "
            "where(condition, x, y), or loop by lax.while_loop"
        )
    counts = x.dtype.kind == "i" and not x.shape  # np.arange(n), np.linspace(0, 1, n)
    if operation in ("int", "index", "shape") or (operation == "np.asarray" and counts):
        return TypeError(
            f"{head}; mark the argument static (static_argnums) where it is a Python number that "
            "shapes, indices or loops depend on"
        )
    write = ", write it into an array y by y = wf.at(y)[i].set(x)"
    return TypeError(
        f"{head}: the function runs once, to be captured, and its operations run later; compute "
        f"with the value itself{write if operation in ('float', 'np.asarray') else ''}, or return "
        "it from the function and read it there"
    )


def capture(f, like, name="jit", closes=False):
    """(graph, captured): f as equations over inputs like `like`, whose entries it never sees.

    f takes and returns lists of leaves. like: anything with a shape and a dtype, or Python numbers,
    which stay weak. captured: the values of outer transforms that f uses besides its arguments;
    they are the graph's first inputs. closes: the graph serves one call, so it may use Tensors,
    too.
    """
    with Recording(name, closes) as trace:
        inputs = [variable_like(x) for x in like]
        out = f(*[Staged(v, trace) for v in inputs])
        out = [trace.settle(x) for x in out]
        outputs = [trace.operand(x) for x in out]
        lowered = list(trace.captured.values())
    graph = Graph([v for v, _ in lowered] + inputs, outputs, trace.equations, name)
    return graph, [value for _, value in lowered]


def variable_like(x):
    """A variable for inputs like x."""
    if x.__class__ in SCALARS:
        return Variable((), np.asarray(x).dtype, x.__class__)
    return Variable(x.shape, x.dtype, getattr(x, "weak", None))
