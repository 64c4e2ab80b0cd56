"""A user's own model: path/to/file.py:Model, compared with its purified self."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np

from .. import oop
from ..oop import nn
from ..shared import tree

EXAMPLE = "def example(): return x, y   # one batch: inputs and targets, NumPy arrays"


class UnusableModelError(ValueError):
    """The file named on the command line does not hold what was named."""


def load(target):
    """(name, () -> model, (x, y), loss) from 'path/to/file.py:Model'.

    The file defines the class (without required arguments; or a ready module) and example(), one
    batch; it may define loss(output, y), else cross entropy serves for integer y and mse otherwise.
    """
    path, _, name = target.rpartition(":")
    if not path or not name:
        raise UnusableModelError(f"compare: {target!r} names no model; write path/to/file.py:Model")
    module = imported(path)
    found = getattr(module, name, None)
    if found is None:
        modules = [n for n, v in vars(module).items() if is_module(v)]
        known = ", ".join(modules) or "none"
        raise UnusableModelError(
            f"compare: {path} does not define {name!r}; its models are: {known}"
        )
    if not is_module(found):
        raise UnusableModelError(
            f"compare: {name!r} in {path} is {type(found).__name__}, not an nn.Module or a class of one"
        )
    if not callable(getattr(module, "example", None)):
        raise UnusableModelError(f"compare: {path} does not define example(); add `{EXAMPLE}`")
    return name, maker(found), batch(module, path), getattr(module, "loss", None)


def imported(path):
    """The file as a module: the user's own code, run because the user named it."""
    file = Path(path)
    if not file.is_file():
        raise UnusableModelError(f"compare: there is no file {path!r} (looked in {Path.cwd()})")
    spec = spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise UnusableModelError(f"compare: {path!r} is no Python file")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UnusableModelError(f"compare: {path} fails on import: {error!r}") from error
    return module


def is_module(value):
    """True for a module, or a class of modules that is not one of the library's own."""
    if isinstance(value, type):
        return issubclass(value, nn.Module) and not value.__module__.startswith("wonderland.")
    return isinstance(value, nn.Module)


def maker(found):
    """A function that gives the model, made under a fixed seed."""

    def make():
        oop.manual_seed(0)
        return found() if isinstance(found, type) else found

    return make


def batch(module, path):
    """(x, y) of example(), as arrays: floats as float32 where they are Python's."""
    try:
        x, y = module.example()
    except (TypeError, ValueError) as error:
        raise UnusableModelError(
            f"compare: example() in {path} must return (x, y): {error}; write `{EXAMPLE}`"
        ) from error
    return tuple(
        tree.map(lambda a: a.numpy() if isinstance(a, oop.Tensor) else np.asarray(a), (x, y))
    )


def default_loss(y, oop_side):
    """Cross entropy for integer targets, mean squared error otherwise."""
    if np.asarray(y).dtype.kind in "iu":
        return nn.functional.cross_entropy
    return nn.functional.mse_loss
