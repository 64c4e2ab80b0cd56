"""The table of promises, and how one is held against a sample."""

import numpy as np

from ...errors import describe

PROMISES: dict[str, "Promise"] = {}


class Promise:
    """A named check of a Call. every_dtype: of each dtype, else of the widest of each kind."""

    __slots__ = ("check", "every_dtype", "name", "says")

    def __init__(self, name, check, every_dtype):
        self.name, self.check, self.every_dtype = name, check, every_dtype
        self.says = check.__doc__.splitlines()[0]

    def calls(self, sample):
        """The calls of a sample that this promise is about."""
        calls = sample.calls()
        if self.every_dtype:
            return calls
        widest = {}
        for call in calls:
            kind = call.dtype and call.dtype.kind
            best = widest.get(kind)
            if best is None or np.dtype(call.dtype).itemsize > best.dtype.itemsize:
                widest[kind] = call
        return list(widest.values())


def promise(every_dtype=False):
    """Enter a function into the table, under its own name."""

    def enter(check):
        PROMISES[check.__name__] = Promise(check.__name__, check, every_dtype)
        return check

    return enter


def keep(name, sample):
    """Hold one promise against a sample; the number of calls it was held against.

    Raises AssertionError where it is broken; anything else that the primitive raises gets a note.
    """
    if name in sample.without:
        return 0
    held = PROMISES[name]
    calls = held.calls(sample)
    for call in calls:
        try:
            held.check(call)
        except Exception as error:
            given = ", ".join(describe(a) for a in call.args)
            error.add_note(f"the promise {name!r} of {sample.primitive.name}({given}): {held.says}")
            raise
    return len(calls)
