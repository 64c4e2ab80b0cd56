"""Compiled objects on disk: the second process that meets a program need not compile it.

One file per object, named by the SHA-256 of all that decides its content; in it, the SHA-256 of the
object, then the object. A file is therefore right or noticed to be wrong: a half-written, truncated
or altered one is compiled again and rewritten. Files appear by `os.replace`, so that writers of one
file need no lock. Nothing is unpickled; but code is loaded from here, so the folder is the user's
own.
"""

import hashlib
import os
import tempfile
import warnings
from functools import cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from .engine import OPTIMISATION, compile_object, host, load

FORMAT = "1"
DIGEST = hashlib.sha256().digest_size


def folder():
    """$WONDERLAND_CACHE, else wonderland in $XDG_CACHE_HOME, else in ~/.cache."""
    named = os.environ.get("WONDERLAND_CACHE")
    if named:
        return Path(named, "native")
    return Path(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "wonderland/native"
    )


@cache
def surroundings():
    """All that decides an object beside its IR, as bytes: host, versions, options, format."""
    versions = (llvmlite.__version__, ".".join(map(str, llvm.llvm_version_info)))
    return "\n".join((FORMAT, OPTIMISATION, *versions, *host())).encode()


def key(ir_text):
    """The name of the file for `ir_text` on this host."""
    return hashlib.sha256(surroundings() + b"\n\n" + ir_text.encode()).hexdigest()


def read(path):
    """The object in `path`, or None where there is no such file or its digest does not fit."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, image = content[:DIGEST], content[DIGEST:]
    return image if hashlib.sha256(image).digest() == digest else None


def write(path, image):
    """Put the object into `path` at once, for all readers; an unwritable folder warns once."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".writing")
        try:
            with open(handle, "wb") as file:
                file.write(hashlib.sha256(image).digest() + image)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        warn_unwritable(path.parent, error.strerror)


@cache
def warn_unwritable(where, reason):
    """Say, once per process and folder, that nothing is kept."""
    warnings.warn(
        f"native: compiled code cannot be kept in {where} ({reason}), so each process compiles it "
        "anew; let WONDERLAND_CACHE name a folder that can be written",
        RuntimeWarning,
        stacklevel=4,
    )


def object_for(ir_text):
    """The object file for `ir_text`: from the cache, or compiled and put there."""
    path = folder() / f"{key(ir_text)}.o"
    image = read(path)
    if image is None:
        image = compile_object(ir_text)
        write(path, image)
    return image


def load_cached(ir_text, names, symbols=None):
    """`engine.load` for a module of IR that is compiled at most once on this machine."""
    return load(object_for(ir_text), names, symbols)
