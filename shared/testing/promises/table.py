"""A promise, and how it is held against a sample."""

from ...errors import describe


class Promise:
    """A named check of a Call, which raises AssertionError where the promise is broken.

    every_dtype: held against the call in each dtype; else in the widest of each kind.
    """

    __slots__ = ("check", "every_dtype", "name", "says")

    def __init__(self, check, every_dtype=False):
        self.check, self.every_dtype = check, every_dtype
        self.name, self.says = check.__name__, check.__doc__.splitlines()[0]

    def __repr__(self):
        return f"Promise({self.name}: {self.says})"

    def calls(self, sample):
        """The calls of a sample that this promise is about."""
        calls = sample.calls()
        if self.every_dtype:
            return calls
        widest = {}
        for call in calls:
            kind = call.dtype and call.dtype.kind
            best = widest.get(kind)
            if best is None or call.dtype.itemsize > best.dtype.itemsize:
                widest[kind] = call
        return list(widest.values())

    def hold(self, sample):
        """How many calls of the sample the promise was held against; 0 where the row opts out.

        Raises AssertionError where it is broken; whatever else the primitive raises gets a note.
        """
        if self.name in sample.without:
            return 0
        held = 0
        for call in self.calls(sample):
            try:
                count = self.check(call)
            except Exception as error:
                given = ", ".join(describe(a) for a in call.args)
                error.add_note(
                    f"the promise {self.name!r} of {sample.primitive.name}({given}): {self.says}"
                )
                raise
            held += 1 if count is None else count
        return held
