"""The functions of a program as machine code: found on disk, or written as IR and compiled.

They never call each other, so they are compiled in as many parts as there are cores, each by a
thread of its own. Products only call BLAS and are compiled the quick way.
"""

import threading
from functools import partial
from typing import Any, NamedTuple

import llvmlite.ir as ir

from .described import described, sources
from .linking import load
from .objects import object_for, object_named
from .parallel import cores


class Function(NamedTuple):
    """One function. key: what decides its code, beside the sources of this package; cost: about how
    long it takes to compile, 0 for what need not be fast; write(module): write its IR."""

    name: str
    key: Any
    cost: int
    write: Any


def load_functions(functions, symbols=None):
    """`linking.load` for Functions, each compiled at most once on this machine."""
    quick, others = [f for f in functions if not f.cost], [f for f in functions if f.cost]
    tasks = [partial(image_of, part) for part in parts(others, cores())]
    tasks += [partial(image_of, quick, quick=True)] if quick else []
    return load(in_threads(tasks), [f.name for f in functions], symbols)


def parts(functions, count):
    """The functions in `count` parts, or fewer, of about the same cost.

    >>> [[f.name for f in part] for part in parts([Function(n, n, c, None) for n, c in
    ...     [("a", 1), ("b", 5), ("c", 2), ("d", 3)]], 2)]
    [['a', 'b'], ['c', 'd']]
    """
    found: list = [[] for _ in range(count)]
    costs = [0] * count
    for f in sorted(functions, key=lambda f: -f.cost):
        least = costs.index(min(costs))
        found[least].append(f)
        costs[least] += f.cost
    return [[f for f in functions if f in part] for part in found if part]


def image_of(part, quick=False):
    """The object file of some functions."""
    identity, source = described(tuple([(f.name, f.key) for f in part])), sources()
    if identity is None or source is None:
        return object_for(text(part), quick)
    return object_named(f"functions {source}\n{identity}", lambda: text(part), quick)


def text(part):
    """Functions as LLVM IR."""
    module = ir.Module("step")
    for function in part:
        function.write(module)
    return str(module)


def in_threads(tasks):
    """The results of functions without arguments, each called by a thread of its own; the first
    error, if there is one, is raised when all have ended."""
    results, errors = [None] * len(tasks), []

    def run(i):
        try:
            results[i] = tasks[i]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(1, len(tasks))]
    for thread in threads:
        thread.start()
    for i in range(min(1, len(tasks))):
        run(i)
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
