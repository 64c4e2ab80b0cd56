"""Traced values that a function closes over, found and replaced.

A function that is run again later, or one level down, must get these anew: they are looked for in
closures, defaults, partial arguments and bound objects that are pytrees, through functions inside
them. Globals and the attributes of other objects are not looked into.
"""

import functools
from types import CellType, FunctionType, MethodType

from . import tree
from .dispatch import Value


def traced_in(x):
    """The Values in a function (or pytree of functions and values), each once.

    >>> traced_in(lambda: 1)
    []
    """
    found = {}
    _collect(x, found, set())
    return list(found.values())


def replaced_in(x, values, new):
    """x with each of `values` replaced by its counterpart in `new`; other parts are shared."""
    swap = {id(old): value for old, value in zip(values, new, strict=True)}
    return _replace(x, swap, {})


def _collect(x, found, seen):
    if isinstance(x, Value):
        found[id(x)] = x
        return
    if id(x) in seen:
        return
    seen.add(id(x))
    for part in _parts(x):
        _collect(part, found, seen)


def _parts(x):
    """What a function, partial, method or container holds."""
    if isinstance(x, FunctionType):
        cells = [c.cell_contents for c in x.__closure__ or () if _filled(c)]
        return [*cells, *(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values()]
    if isinstance(x, functools.partial):
        return [x.func, *x.args, *x.keywords.values()]
    if isinstance(x, MethodType):
        return [x.__self__, x.__func__]
    return _leaves(x)


def _leaves(x):
    """The leaves of a container; nothing for what is none, or cannot be read as a pytree."""
    try:
        leaves = tree.leaves(x)
    except (TypeError, ValueError):
        return []
    return [leaf for leaf in leaves if leaf is not x]


def _filled(cell):
    """False for the cell of a variable that has no value yet."""
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _replace(x, swap, made):
    """x anew where something in it is replaced; `made` remembers, so that recursion ends."""
    if isinstance(x, Value):
        return swap.get(id(x), x)
    if id(x) in made:
        return made[id(x)]
    if not any(id(value) in swap for value in traced_in(x)):
        return x
    if isinstance(x, FunctionType):
        return _function(x, swap, made)
    if isinstance(x, functools.partial):
        func, *args = (_replace(part, swap, made) for part in (x.func, *x.args))
        keywords = {k: _replace(part, swap, made) for k, part in x.keywords.items()}
        return functools.partial(func, *args, **keywords)
    if isinstance(x, MethodType):
        return MethodType(_replace(x.__func__, swap, made), _replace(x.__self__, swap, made))
    return tree.map(lambda leaf: _replace(leaf, swap, made), x)


def _function(f, swap, made):
    """A copy of a function; cells in which nothing is replaced stay shared, so `nonlocal` works."""
    closure = tuple([_cell(cell, swap, made) for cell in f.__closure__ or ()])
    copy = FunctionType(f.__code__, f.__globals__, f.__name__, None, closure)
    copy.__dict__.update(f.__dict__)
    made[id(f)] = copy
    for new, cell in zip(closure, f.__closure__ or (), strict=True):
        if new is not cell and not _filled(new):
            new.cell_contents = _replace(cell.cell_contents, swap, made)
    defaults, keywords = f.__defaults__, f.__kwdefaults__
    copy.__defaults__ = defaults and tuple([_replace(x, swap, made) for x in defaults])
    copy.__kwdefaults__ = keywords and {k: _replace(x, swap, made) for k, x in keywords.items()}
    return copy


def _cell(cell, swap, made):
    """A cell for the copies of a cell's functions: the same where nothing in it is replaced."""
    if not _filled(cell) or not any(id(x) in swap for x in traced_in([cell.cell_contents])):
        return cell
    return made.setdefault(id(cell), CellType())
