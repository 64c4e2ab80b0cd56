"""Whether operations on Tensors are recorded: a context variable, so that threads do not meet in it."""

from contextvars import ContextVar
from functools import wraps

recording: ContextVar[bool] = ContextVar("wonderland_grad_enabled", default=True)


def is_grad_enabled():
    """True where operations are recorded for backward()."""
    return recording.get()


class set_grad_enabled:  # noqa: N801  torch's name
    """Record, or do not, from here on; as a context manager or decorator, until its end."""

    def __init__(self, mode):
        self.mode = bool(mode)
        self.tokens = [recording.set(self.mode)]

    def __enter__(self):
        if not self.tokens:
            self.tokens.append(recording.set(self.mode))
        return self

    def __exit__(self, *exception):
        recording.reset(self.tokens.pop())

    def __call__(self, function):
        """`function`, run with this mode."""
        recording.reset(self.tokens.pop())
        return _under(type(self), (self.mode,), function)


class _Mode:
    mode: bool

    def __init__(self):
        self.tokens = []

    def __enter__(self):
        self.tokens.append(recording.set(self.mode))
        return self

    def __exit__(self, *exception):
        recording.reset(self.tokens.pop())

    def __call__(self, function):
        return _under(type(self), (), function)


def _under(mode, arguments, function):
    @wraps(function)
    def wrapped(*args, **kwargs):
        with mode(*arguments):
            return function(*args, **kwargs)

    return wrapped


class no_grad(_Mode):  # noqa: N801  torch's name
    """Do not record inside: `with no_grad():` or `@no_grad()`."""

    mode = False


class enable_grad(_Mode):  # noqa: N801  torch's name
    """Record inside, also within no_grad."""

    mode = True
