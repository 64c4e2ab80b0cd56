"""Which arguments of a compiled function are static, and which are donated."""

import inspect
from typing import NamedTuple

from ..shared.errors import describe

NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
PLACED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Selected(NamedTuple):
    """static: places; names: of static arguments, where they are given by keyword; donated: places.

    Places count from the front wherever the function's signature says how many there are.
    """

    static: tuple
    names: tuple
    donated: tuple


def selected(operation, fun, static_argnums, static_argnames, donate_argnums):
    """What is selected among the arguments of fun; an argument that can be given in two ways is
    static in both.

    TypeError for what is no integer or no name, ValueError for an argument that fun does not have,
    or that is static and donated.
    """
    static = as_tuple(operation, static_argnums, int, "static_argnums")
    names = as_tuple(operation, static_argnames, str, "static_argnames")
    donated = as_tuple(operation, donate_argnums, int, "donate_argnums")
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):  # some functions written in C do not tell
        parameters = None
    if parameters is not None:
        static = places(operation, static, "static_argnums", fun, parameters)
        donated = places(operation, donated, "donate_argnums", fun, parameters)
        check_names(operation, names, fun, parameters)
        placed = [p for p in parameters if p.kind in PLACED]
        static += tuple(i for i, p in enumerate(placed) if p.name in names)
        names += tuple(p.name for i, p in enumerate(placed) if i in static and p.kind in NAMED)
    both = sorted({*static} & {*donated})
    if both:
        raise ValueError(
            f"{operation}: argument {both[0]} is static and donated; a static argument is a part "
            "of the program, so leave it out of donate_argnums"
        )
    return Selected(tuple(dict.fromkeys(static)), tuple(dict.fromkeys(names)), donated)


def as_tuple(operation, given, kind, name):
    """One or several of a kind, as a tuple."""
    several = isinstance(given, (tuple, list, set, frozenset, range))
    found = tuple(given) if several else (given,)
    if not all(isinstance(x, kind) for x in found):
        raise TypeError(
            f"{operation}: {name} is one {kind.__name__} or several, but it is {given!r}"
        )
    return found


def places(operation, given, what, fun, parameters):
    """The places from the front; ValueError for one that the function does not have."""
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
        return given
    count = sum(p.kind in PLACED for p in parameters)
    for i in given:
        if not -count <= i < count:
            raise ValueError(
                f"{operation}: {what} has {i}, but {called(fun)} takes {count} positional "
                "argument(s)" + (f", 0 to {count - 1}" if count else "")
            )
    return tuple(i % count for i in given)


def check_names(operation, names, fun, parameters):
    """ValueError for a name that the function does not take."""
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        return
    known = [p.name for p in parameters if p.kind in NAMED]
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none"
            raise ValueError(
                f"{operation}: static_argnames has {name!r}, but the named arguments of "
                f"{called(fun)} are {there}"
            )


def called(fun):
    """What a function is called."""
    return getattr(fun, "__name__", None) or describe(fun)
