"""The errors a caller may want to catch, and the user's line that an error leads back to."""

import os
import sys
import warnings

LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The package folders, not their parent: beside them lie tests and examples, which are user code. So
# is `compare`: its models and training loops are written as anybody writes them.
FOLDERS = tuple(
    os.path.join(LIBRARY, name) + os.sep for name in ("shared", "functional", "oop", "purify")
)
_inside: dict[str, bool] = {}


class NotDifferentiableError(TypeError):
    """A derivative was asked for where none is defined."""


class NotConvergedError(RuntimeError):
    """An iterative solver stopped before it reached its tolerance."""


class TracerLeakError(RuntimeError):
    """A traced value was used after the transform that made it had ended."""


def is_library(filename):
    """True for a source file of this package (and for the code it generates)."""
    known = _inside.get(filename)
    if known is None:
        known = filename.startswith(FOLDERS) or filename.startswith("<wonderland")
        _inside[filename] = known
    return known


def user_frame(depth=1):
    """The innermost frame outside this package, seen from `depth` callers up; None at the top."""
    frame = sys._getframe(depth)
    while frame is not None and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def user_line(depth=2):
    """'file.py:12' of the innermost line outside this package; '<unknown>' where there is none."""
    frame = user_frame(depth)
    return "<unknown>" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def warn_user(text, category):
    """A warning at the innermost line outside this package, wherever in it the warning arises."""
    frame = user_frame(2)
    if frame is None:
        warnings.warn(text, category, stacklevel=2)
    else:
        warnings.warn_explicit(
            text, category, frame.f_code.co_filename, frame.f_lineno,
            registry=frame.f_globals.setdefault("__warningregistry__", {}),
        )  # fmt: skip


def describe(x):
    """'float32[2,3]' for anything with a dtype and a shape, else the type's name.

    >>> describe(2.0)
    'float'
    """
    shape, dtype = getattr(x, "shape", None), getattr(x, "dtype", None)
    if shape is None or dtype is None:
        return type(x).__name__
    return f"{dtype}[{','.join(map(str, shape))}]"
