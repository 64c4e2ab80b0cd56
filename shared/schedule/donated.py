"""Arrays that were given up: their memory belongs to a result, and to use them again is an
error."""

import weakref

from ..errors import describe, user_line

_given_up: dict = {}  # id -> (weak reference, line of the call that took it)


def given_up(x):
    """Note that the memory of x was taken over."""
    key = id(x)
    _given_up[key] = weakref.ref(x, lambda _: _given_up.pop(key, None)), user_line(4)


def refuse_given_up(leaves):
    """ValueError where one of the leaves was given up in an earlier call."""
    if not _given_up:
        return
    for x in leaves:
        found = _given_up.get(id(x))
        if found is not None and found[0]() is x:
            raise ValueError(
                f"jit: an array {describe(x)} was donated at {found[1]}, and its memory holds "
                "a result now; use that result, or do not donate the argument"
            )
