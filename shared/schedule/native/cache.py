"""The folder of compiled code: files that are right, or noticed to be wrong.

In each file stands the SHA-256 of its content, then the content: a half-written, truncated or
altered one is made again. Files appear by `os.replace`, so that writers of one file need no lock.
Nothing is unpickled; but code is loaded from here, so the folder is the user's own. It holds LIMIT
bytes: beyond that the files go that were not used for longest.
"""

import hashlib
import os
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from ...errors import warn_user

DIGEST = hashlib.sha256().digest_size
LIMIT = 512 << 20  # bytes in the folder
LOOK = 16 << 20  # bytes that a process writes before it looks at the folder again
BINARY = getattr(os, "O_BINARY", 0)  # Windows would write lines
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
        temporary = path.with_name(f"{path.name}.{os.urandom(8).hex()}.writing")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o600)
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
