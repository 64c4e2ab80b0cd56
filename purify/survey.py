"""What a function reaches: the tensors that it may read or change, and the Python values it reads.

The walk goes from a function through its closure, its defaults and the globals that its code names,
through bound objects, containers, modules and optimisers. Its `description` says in hashable
terms what was found, tensors by shape and dtype, everything else by value or identity: two surveys
with one description run the same graph. Of objects that are no modules it looks at those attributes
alone whose names occur in the code.
"""

import sysconfig
from collections import OrderedDict, defaultdict, deque
from functools import lru_cache, partial
from types import CodeType, FunctionType, MethodType, ModuleType
from weakref import ref

import numpy as np

from ..oop.nn import Module, structure
from ..oop.optim.optimizer import Optimizer
from ..oop.tensor import Tensor
from ..shared.dispatch import Value
from ..shared.errors import is_library
from ..shared.random import Generator
from .places import Held, Watch

ATOMS = frozenset((bool, int, float, complex, str, bytes, type(None), range, slice, type(...)))
NUMBERS = frozenset((int, float))
INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
COMPARED = 1 << 20  # bytes up to which an array outside of tensors is compared by its entries
UNWATCHED = frozenset(("_journal", "_non_persistent_buffers_set"))


class Compiled:
    """Something that stands for its `function`."""

    function: object


class Survey:
    """One walk; see the module.

    promoted: {(id of a container, key): the container} of numbers that are known to change, and of
    lists (the key is None) that the function itself changes.


    slots     the tensors, each once
    watch     places of what was read; `attributes` those of modules, which count their changes
    of_modules  {id of a dict of a module: which}
    cells     of closures, and their `contents`
    numbers   (container, key) of numbers that a program takes by value: an optimiser's options and
              step counts, and what is promoted
    arrays    arrays that are no tensors, and copies of them
    """

    def __init__(self, roots, names=frozenset(), promoted=None):
        self.names, self.promoted = set(names), promoted or {}
        while True:
            before = len(self.names)
            self._restart()
            for x in roots:
                self.visit(x)
            if len(self.names) == before:
                break
        self.description = tuple(self.tokens)

    def _restart(self):
        self.slots, self.index, self.tokens, self.kept, self.seen = [], {}, [], [], {}
        self.watch, self.attributes = Watch(), Watch()
        self.changes = [structure.latest[0], structure.assigned[0]]
        self.cells, self.contents, self.numbers, self.arrays = [], [], [], []
        self.generators, self.foreign, self.saved, self.by_value = [], [], [], set()
        self.histories, self.of_modules = set(), {}

    def same_attributes(self):
        """True where the attributes of modules are what they were."""
        if not self.attributes.holds():
            return False
        self.changes[:] = structure.latest[0], structure.assigned[0]
        return True

    def same_arrays(self):
        """True where the arrays have the entries that they had."""
        return all([np.array_equal(x, y) for x, y in self.arrays])

    def changed_numbers(self):
        """{(id of a container, key): the container} where a number was, and now is another."""
        found = {(id(c), k): c for c, k, x in self.read() if holds(c, k) and is_another(x, c[k])}
        for cell, x in zip(self.cells, self.contents, strict=True):
            if is_another(x, Held(cell)[0]):
                found[id(cell), None] = cell
        return found

    def read(self):
        """(container, key, value) of everything watched."""
        for watch in (self.watch, self.attributes):
            yield from zip(watch.containers, watch.keys, watch.known, strict=True)

    # ---- the walk

    def visit(self, x):
        """Note x, and what is reached from it."""
        cls = x.__class__
        if cls in ATOMS:
            self.tokens.append((cls, repr(x) if cls in (float, complex, range, slice) else x))
            return
        at = self.seen.get(id(x))
        if at is not None:
            self.tokens.append(("again", at))
            return
        self.seen[id(x)] = len(self.seen)
        self.kept.append(x)  # so that its id stays its own
        visit = VISIT.get(cls) or next((v for base, v in BY_BASE if isinstance(x, base)), None)
        (visit or Survey.anything)(self, x)

    def item(self, container, key, x):
        """Note what stands in a container under a key."""
        cls = x.__class__
        changes = id(container) in self.by_value or (id(container), key) in self.promoted
        if changes and by_value(x):
            self.numbers.append((container, key))
            self.tokens.append(("number", cls, len(x) if cls is tuple else 1))
            return
        own = id(container) in self.of_modules
        (self.attributes if own else self.watch).add(container, key, x)
        self.visit(x)

    def tensor(self, x):
        """A tensor and its gradient; one with a history, or of a transform, is only named."""
        if isinstance(x.value, Value) or not x.is_leaf:
            self.histories.add(id(x))
            self.tokens.append("a tensor with a history")
            return
        self.index[id(x)] = len(self.slots)
        self.slots.append(x)
        hooks = None if x.hooks is None else (id(x.hooks), len(x.hooks.functions))
        kind = id(type(x)), tuple(x.shape), x.dtype, x.node is not None, hooks
        self.tokens.append(("tensor", *kind))
        self.visit(x.gradient)

    def leaked(self, x):
        """A value that a transform left behind."""
        self.tokens.append("a traced value")

    def mapping(self, x, skipped=frozenset()):
        """A dict, read whole."""
        (self.attributes if id(x) in self.of_modules else self.watch).whole(x)
        self.saved.append((x, dict(x)))
        self.tokens.append((type(x), len(x)))
        for key, value in list(x.items()):
            if key not in skipped if key.__class__ is str else True:
                self.visit(key)
                self.item(x, key, value)

    def row(self, x):
        """A list or deque; what leaked into it from a capture does not count."""
        self.saved.append((x, list(x)))
        if (id(x), None) in self.promoted:  # it is known that the function changes it
            self.tokens.append("a list that changes")
            return
        own = [i for i, a in enumerate(x) if not is_leaked(a)]
        self.tokens.append((type(x), len(own)))
        if len(own) == len(x):
            self.watch.whole(x)
        for i in own:
            self.item(x, i, x[i])

    def group(self, x):
        """A tuple or a set."""
        self.tokens.append((type(x), len(x)))
        for a in x:
            self.visit(a)

    def module(self, x):
        """A module: all its attributes, and the globals of its methods."""
        self.tokens.append(("module", id(type(x))))
        for name in ("_parameters", "_buffers", "_modules"):
            self.of_modules[id(x.__dict__[name])] = name
        self.of_modules[id(x.__dict__)] = "attributes"
        self.mapping(x.__dict__, UNWATCHED)
        self.methods(type(x))

    def optimizer(self, x):
        """An optimiser; the numbers in its groups and states are taken by value."""
        self.tokens.append(("optimizer", id(type(x))))
        for group in (*x.param_groups, *x.state.values()):
            self.by_value.add(id(group))
            self.kept.append(group)
        self.mapping(x.__dict__, {"defaults"})

    def methods(self, cls, named=False):
        """The functions of a class that is the user's own; named: those that the code names."""
        self.tokens.append(id(cls))
        for base in cls.__mro__:
            for name, member in vars(base).items() if is_own_class(base) else ():
                function = getattr(member, "fget", None) or getattr(member, "__func__", member)
                wanted = not named or name in self.names or name == "__call__"
                if function.__class__ is FunctionType and wanted:
                    self.visit(function)

    def function(self, f):
        """A function: what it closes over, its defaults, and the globals that it names."""
        self.tokens.append(("function", id(f.__code__)))
        self.kept.append(f.__code__)
        for cell in f.__closure__ or ():
            self.cell(cell)
        self.visit(f.__defaults__)
        self.visit(f.__kwdefaults__)
        if is_own(f.__code__.co_filename):
            names = names_of(f.__code__)
            self.names |= names
            self.named(f.__globals__, names)

    def cell(self, cell):
        """What a closure holds."""
        try:
            x = cell.cell_contents
        except ValueError:  # a variable without a value yet
            self.tokens.append("empty")
            return
        if (id(cell), None) in self.promoted and by_value(x):
            held = Held(cell)
            self.kept.append(held)
            self.numbers.append((held, 0))
            self.tokens.append(("number", x.__class__, 1))
            return
        self.cells.append(cell)
        self.contents.append(x)
        self.visit(x)

    def named(self, namespace, names):
        """Those entries of a namespace that the code names."""
        for name in sorted(names):
            if name in namespace:
                self.tokens.append(name)
                self.item(namespace, name, namespace[name])

    def method(self, x):
        """A bound method."""
        self.tokens.append("method")
        self.visit(x.__func__)
        self.visit(x.__self__)

    def compiled(self, x):
        """What a compiled model or function stands for."""
        self.tokens.append("compiled")
        self.visit(x.function)

    def partial(self, x):
        """A functools.partial."""
        self.tokens.append("partial")
        for part in (x.func, x.args, x.keywords):
            self.visit(part)

    def weak(self, x):
        """A weak reference."""
        self.tokens.append("ref")
        self.visit(x())

    def array(self, x):
        """An array that is no tensor: a constant of the graph, compared at each call."""
        small = x.nbytes <= COMPARED and x.dtype != object
        self.tokens.append((x.shape, x.dtype, x.tobytes() if small else id(x)))
        if small:
            self.arrays.append((x, x.copy()))

    def generator(self, x):
        """A source of keys: each call takes fresh ones from it."""
        self.tokens.append(("generator", len(self.generators)))
        self.generators.append(x)

    def numpy_generator(self, x):
        """A source of NumPy's, whose numbers would be frozen."""
        self.tokens.append(id(x))
        self.foreign.append(x)

    def namespace(self, x):
        """A Python module: if it is the user's own, what the code names in it."""
        self.tokens.append(id(x))
        if is_own(getattr(x, "__file__", None) or sysconfig.__file__):
            self.named(vars(x), self.names)

    def anything(self, x):
        """Any other object: those attributes that the code names."""
        self.tokens.append(("object", id(type(x)) if hasattr(x, "__dict__") else id(x)))
        if isinstance(x, type) or not hasattr(x, "__dict__"):
            self.tokens.append(id(x))
            return
        if type(x).__module__.startswith("wonderland."):
            self.mapping(x.__dict__)
            return
        self.named(x.__dict__, self.names)
        if not is_own_class(type(x)):
            self.tokens.append(id(x))
        self.methods(type(x), named=True)


VISIT = {
    dict: Survey.mapping,
    list: Survey.row,
    tuple: Survey.group,
    FunctionType: Survey.function,
    MethodType: Survey.method,
    partial: Survey.partial,
    ref: Survey.weak,
    np.ndarray: Survey.array,
    Generator: Survey.generator,
    np.random.Generator: Survey.numpy_generator,
    ModuleType: Survey.namespace,
}
BY_BASE = (
    (Tensor, Survey.tensor),
    (Value, Survey.leaked),
    (Compiled, Survey.compiled),
    (Module, Survey.module),
    (Optimizer, Survey.optimizer),
    ((dict, OrderedDict, defaultdict), Survey.mapping),
    ((list, deque), Survey.row),
    ((tuple, set, frozenset), Survey.group),
)


def holds(container, key):
    """True where a dict or list has an entry there."""
    if isinstance(container, dict):
        return key in container
    return key < len(container)


def is_another(before, now):
    """True for two numbers of one kind that differ."""
    return before.__class__ in NUMBERS and now.__class__ is before.__class__ and now != before


def by_value(x):
    """True for numbers that a program may take by value; zeros switch things off, and stay."""
    if x.__class__ is tuple:
        return bool(x) and all(a.__class__ in NUMBERS and a for a in x)
    return x.__class__ in NUMBERS and x != 0


def is_leaked(x):
    """True for a tensor that a capture left behind."""
    return isinstance(x, Value) and not (isinstance(x, Tensor) and not isinstance(x.value, Value))


@lru_cache(1024)
def is_own(filename):
    """True for a source file of the user's."""
    return not (is_library(filename) or filename.startswith(INSTALLED))


def is_own_class(cls):
    """True for a class of the user's."""
    return cls.__module__.partition(".")[0] not in ("wonderland", "builtins") and any(
        is_own(f.__code__.co_filename) for f in vars(cls).values() if f.__class__ is FunctionType
    )


@lru_cache(1024)
def names_of(code):
    """The names that a code object, and those within it, read from modules and objects.

    >>> sorted(names_of(compile("f(a.b)", "", "eval")))
    ['a', 'b', 'f']
    """
    inner = [names_of(c) for c in code.co_consts if isinstance(c, CodeType)]
    return frozenset(code.co_names).union(*inner)
