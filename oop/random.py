"""Where `oop` draws from: one generator, or what a purified call binds in its place."""

from contextvars import ContextVar

from ..shared.random import Generator, fold_in

# A function of the module that asks (or None) which returns a key; bound by `drawing_from`.
source: ContextVar = ContextVar("wonderland_random_source", default=None)
default_generator = Generator(0)


def manual_seed(seed):
    """Start the generator behind initial weights, dropout and shuffles from a seed; returns it.

    >>> _ = manual_seed(7)
    """
    return default_generator.manual_seed(seed)


def next_key(module=None, generator=None):
    """A fresh key, for `module` if one asks: from the generator given, or else the source bound."""
    if generator is not None:
        return generator.next_key()
    bound = source.get()
    return default_generator.next_key() if bound is None else bound(module)


class drawing_from:
    """Inside, draw fold_in(key, 0), fold_in(key, 1), ...; or what a function of the module returns.

    The module is the one that draws, or None. Thread-local, and restored at the end.
    """

    def __init__(self, key_or_function):
        given = key_or_function
        self.draw, self.count = (given if callable(given) else self._counted), 0
        self.key = given

    def _counted(self, module):
        self.count += 1
        return fold_in(self.key, self.count - 1)

    def __enter__(self):
        self.token = source.set(self.draw)
        return self

    def __exit__(self, *exception):
        source.reset(self.token)
