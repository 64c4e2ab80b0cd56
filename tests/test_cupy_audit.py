"""Every CuPy name the five packages use is in the real wheel, with parameters that fit the call.

Held over the syntax trees, against tests/standin/cupy_names.json, which read_names.py read from the
wheel: no GPU, no CuPy. Two kinds of use are collected:

* whatever hangs on the cupy module: `cupy()`, `array_module(x)`, parameters named xp or cp;
* `np.` in the files whose NumPy calls meet device arrays, since CuPy's dispatch turns each into the
  function of its own of that name; and the array methods called there on x, y, z, dx, gz ...
"""

import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tests.standin.names import CLASSES, MODULES, VERSION, signature

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("shared", "functional", "oop", "purify", "compare")

# Where np.* is called on arrays of any device.
KERNELS = (
    "shared/primitives/",
    "shared/batching.py",
    "shared/cotangents.py",
    "shared/forward.py",
    "shared/tape.py",
)

# Files whose kernels are NumPy's alone, each with the reason; CuPy has kernels of its own there.
NUMPY_ONLY: dict[str, str] = {}

# NumPy's own affairs, which never meet a device array.
HOST_ONLY = {
    "errstate": "a setting of NumPy's warnings; CuPy has none",
    "ufunc": "a class to ask NumPy's functions about",
}

# They make a NumPy array of anything, unless `like=` hands the call on.
CONVERTERS = {"array", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "require"}

# NumPy passes its own `device` on with `like=`, which these of CuPy's do not take.
LIKE_FAILS = {"eye", "full", "ones"}

UFUNC_METHODS = {
    "accumulate": "array axis= dtype= out=",
    "at": "a indices b=",
    "outer": "A B **kwargs",
    "reduce": "array axis= dtype= out= keepdims=",
    "reduceat": "array indices axis= dtype= out=",
}
SOURCES = {"cupy", "array_module"}  # calls that return the module
MODULE_NAMES = {"xp", "cp", "cupy"}  # parameters that are the module
ARRAY_NAME = re.compile(r"[dg]?[a-z]")


class Use(NamedTuple):
    """One use: `np.linalg.solve` is ("np", "linalg", "solve"), x.sum is ("array", "sum")."""

    path: str
    line: int
    names: tuple
    call: ast.Call | None


class Reader(ast.NodeVisitor):
    """Collects the uses of one file; a name bound to the module counts where it is bound."""

    def __init__(self, path):
        self.path, self.uses = path, []
        self.kernels = path.startswith(KERNELS) and path not in NUMPY_ONLY
        self.modules, self.arrays, self.call = set(), set(), None

    def visit_FunctionDef(self, node):
        arguments = [a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)]
        outer = self.modules, self.arrays
        self.modules = self.modules | (MODULE_NAMES & set(arguments))
        self.arrays = self.arrays | {name for name in arguments if ARRAY_NAME.fullmatch(name)}
        self.generic_visit(node)
        self.modules, self.arrays = outer

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name.split(".")[0] in ("cupy", "cupyx"):
                self.modules = self.modules | {alias.asname or alias.name.split(".")[0]}

    def visit_Assign(self, node):
        if self._is_module(node.value):
            self.modules = self.modules | {t.id for t in node.targets if isinstance(t, ast.Name)}
        self.generic_visit(node)

    def visit_Call(self, node):
        outer, self.call = self.call, node
        self.visit(node.func)
        self.call = outer
        for argument in [*node.args, *node.keywords]:
            self.visit(argument)

    def visit_Attribute(self, node):
        names, root = [], node
        while isinstance(root, ast.Attribute):
            names.append(root.attr)
            root = root.value
        call = self.call if self.call is not None and self.call.func is node else None
        owner = self._owner(root)
        if owner and (owner != "array" or call):
            self.uses.append(Use(self.path, node.lineno, (owner, *reversed(names)), call))
        self.call = None
        self.visit(root)

    def _owner(self, root):
        if self._is_module(root):
            return "cupyx" if getattr(root, "id", "") == "cupyx" else "cupy"
        name = root.id if isinstance(root, ast.Name) else ""
        if self.kernels and name == "np":
            return "np"
        return "array" if self.kernels and name in self.arrays else None

    def _is_module(self, node):
        if isinstance(node, ast.Name):
            return node.id in self.modules
        if not isinstance(node, ast.Call):
            return False
        called = ast.unparse(node.func).split(".")[-1]
        names = [a.value for a in node.args if isinstance(a, ast.Constant)]
        return called in SOURCES or (called == "import_module" and names[:1] == ["cupy"])


def uses_of(path, text):
    reader = Reader(path)
    reader.visit(ast.parse(text, path))
    return reader.uses


def misfit(words, call, arguments=0):
    """Why `call` does not fit the parameters `words`, or None; `arguments` are there already."""
    if call is None or words is None:
        return None
    keywords = {k.arg: None for k in call.keywords if k.arg}
    places = [None] * (arguments + sum(not isinstance(a, ast.Starred) for a in call.args))
    unknown = len(keywords) < len(call.keywords) or any(
        isinstance(a, ast.Starred) for a in call.args
    )
    bind = signature(words).bind_partial if unknown else signature(words).bind
    try:
        bind(*places, **keywords)
    except TypeError as error:
        return str(error)


def problem(use):
    """What is wrong with a use, or None."""
    owner, *names = use.names
    found = PROBLEMS[owner](names, use.call)
    return found and f"{use.path}:{use.line}: {'.'.join(use.names)}: {found} (CuPy {VERSION})"


def of_cupy(names, call, library="cupy"):
    """Follows the names into the modules of CuPy, and into a ufunc's methods or a class's."""
    names = list(names)
    while names and f"{library}.{names[0]}" in MODULES:
        library = f"{library}.{names.pop(0)}"
    if not names:
        return None
    name, *rest = names
    if library not in MODULES or (name not in MODULES[library] and not name.startswith("__")):
        return f"{library} has no {name}"
    facts, path = MODULES[library].get(name), f"{library}.{name}"
    if isinstance(facts, dict):
        if not rest:
            return misfit(facts["call"], call)
        if rest[0] in UFUNC_METHODS and rest[0] not in facts["methods"].split():
            return f"{path}.{rest[0]} is not implemented"
        return misfit(UFUNC_METHODS.get(rest[0]), call)
    if rest and path in CLASSES:
        return None if rest[0] in CLASSES[path] else f"{path} has no {rest[0]}"
    return None if rest else misfit(facts, call)


def of_numpy(names, call):
    """The same, for a call that begins at NumPy and is handed on to CuPy."""
    if names[0] in HOST_ONLY:
        return None
    if not hasattr(np, names[0]):
        return f"numpy has no {names[0]}"
    if call is None:
        return of_cupy(names, call)
    like = [k for k in call.keywords if k.arg == "like"]
    if names[0] in CONVERTERS and not like:
        return "it makes a NumPy array of anything and refuses CuPy's; use like="
    if names[0] in LIKE_FAILS and like:
        return "cupy's takes no device, which numpy passes on with like=; use empty or zeros"
    keywords = [k for k in call.keywords if k.arg != "like"]
    return of_cupy(names, ast.Call(call.func, call.args, keywords))


def of_array(names, call):
    """A method or attribute of arrays; a name of anything else's is none of our business."""
    name, methods = names[0], CLASSES["cupy.ndarray"]
    if not hasattr(np.ndarray, name) or len(names) > 1:
        return None
    return misfit(methods[name], call) if name in methods else f"cupy.ndarray has no {name}"


PROBLEMS = {
    "array": of_array,
    "cupy": of_cupy,
    "cupyx": lambda names, call: of_cupy(names, call, "cupyx"),
    "np": of_numpy,
}


@pytest.fixture(scope="module")
def uses():
    paths = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    return [
        use
        for path in paths
        for use in uses_of(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]


def test_every_name_is_in_the_wheel_and_fits(uses, capsys):
    problems = sorted(filter(None, map(problem, uses)))
    with capsys.disabled():
        names = {use.names for use in uses}
        calls = sum(use.call is not None for use in uses)
        counted = f"{len(names)} names in {len(uses)} places, {calls} of them calls"
        # stderr: a worker of pytest-xdist has no stdout of its own
        print(f"\nchecked against CuPy {VERSION}: {counted}", file=sys.stderr)
    assert not problems, "\n" + "\n".join(problems)


def test_the_audit_sees_the_tree(uses):
    """An audit that collects nothing would always pass."""
    seen = {use.names for use in uses}
    assert ("cupy", "cuda", "runtime", "getDeviceCount") in seen
    assert ("np", "multiply") in seen
    assert len(seen) > 20


def test_numpy_only_files_exist_and_say_why():
    for path, reason in NUMPY_ONLY.items():
        assert (ROOT / path).exists() and len(reason) > 10, path


KERNEL, OTHER = "shared/primitives/planted.py", "oop/planted.py"
FAULTS = [
    # the module itself
    (OTHER, "def f(xp): return xp.spacing(1)", "cupy has no spacing"),
    (OTHER, "xp = array_module(x)\nxp.sum(x, where=m)", "unexpected keyword argument 'where'"),
    (OTHER, "backend.cupy().cuda.Device(0).nap()", None),
    (OTHER, "backend.cupy().cuda.Divice(0)", "cupy.cuda has no Divice"),
    (OTHER, "m = importlib.import_module('cupy')\nm.cuda.runtime.fly()", "runtime has no fly"),
    (OTHER, "def f():\n    import cupyx\n    cupyx.rsquare(1)", "cupyx has no rsquare"),
    (OTHER, "def f(cp): return cp.ndarray.setflags", "cupy.ndarray has no setflags"),
    # NumPy calls in kernels, handed on by CuPy's dispatch
    (KERNEL, "f = lambda x: np.spacing(x)", "cupy has no spacing"),
    (KERNEL, "spacing = elementwise('spacing', np.spacing)", "cupy has no spacing"),
    (KERNEL, "np.sum(x, axis=0, initial=1)", "unexpected keyword argument 'initial'"),
    (KERNEL, "np.add(x, y, where=m)", "unexpected keyword argument 'where'"),
    (KERNEL, "np.clip(x, min=0)", "missing a required argument: 'a_min'"),
    (KERNEL, "np.einsum('i->', x, out=z)", "unexpected keyword argument 'out'"),
    (KERNEL, "np.multiply.at(x, i, v)", "cupy.multiply.at is not implemented"),
    (KERNEL, "np.maximum.reduce(x)", "cupy.maximum.reduce is not implemented"),
    (KERNEL, "np.add.reduce(x, initial=0)", "unexpected keyword argument 'initial'"),
    (KERNEL, "np.linalg.vecdot(x, y)", "cupy.linalg has no vecdot"),
    (KERNEL, "np.ones(3, like=x)", "takes no device"),
    (KERNEL, "np.asarray(x)", "makes a NumPy array of anything"),
    (KERNEL, "np.take(x, i, mode='clip')", "unexpected keyword argument 'mode'"),
    (KERNEL, "np.take(x, *rest, mode='clip')", "unexpected keyword argument 'mode'"),
    (KERNEL, "np.rpm(x)", "numpy has no rpm"),
    # array methods in kernels
    (KERNEL, "f = lambda x: x.setflags(write=False)", "cupy.ndarray has no setflags"),
    (KERNEL, "def f(gz):\n    return gz.sum(where=m)", "unexpected keyword argument 'where'"),
]


@pytest.mark.parametrize(("path", "text", "message"), FAULTS)
def test_a_planted_fault_is_caught(path, text, message):
    found = list(filter(None, map(problem, uses_of(path, text))))
    if message is None:  # what a call returns is beyond a syntax tree
        assert found == []
    else:
        assert len(found) == 1 and message in found[0] and f"{path}:" in found[0], found


SOUND = [
    (KERNEL, "np.add.at(z, i, v); np.add.reduce(x, axis=(0,), keepdims=True, dtype=x.dtype)"),
    (KERNEL, "np.sum(x, axis=axis, keepdims=True); np.matmul(x, y, out=z); np.einsum(s, *xs)"),
    (KERNEL, "np.zeros(3, like=x); np.arange(3, like=x); np.asarray(v, like=x); np.float32"),
    (KERNEL, "with np.errstate(all='ignore'): np.exp(x, out=z)"),
    (KERNEL, "f = lambda x: x.astype(np.float32, copy=False).tolist()"),
    (KERNEL, "np.linalg.solve(x, y); np.lib.stride_tricks.sliding_window_view(x, 3)"),
    (OTHER, "np.spacing(1.0); np.asarray(x)"),
    (OTHER, "def f(xp):\n    with xp.cuda.Device(0): return xp.asarray(h)"),
    (OTHER, "def f():\n    module = read()\n    module.anything()"),
]


@pytest.mark.parametrize(("path", "text"), SOUND)
def test_sound_code_passes(path, text):
    assert not list(filter(None, map(problem, uses_of(path, text))))
