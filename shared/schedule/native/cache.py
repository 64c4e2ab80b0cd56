"""Compiled objects on disk: the second process that meets a program need not compile it.

One file per object, named by the SHA-256 of all that decides its content (its IR, or what the IR is
written from); in it, the SHA-256 of the object, then the object. A file is therefore right or
noticed to be wrong: a half-written, truncated or altered one is compiled again and rewritten. Files
appear by `os.replace`, so that writers of one file need no lock. Nothing is unpickled; but code is
loaded from here, so the folder is the user's own. It holds LIMIT bytes: beyond that the files go
that were not used for longest.
"""

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from ...errors import warn_user
from .engine import OPTIMISATION, compile_object, host, load

FORMAT = "1"
DIGEST = hashlib.sha256().digest_size
LIMIT = 512 << 20  # bytes in the folder
LOOK = 16 << 20  # bytes that a process writes before it looks at the folder again
HOUR = 3600  # seconds: no file takes so long to write
_written: dict = {}  # folder -> bytes since this process looked at it


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


def key(text, quick=False):
    """The name of the file for an IR, or what that is written from, on this host."""
    how = b"quick\n\n" if quick else b"\n\n"
    return hashlib.sha256(surroundings() + how + text.encode()).hexdigest()


def read(path):
    """The object in `path`, or None where there is no such file or its digest does not fit."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, image = content[:DIGEST], content[DIGEST:]
    if hashlib.sha256(image).digest() != digest:
        return None
    with suppress(OSError):  # a folder that can only be read
        os.utime(path)
    return image


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
        make_room(path.parent, DIGEST + len(image))
    except OSError as error:
        warn_unwritable(path.parent, error.strerror)


def make_room(where, size):
    """Note that so many bytes were written; where a folder holds too much, remove a quarter of it.

    Any process may do so at any time: whoever has opened a file reads it to its end, whoever comes
    too late compiles again.
    """
    _written[where] = _written.get(where, LOOK) + size
    if _written[where] < LOOK:
        return
    _written[where] = 0
    files = sorted(files_in(where), reverse=True)
    total = sum(size for _, size, _ in files)
    if total <= LIMIT:
        return
    while len(files) > 1 and total > LIMIT * 3 // 4:
        _, size, path = files.pop()
        with suppress(OSError):  # another process was faster, or still reads it
            os.unlink(path)
            total -= size


def files_in(where):
    """(when it was used last, size, path) of each object, and of what was never finished."""
    forgotten = time.time() - HOUR
    with os.scandir(where) as entries:
        for entry in entries:
            with suppress(OSError):  # it is gone since
                status = entry.stat()
                if entry.name.endswith(".o") or status.st_mtime < forgotten:
                    yield status.st_mtime_ns, status.st_size, entry.path


@cache
def warn_unwritable(where, reason):
    """Say, once per process and folder, that nothing is kept."""
    warn_user(
        f"native: compiled code cannot be kept in {where} ({reason}), so each process compiles it "
        "anew; let WONDERLAND_CACHE name a folder that can be written",
        RuntimeWarning,
    )


def object_for(ir_text, quick=False):
    """The object file for `ir_text`: from the cache, or compiled and put there."""
    return object_named(ir_text, lambda: ir_text, quick)


def object_named(identity, make, quick=False):
    """The object that such a text decides: from the cache, or compiled from the IR `make()` and
    put there."""
    path = folder() / f"{key(identity, quick)}.o"
    image = read(path)
    if image is None:
        image = compile_object(make(), quick)
        write(path, image)
    return image


def load_cached(ir_text, names, symbols=None, quick=False):
    """`engine.load` for a module of IR that is compiled at most once on this machine."""
    return load(object_for(ir_text, quick), names, symbols)
