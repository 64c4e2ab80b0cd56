"""What a capture depends on besides its arguments: live objects that were read while it was
made."""

from contextvars import ContextVar

conditions: ContextVar[list | None] = ContextVar("wonderland_conditions", default=None)


def holds_while(check):
    """The captures in progress hold only as long as check() is true."""
    found = conditions.get()
    if found is not None:
        found.append(check)


class collecting:
    """Inside, the conditions of a capture are collected; what is around it depends on them too.

    >>> with collecting() as found:
    ...     holds_while(lambda: True)
    >>> len(found)
    1
    """

    def __enter__(self):
        self.found = []
        self.token = conditions.set(self.found)
        return self.found

    def __exit__(self, *exception):
        conditions.reset(self.token)
        for check in self.found:
            holds_while(check)
