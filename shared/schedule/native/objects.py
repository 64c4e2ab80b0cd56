"""Compiled objects: the second process that meets a program need not compile it.

Each is a file of the cache, named by the SHA-256 of all that decides its content: its IR, or what
the IR is written from; the host, the compiler and its options.
"""

import hashlib
from functools import cache

import llvmlite

from .cache import folder, read, write
from .linking import load
from .target import compiler, host

FORMAT = "1"
# Changed whenever `engine` would print another object for one IR.
OPTIMISATION = "sroa simplifycfg instcombine pic 2"


@cache
def surroundings():
    """All that decides an object beside its IR, as bytes: host, versions, options, format."""
    return "\n".join((FORMAT, OPTIMISATION, llvmlite.__version__, *host())).encode()


def key(text, quick=False):
    """The name of the file for an IR, or what that is written from, on this host."""
    how = b"quick\n\n" if quick else b"\n\n"
    return hashlib.sha256(surroundings() + how + text.encode()).hexdigest()


def object_for(ir_text, quick=False):
    """The object file for `ir_text`: from the cache, or compiled and put there."""
    return object_named(ir_text, lambda: ir_text, quick)


def object_named(identity, make, quick=False):
    """The object that such a text decides: from the cache, or compiled from the IR `make()` and
    put there."""
    path = folder() / f"{key(identity, quick)}.o"
    image = read(path)
    if image is None:
        image = compiler().compile_object(make(), quick)
        write(path, image)
    return image


def load_cached(ir_text, names, symbols=None, quick=False):
    """`linking.load` for a module of IR that is compiled at most once on this machine."""
    return load(object_for(ir_text, quick), names, symbols)
