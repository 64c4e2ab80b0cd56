"""Whether operations on Tensors are recorded: a context variable, so that threads do not meet.

The mode is True, False, or `Off`, which is false too and knows where no_grad was entered. Inside of
a functional transform no_grad stops that transform's derivatives as it stops the Tensors' own, so
that a purified model has the gradients of the model itself; around a transform it leaves them be.
"""

from contextvars import ContextVar
from functools import wraps

from ..shared.dispatch import Value, depth
from ..shared.primitives.barrier import stop_gradient


class Off(tuple):
    """Not recording, since a no_grad entered at `depth`. False, as every empty tuple is."""

    depth = 0

    @classmethod
    def here(cls):
        """Not recording, from the present depth on."""
        mode = cls()
        mode.depth = depth.get()
        return mode


recording: ContextVar[bool | Off] = ContextVar("wonderland_grad_enabled", default=True)


def is_grad_enabled():
    """True where operations are recorded for backward().

    >>> is_grad_enabled()
    True
    """
    return bool(recording.get())


def stopped(z, mode):
    """The payload of an unrecorded operation: to transforms around no_grad a constant."""
    if mode.__class__ is not Off:
        return z
    if z.__class__ is tuple:
        return tuple([stopped(x, mode) for x in z])
    return stop_gradient(z) if isinstance(z, Value) and z.level <= mode.depth else z


class set_grad_enabled:
    """Record, or do not, from here on; as a context manager or decorator, until its end."""

    def __init__(self, mode):
        self.mode = bool(mode)
        self.tokens = []
        self._enter()

    def _enter(self):
        self.tokens.append(recording.set(True if self.mode else Off.here()))

    def __enter__(self):
        if not self.tokens:
            self._enter()
        return self

    def __exit__(self, *exception):
        recording.reset(self.tokens.pop())

    def __call__(self, function):
        """`function`, run with this mode."""
        recording.reset(self.tokens.pop())
        return _under(type(self), (self.mode,), function)


class _Mode:
    mode: bool

    def __new__(cls, function=None):
        made = super().__new__(cls)
        made.tokens = []
        return made if function is None else made(function)

    def __enter__(self):
        self.tokens.append(recording.set(True if self.mode else Off.here()))
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


class no_grad(_Mode):
    """Do not record inside: `with no_grad():`, `@no_grad()` or `@no_grad`."""

    mode = False


class inference_mode(no_grad):
    """As no_grad."""


class enable_grad(_Mode):
    """Record inside, also within no_grad."""

    mode = True
