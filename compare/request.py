"""What the command line asks for, checked before anything runs."""

import os
from importlib.util import find_spec
from pathlib import Path

from ..shared.backend import cuda_available
from .twins import TWINS

NEEDED = {"rich": "rich", "matplotlib": "matplotlib"}
FOR_DIGITS = {"sklearn": "scikit-learn"}
QUALITY_STEPS = 200  # a model trained for less owes no quality


class UnusableInputError(ValueError):
    """The command line, or the file that it names, asks for what cannot be done; exit status 2."""


def check(arguments):
    """UnusableInputError, its text one line, where the request cannot be met."""
    if arguments.target and arguments.models:
        raise UnusableInputError(
            f"compare: {arguments.target!r} and --models are given; compare takes one of them"
        )
    for name in chosen(arguments.models):
        if name not in TWINS:
            raise UnusableInputError(
                f"compare: there is no model {name!r}; --models takes: {', '.join(TWINS)}"
            )
    if arguments.steps < 1:
        raise UnusableInputError(f"compare: --steps is {arguments.steps} but must be at least 1")
    if arguments.device not in ("cpu", "cuda"):
        raise UnusableInputError(
            f"compare: --device is {arguments.device!r} but must be cpu or cuda"
        )
    if arguments.device == "cuda" and not cuda_available():
        raise UnusableInputError(
            "compare: --device is cuda but none can be used; `wonderland doctor` says why"
        )
    check_installed(not arguments.target)
    check_folder(arguments.out)


def chosen(models):
    """The names of the models asked for, beside one another or with commas; all of them if none.

    >>> chosen(["mlp,gpt"])
    ['mlp', 'gpt']
    """
    return [name for part in models or TWINS for name in part.split(",") if name] or list(TWINS)


def check_installed(with_digits):
    """UnusableInputError that names the packages to install, all of them at once."""
    needed = NEEDED | FOR_DIGITS if with_digits else NEEDED
    missing = [package for name, package in needed.items() if find_spec(name) is None]
    if missing:
        command = f"python -m pip install {' '.join(missing)}"
        raise UnusableInputError(f"compare: not installed: {', '.join(missing)}; {command}")


def check_folder(out):
    """UnusableInputError unless reports can be written there; nothing is made yet."""
    place = Path(out).absolute()
    found = next(p for p in (place, *place.parents) if p.exists())
    problem = ""
    if not found.is_dir():
        problem = "File exists" if found == place else f"{found} is no folder"
    elif not os.access(found, os.W_OK | os.X_OK):
        problem = "Permission denied"
    if problem:
        raise UnusableInputError(
            f"compare: --out is {out!r}, where no report can be written ({problem}); "
            "name another folder"
        )
