"""jit and make_graph: a function captured as a graph, and run as one."""

from functools import partial, update_wrapper

import numpy as np

from ..shared import tree
from ..shared.abstract import ShapeDtype
from ..shared.backend import is_array
from ..shared.dispatch import PLAIN, Value
from ..shared.errors import describe
from ..shared.schedule.capture import SCALARS, capture
from ..shared.schedule.conditions import collecting
from ..shared.schedule.donated import refuse_given_up
from ..shared.schedule.executors import check_executor, options_of
from ..shared.schedule.program import Program, Staging
from .arguments import check_callable
from .results import Results
from .signature import selected

NO_NUMBERS = "OSUVmM"  # kinds of dtype


def jit(
    fun=None, *, static_argnums=(), static_argnames=(), donate_argnums=(), executor=None,
    check_nan=False, fast=False,
):  # fmt: skip
    """fun, captured as a graph at its first call and run as compiled code from then on.

    The capture holds for one structure of the arguments and one shape and dtype of every leaf;
    others are captured anew. Python numbers stay weak and do not matter by value. Arrays that fun
    closes over are constants: copies as they were at the capture. Python code runs only while it is
    captured, so that branches on values and side effects have no place in fun.

    static_argnums, static_argnames: arguments that are no arrays, or that shapes and loops depend
    on; they are hashed, and a new value is a new capture. An argument that fun's signature names is
    static however it is given. donate_argnums: arguments, given by place, whose memory the results
    may take over; such an array must not be used again. executor: "numpy" gives the
    bits of the function itself, "native" compiles to machine code; by default the best that is
    installed. check_nan: raise FloatingPointError at the first operation that makes a NaN or an
    infinity. fast: compute as real numbers do, which changes rounding and what becomes of NaN,
    infinities and -0.0: x / x is 1, exp(log(x)) is x (see shared/schedule/passes/fast.py); off by
    default.

    >>> jit(lambda x, y: {"sum": x + y})(np.float32(1), np.float32(2))
    {'sum': np.float32(3.0)}
    """
    options = {
        "static_argnums": static_argnums, "static_argnames": static_argnames,
        "donate_argnums": donate_argnums, "executor": executor, "check_nan": check_nan,
        "fast": fast,
    }  # fmt: skip
    if fun is None:
        return partial(jit, **options)
    check_callable("jit", fun)
    return Jitted(fun, **options)


def make_graph(fun, static_argnums=(), static_argnames=()):
    """A function of fun's arguments that gives its Graph: what fun does, as equations.

    Arguments may be arrays, numbers or ShapeDtypes. No array is computed.

    >>> make_graph(lambda x: 2 * x)(np.ones(3))  # doctest: +ELLIPSIS
    <lambda>(a: float64[3]):
        b: float64[3] = mul(2, a)...
        return b
    """
    check_callable("make_graph", fun)
    staged = Jitted(fun, static_argnums, static_argnames, operation="make_graph")
    return update_wrapper(lambda *args, **kwargs: staged.graph(*args, **kwargs), fun)


class Entry:
    """One capture: what the leaves looked like, the program, and the structure of its results."""

    __slots__ = ("captured", "checks", "like", "program", "run", "structure")

    def __init__(self, like, program, structure, captured, checks=()):
        self.like, self.program, self.structure = like, program, structure
        self.captured, self.checks = captured, checks
        self.run = program.run if not captured else None

    def fits(self, leaves):
        """True where all leaves have the shapes, dtypes and kinds of number of the capture."""
        for x, (cls, shape, dtype) in zip(leaves, self.like):  # noqa: B905  of one structure
            if cls is None:
                if x.dtype is not dtype or x.shape != shape:
                    return False
            elif x.__class__ is not cls:
                return False
        return not self.checks or all([check() for check in self.checks])


class Jitted:
    """A function under `jit`: call it, look at its graph, or clear its cache."""

    def __init__(
        self, fun, static_argnums=(), static_argnames=(), donate_argnums=(), executor=None,
        check_nan=False, fast=False, operation="jit",
    ):  # fmt: skip
        update_wrapper(self, fun)
        check_executor(operation, executor)
        self.fun, self.executor = fun, executor
        self.options = options_of(check_nan=check_nan, fast=fast)
        self.operation = operation
        self.static_argnums, self.static_argnames, self.donate_argnums = selected(
            operation, fun, static_argnums, static_argnames, donate_argnums
        )
        self.entries: dict = {}
        self.traces = 0

    def __get__(self, instance, owner=None):
        """As a method: bound to its instance, which is then an argument."""
        return self if instance is None else partial(self, instance)

    def __repr__(self):
        return f"<jit of {self.fun!r}>"

    def clear_cache(self):
        """Forget all captures; the next call captures anew."""
        self.entries.clear()

    def __call__(self, *args, **kwargs):
        """The results of fun."""
        static = None
        if self.static_argnums or self.static_argnames:
            args, kwargs, static = self.split(args, kwargs)
        leaves, structure = tree.flatten((args, kwargs))
        entry = self.fitting(leaves, structure, static)
        if entry is None:
            entry = self.captured(leaves, structure, static)
        return tree.unflatten(entry.structure, self.run(entry, leaves))

    def fitting(self, leaves, structure, static):
        """The capture that such arguments fit, or None."""
        try:
            for entry in self.entries[structure, static]:
                if entry.fits(leaves):
                    return entry
        except (KeyError, AttributeError):  # none for this structure; a leaf that is no array
            return None
        return None

    def run(self, entry, leaves):
        """The leaves of the results."""
        traced = not PLAIN.issuperset(map(type, leaves)) and any(
            isinstance(x, Value) for x in leaves
        )
        if traced or entry.captured:
            return Staging(entry.program)(*entry.captured, *leaves)
        refuse_given_up("jit", leaves)
        return entry.run(leaves)

    def captured(self, leaves, structure, static):
        """The entry for such arguments, captured now."""
        like = [likeness(self.operation, x, structure, i) for i, x in enumerate(leaves)]
        with collecting() as checks:
            graph, results, captured = self.capture(leaves, structure, static)
        donate = () if captured else self.donated(leaves, structure, static)
        program = Program(graph, self.executor, donate, **self.options)
        entry = Entry(like, program, results.structure, captured, checks)
        if not captured:  # values of outer transforms are gone when those end
            self.entries.setdefault((structure, static), []).append(entry)
        return entry

    def donated(self, leaves, structure, static):
        """The places of the leaves of the donated arguments."""
        if not self.donate_argnums:
            return ()
        args, _ = tree.unflatten(structure, list(range(len(leaves))))
        if static:  # these have no leaves, but their places count
            args = self.joined(args, ([(i, (None, ())) for i, _ in static[0]],))
        count = len(args)
        picked = [args[i] for i in self.donate_argnums if -count <= i < count]
        return tuple([(place, None) for place in tree.leaves(picked)])

    def capture(self, leaves, structure, static):
        """(graph, results, captured values) of fun for such leaves."""
        results = Results(self.operation)
        self.traces += 1

        def flat(*traced):
            args, kwargs = tree.unflatten(structure, traced)
            return results.flat(self.fun(*self.joined(args, static), **self.named(kwargs, static)))

        graph, captured = capture(flat, leaves, self.operation)
        graph.name = getattr(self.fun, "__name__", "graph")
        return graph, results, captured

    def graph(self, *args, **kwargs):
        """The Graph of fun for these arguments."""
        args, kwargs, static = self.split(args, kwargs)
        leaves, structure = tree.flatten((args, kwargs))
        for i, x in enumerate(leaves):
            if not isinstance(x, ShapeDtype):
                likeness(self.operation, x, structure, i)
        return self.capture(leaves, structure, static)[0]

    def split(self, args, kwargs):
        """(arguments, keyword arguments, the static ones as a hashable value)"""
        places = {i % len(args) for i in self.static_argnums if -len(args) <= i < len(args)}
        static = tuple([(i, hashable(args[i], f"argument {i}")) for i in sorted(places)])
        named = {k: v for k, v in kwargs.items() if k in self.static_argnames}
        names = tuple([(k, hashable(v, f"{k!r}")) for k, v in sorted(named.items())])
        dynamic = tuple([a for i, a in enumerate(args) if i not in places])
        kwargs = {k: v for k, v in kwargs.items() if k not in named}
        return dynamic, kwargs, (static, names)

    def joined(self, args, static):
        """The positional arguments with the static ones back in their places."""
        if not static:
            return args
        args = list(args)
        for i, (_, value) in static[0]:
            args.insert(i, value)
        return args

    def named(self, kwargs, static):
        """The keyword arguments with the static ones among them."""
        return kwargs if not static else kwargs | {k: value for k, (_, value) in static[1]}


def hashable(x, what):
    """(type, x): 1 and True are equal, but not the same argument. TypeError where x has no hash."""
    try:
        hash(x)
    except TypeError:
        raise TypeError(
            f"jit: the static {what} is a {describe(x)}, which cannot be hashed; give a tuple or "
            "another value that cannot change, or let the argument be traced"
        ) from None
    return type(x), x


def likeness(operation, x, structure, i):
    """(None, shape, dtype) of an array, (class, ...) of a number; TypeError for anything else."""
    if x.__class__ in SCALARS:
        return x.__class__, (), None
    is_one = isinstance(x, (np.ndarray, np.generic, Value)) or is_array(x)
    if is_one and x.dtype.kind not in NO_NUMBERS:
        return None, x.shape, x.dtype
    path = tree.path_string(structure.paths()[i][1:]) if structure.paths() else ""
    advice = "mark it static (static_argnums, static_argnames), or close over it"
    if callable(getattr(x, "state_dict", None)):
        advice = "make a function of its parameters with purify(model), or use purify.compile"
    raise TypeError(
        f"{operation}: the arguments must be arrays and numbers, but the one at {path!r} is "
        f"{describe(x)}; {advice}"
    )
