"""The executors: each takes a graph and gives run(leaves) -> leaves.

`numpy` replays the primitives' kernels and gives the bits of eager code; `native` compiles to
machine code and may differ from it by rounding. A new executor is a line in EXECUTORS.
"""

from functools import cache
from importlib import import_module, util

from ..passes.fast import relaxed
from .checked import Checked
from .replay import Replay

EXECUTORS = ("numpy", "native")


@cache
def native():
    """The native executor, or None where llvmlite is missing or the machine is not known to it.

    It is imported when it is first asked for: nobody who does not compile pays for llvmlite.
    """
    if util.find_spec("llvmlite") is None:
        return None
    module = import_module("..native.execute", __name__)
    return module.executor if module.available() else None


def check_executor(operation, name):
    """ValueError for what names no executor; None is the best that runs."""
    if name is not None and (not isinstance(name, str) or name not in EXECUTORS):
        names = ", ".join(EXECUTORS)
        raise ValueError(f"{operation}: executor is one of {names}, but it is {name!r}")


def options_of(**options):
    """The options of `executor_for` that are set: what a program hands on to those it becomes."""
    return {name: True for name, is_set in options.items() if is_set}


def executor_for(name, check_nan=False, fast=False):
    """The executor of this name; for None the best that runs here.

    check_nan: the one that looks at every result, in place of any other. fast: for a graph after
    the rewrites of `passes/fast.py`.
    Raises ValueError for a name that is none, RuntimeError where `native` cannot run.
    """
    check_executor("jit", name)
    if fast:
        made = executor_for(name, check_nan)
        return lambda graph, donate=(): made(relaxed(graph), donate)
    if check_nan:
        return Checked
    found = None if name == "numpy" else native()
    if found is None and name == "native":
        raise RuntimeError(
            "jit: the native executor needs llvmlite, which is not installed: "
            "pip install llvmlite; executor='numpy' needs nothing"
        )
    return found or Replay
