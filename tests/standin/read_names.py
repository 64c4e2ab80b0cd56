"""Reads the facts of the real CuPy, which imports without a driver, into cupy_names.json.

    python -m venv /tmp/cupy && /tmp/cupy/bin/pip install cupy-cuda13x
    /tmp/cupy/bin/python tests/standin/read_names.py            # writes the file anew
    /tmp/cupy/bin/python tests/standin/read_names.py --check    # exit status 1 where it differs

Parameters are one string: `a axis= *args / * out= **kwargs`, where `=` marks a default. A ufunc has
its call, its loops by type character, and those of its methods that are implemented at all. What
has no signature (a class, a module, a constant, an undocumented builtin) is null.
"""

import importlib
import inspect
import json
import re
import sys
from pathlib import Path

FILE = Path(__file__).with_name("cupy_names.json")
MODULES = (
    "cupy",
    "cupy.cuda",
    "cupy.cuda.runtime",
    "cupy.exceptions",
    "cupy.fft",
    "cupy.lib.stride_tricks",
    "cupy.linalg",
    "cupy.random",
    "cupyx",
    "cupyx.scipy.special",
)
CLASSES = (
    "cupy.ElementwiseKernel",
    "cupy.RawKernel",
    "cupy.RawModule",
    "cupy.ReductionKernel",
    "cupy.cuda.Device",
    "cupy.cuda.Event",
    "cupy.cuda.Graph",
    "cupy.cuda.MemoryPool",
    "cupy.cuda.Stream",
    "cupy.ndarray",
)
UFUNC_METHODS = {"at": ([0], 1.0), "reduce": (), "accumulate": (), "reduceat": ([0],)}


class AnyArray:
    """Answers to every method: a ufunc method that is implemented calls one of them."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: self


def words(signature):
    """An inspect.Signature as one string."""
    found, kinds = [], inspect.Parameter
    previous = None
    for name, parameter in signature.parameters.items():
        kind = parameter.kind
        if previous == kinds.POSITIONAL_ONLY != kind:
            found.append("/")
        star = previous in (kinds.VAR_POSITIONAL, kinds.KEYWORD_ONLY)
        if kind == kinds.KEYWORD_ONLY and not star:
            found.append("*")
        prefix = {kinds.VAR_POSITIONAL: "*", kinds.VAR_KEYWORD: "**"}.get(kind, "")
        found.append(f"{prefix}{name}{'=' if parameter.default is not parameter.empty else ''}")
        previous = kind
    return " ".join(found + ["/"] * (previous == kinds.POSITIONAL_ONLY))


def documented(item):
    """The signature that Cython and the ufuncs write in the first line of a docstring, or None.

    `_ndarray_base.take(self, indices, int axis=-1) -> _ndarray_base`, `modf(x[, out1, out2], / ...`
    """
    line = (item.__doc__ or "").partition("\n")[0].replace("\\*", "*")
    match = re.match(r"[\w.]+\((.*)\)( ->.*)?$", re.sub(r"[\[\]]", "", line))
    if not match:
        return None
    text = re.sub(r"\([^()]*\)|'[^']*'|\"[^\"]*\"", "0", match.group(1)).replace("/ ,", "/,")
    found = []
    for parameter in filter(None, (part.strip() for part in text.split(","))):
        name, equals, _ = parameter.partition("=")
        name = name.split()[-1]
        if name != "self":
            found.append(name + ("=" if equals or re.fullmatch(r"out\d", name) else ""))
    return " ".join(found)


def parameters(item):
    """How `item` is called, as one string, or None."""
    if inspect.ismodule(item) or not callable(item):
        return None
    try:
        signature = inspect.signature(item)
    except (TypeError, ValueError):
        return documented(item)
    if inspect.isclass(item) and str(signature) == "(*args, **kwargs)":
        return None
    keep = [p for name, p in signature.parameters.items() if name != "self"]
    return words(signature.replace(parameters=keep))


def ufunc(item):
    """The call, the loops and the implemented methods of a ufunc."""
    inputs = " ".join(f"x{i + 1}" for i in range(item.nin))
    call = documented(item) or f"{inputs} / out= * casting= dtype="
    methods = ["outer"] if item.nin == 2 else []
    for name, args in UFUNC_METHODS.items():
        try:
            getattr(item, name)(AnyArray(), *args)
            methods.append(name)
        except NotImplementedError:
            pass
    return {"call": call, "methods": " ".join(methods), "types": " ".join(item.types)}


def public(owner):
    """The public names of a module or class, sorted, and what they are."""
    return {name: getattr(owner, name) for name in sorted(dir(owner)) if not name.startswith("_")}


def facts():
    """Everything the file says, from the installed CuPy."""
    import cupy

    modules = {
        module: {
            name: ufunc(item) if isinstance(item, cupy.ufunc) else parameters(item)
            for name, item in public(importlib.import_module(module)).items()
        }
        for module in MODULES
    }
    classes = {}
    for path in CLASSES:
        module, _, name = path.rpartition(".")
        members = public(getattr(importlib.import_module(module), name))
        classes[path] = {member: parameters(item) for member, item in members.items()}
    # It takes **kwargs and reads these two.
    modules["cupy"]["einsum"] = "*operands dtype= optimize="
    return {"cupy": cupy.__version__, "classes": classes, "modules": modules}


def main():
    """Writes the file, or with --check compares it."""
    text = json.dumps(facts(), indent=1, sort_keys=True) + "\n"
    if "--check" in sys.argv:
        sys.exit(0 if FILE.read_text("utf-8") == text else f"{FILE} is out of date")
    FILE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
