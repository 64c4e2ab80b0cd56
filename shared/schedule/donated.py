"""Arrays that were given up: their memory belongs to a result, and to use them again is an
error."""

import weakref

from ..errors import describe, user_line

_given_up: dict = {}  # id -> (weak reference, line of the call that took it)


def given_up(x):
    """Note that the memory of x was taken over."""
    key = id(x)
    _given_up[key] = weakref.ref(x, lambda _: _given_up.pop(key, None)), user_line(4)


def is_alone(x, memory):
    """Whether x is all there is of its memory: no part of an array that was not given up.

    memory: the class that results lie in.
    """
    base = x.base
    if base is None or isinstance(base, memory):
        return True
    found = _given_up.get(id(base))
    return found is not None and found[0]() is base


def refuse_given_up(operation, leaves):
    """ValueError where a leaf, or the array of a Tensor, was given up in an earlier call."""
    if not _given_up:
        return
    for leaf in leaves:
        x = getattr(leaf, "value", leaf)
        found = _given_up.get(id(x))
        if found is not None and found[0]() is x:
            raise ValueError(
                f"{operation}: an array {describe(x)} was donated at {found[1]}, and its memory "
                "holds a result now; use that result, or do not donate the argument"
            )
