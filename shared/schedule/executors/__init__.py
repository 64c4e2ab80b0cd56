"""The executors: each takes a graph and gives run(leaves) -> leaves.

`numpy` replays the primitives' kernels and gives the bits of eager code; `native` compiles to
machine code and may differ from it by rounding. A new executor is a line in EXECUTORS.
"""

from functools import cache
from importlib import import_module, util

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


def executor_for(name, check_nan=False):
    """The executor of this name; for None the best that runs here.

    check_nan: the one that looks at every result, in place of any other.
    Raises ValueError for a name that is none, RuntimeError where `native` cannot run.
    """
    if name not in (None, *EXECUTORS):
        raise ValueError(f"jit: executor is one of {', '.join(EXECUTORS)}, but it is {name!r}")
    if check_nan:
        return Checked
    found = None if name == "numpy" else native()
    if found is None and name == "native":
        raise RuntimeError(
            "jit: the native executor needs llvmlite, which is not installed: "
            "pip install 'wonderland[native]'; executor='numpy' needs nothing"
        )
    return found or Replay
