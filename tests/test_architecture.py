"""The tree is the architecture: imports, cycles, budgets, names and the mirror of the tests.

Held over the syntax trees; nothing of the library is imported. Each check takes `sources`, a dict
of path -> text, and returns its findings, so that a planted fault can be seen caught.
"""

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Law of the floors: shared <- {functional, oop} <- purify <- compare.
MAY_IMPORT = {
    "shared": {"shared"},
    "functional": {"shared", "functional"},
    "oop": {"shared", "oop"},
    "purify": {"shared", "functional", "oop", "purify"},
    "compare": {"shared", "functional", "oop", "purify", "compare"},
}

# The only packages that a function may import, since the library must import without them.
OPTIONAL = {
    "cupy": "needs a GPU; absent on most machines",
    "rich": "the terminal face of compare; an extra",
    "matplotlib": "the charts of compare's report; an extra, and slow to import",
    "sklearn": "the digits that compare trains on; an extra, and slow to import",
    "threadpoolctl": "one BLAS thread while compare measures; scikit-learn brings it",
}

# Folders that nothing else imports before the package they need is found: it may stand at the top.
NEEDS = {"shared/schedule/native/": "llvmlite"}

# The packages that need an optional one: imported, where they are asked for, by `import_module`.
BUILT_ON = {"shared/schedule/native/": "llvmlite"}

NOT_IDEAS = {"utils", "helpers", "misc", "common", "base"}
TORCH_NAMES = ("oop/utils/", "oop/nn/utils")  # public names of torch, kept as people know them

FILE_LINES, FUNCTION_LINES, SHORT_FUNCTION_LINES = 400, 60, 20


class Import(NamedTuple):
    """One imported name, absolute: `from ..shared import tree` is `wonderland.shared.tree`."""

    target: str
    line: int
    in_function: bool
    for_typing: bool


class ImportReader(ast.NodeVisitor):
    """Collects every import of a module, resolved, and where it stands."""

    def __init__(self, path):
        parts = PurePosixPath("wonderland", path).with_suffix("").parts
        self.package = parts[:-1]
        self.imports = []
        self.in_function = self.for_typing = False

    def visit_Import(self, node):
        self._add(node, *(alias.name for alias in node.names))

    def visit_ImportFrom(self, node):
        origin = self.package[: len(self.package) - node.level + 1] if node.level else ()
        origin = ".".join((*origin, *([node.module] if node.module else [])))
        self._add(node, *(f"{origin}.{alias.name}".removesuffix(".*") for alias in node.names))

    def visit_FunctionDef(self, node):
        outer, self.in_function = self.in_function, True
        self.generic_visit(node)
        self.in_function = outer

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_If(self, node):
        outer = self.for_typing
        self.for_typing = outer or "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body:
            self.visit(statement)
        self.for_typing = outer
        for statement in node.orelse:
            self.visit(statement)

    def _add(self, node, *targets):
        for target in targets:
            self.imports.append(Import(target, node.lineno, self.in_function, self.for_typing))


def imports_of(path, text):
    reader = ImportReader(path)
    reader.visit(ast.parse(text, path))
    return reader.imports


def library(sources):
    """The part of `sources` that is in one of the five packages."""
    return {path: text for path, text in sources.items() if path.split("/")[0] in MAY_IMPORT}


def floor_violations(sources):
    """Imports that point up or across."""
    found = []
    for path, text in library(sources).items():
        floor = path.split("/")[0]
        for imported in imports_of(path, text):
            package, _, rest = imported.target.partition(".")
            other = rest.split(".")[0]
            if package == "wonderland" and other not in MAY_IMPORT[floor]:
                found.append(f"{path}:{imported.line}: {floor} may not import {other or package}")
    return found


def misplaced_imports(sources):
    """Imports inside functions, but for OPTIONAL; optional packages elsewhere, but for NEEDS."""
    always_there = {"wonderland", "numpy", *sys.stdlib_module_names}
    found = []
    for path, text in library(sources).items():
        there = always_there | {NEEDS[folder] for folder in NEEDS if path.startswith(folder)}
        for imported in imports_of(path, text):
            package = imported.target.split(".")[0]
            where = f"{path}:{imported.line}: {imported.target}"
            if imported.in_function and package not in OPTIONAL:
                found.append(f"{where} is imported inside a function")
            if not (imported.in_function or imported.for_typing or package in there):
                found.append(f"{where} is imported by the module, but may not be installed")
            found += [
                f"{where} needs {it}, which may not be installed"
                for folder, it in BUILT_ON.items()
                if f"{imported.target}.".startswith("wonderland." + folder.replace("/", "."))
                and not path.startswith(folder)
            ]
    return found


def module_name(path):
    return ".".join(PurePosixPath("wonderland", path).with_suffix("").parts).removesuffix(
        ".__init__"
    )


def import_cycles(sources):
    """The first cycle of imports between modules, where there is one.

    A package that a dotted path merely passes through does not count: Python has begun it already.
    """
    modules = {module_name(path) for path in library(sources)}
    graph = {module: set() for module in modules}
    for path, text in library(sources).items():
        for imported in imports_of(path, text):
            # A name is a module of its own, or else something that its package defines.
            candidates = (imported.target, imported.target.rpartition(".")[0])
            module = next((name for name in candidates if name in modules), None)
            if module and not (imported.in_function or imported.for_typing):
                graph[module_name(path)].add(module)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" -> ".join(reversed(error.args[1]))]
    return []


def function_lengths(path, text):
    """(place, lines) of every function, its docstring and inner functions included."""
    for node in ast.walk(ast.parse(text, path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path}:{node.lineno}: {node.name}", node.end_lineno - node.lineno + 1


def budget_violations(sources):
    """Files and functions that are too long, and too many functions that are not short."""
    found, lengths = [], []
    for path, text in sources.items():
        if (lines := len(text.splitlines())) > FILE_LINES:
            found.append(f"{path}: {lines} lines, {FILE_LINES} at most")
        lengths += function_lengths(path, text)
    for place, lines in lengths:
        if lines > FUNCTION_LINES:
            found.append(f"{place} has {lines} lines, {FUNCTION_LINES} at most")
    long = [place for place, lines in lengths if lines > SHORT_FUNCTION_LINES]
    if 10 * len(long) > len(lengths):
        found.append(
            f"{len(long)} of {len(lengths)} functions exceed {SHORT_FUNCTION_LINES} lines, "
            f"one in ten may: {long}"
        )
    return found


def names_without_idea(sources):
    """Files and folders whose name says nothing."""
    found = []
    for path in sources:
        names = {part.removesuffix(".py").strip("_") for part in path.split("/")}
        if names & NOT_IDEAS and not path.removeprefix("tests/").startswith(TORCH_NAMES):
            found.append(f"{path}: the name is not an idea")
    return found


def unmirrored_tests(sources):
    """Test files of a floor that test no file of it.

    tests/oop/nn/test_linear.py tests oop/nn/linear.py or the package oop/nn/linear; a module's
    tests may also be split by topic in a folder of its name: tests/oop/tensor/test_views.py.
    Promises of the whole library live right in tests/.
    """
    found = []
    for path in map(PurePosixPath, sources):
        if path.parts[0] != "tests" or path.parts[1] not in MAY_IMPORT:
            continue
        folder = path.parent.relative_to("tests")
        subject = str(folder / path.stem.removeprefix("test_"))
        candidates = {f"{subject}.py", f"{subject}/__init__.py", f"{folder}.py"}
        if path.name.startswith("test_") and not candidates & set(sources):
            found.append(f"{path}: tests none of {sorted(candidates)}")
    return found


CHECKS = [
    floor_violations,
    misplaced_imports,
    import_cycles,
    budget_violations,
    names_without_idea,
    unmirrored_tests,
]


@pytest.fixture(scope="module")
def tree():
    """Every Python file of the repository's own folders."""
    folders = (*MAY_IMPORT, "tests", "benchmarks", "examples", ".ci")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


def test_the_tree_is_read(tree):
    assert {f"{floor}/__init__.py" for floor in MAY_IMPORT} <= set(tree)
    assert "tests/test_architecture.py" in tree


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_holds(tree, check):
    findings = check(tree)
    assert not findings, "\n" + "\n".join(findings)


def lines(count):
    return "x = 1\n" * count


def function(name, length):
    return f"def {name}():\n" + "    x = 1\n" * (length - 1)


FAULTS = [
    # the law of the floors
    (floor_violations, {"shared/tape.py": "from ..oop import Tensor"}),
    (floor_violations, {"shared/ops/__init__.py": "from ... import functional"}),
    (floor_violations, {"oop/nn/linear.py": "from ...functional.nn import linear"}),
    (floor_violations, {"functional/grad.py": "import wonderland.oop.tensor"}),
    (floor_violations, {"functional/grad.py": "from wonderland import oop"}),
    (floor_violations, {"functional/grad.py": "import wonderland"}),
    (floor_violations, {"oop/tensor.py": "def f():\n    from ..purify import purify"}),
    (floor_violations, {"purify/plan.py": "if TYPE_CHECKING:\n    from ..compare import cli"}),
    # imports inside functions
    (misplaced_imports, {"oop/tensor.py": "def f():\n    from ..shared import tree"}),
    (misplaced_imports, {"oop/tensor.py": "class A:\n  async def f(self):\n    import json"}),
    (misplaced_imports, {"shared/backend.py": "import cupy"}),
    (misplaced_imports, {"compare/report.py": "try:\n    import rich\nexcept ImportError: ..."}),
    (misplaced_imports, {"oop/tensor.py": "from shared import tree"}),
    (misplaced_imports, {"shared/schedule/graph.py": "import llvmlite.ir"}),
    (misplaced_imports, {"shared/schedule/graph.py": "from .native import lane"}),
    (misplaced_imports, {"shared/schedule/program.py": "import llvmlite.ir as ir"}),
    (misplaced_imports, {"shared/schedule/native/lane.py": "import cupy"}),
    # cycles
    (import_cycles, {"oop/a.py": "from .b import x", "oop/b.py": "from . import a"}),
    (import_cycles, {"oop/a.py": "from .a import x"}),
    (import_cycles, {"oop/__init__.py": "from .a import *", "oop/a.py": "from . import grad"}),
    (
        import_cycles,
        {
            "oop/a.py": "import wonderland.oop.b",
            "oop/b.py": "from .c.d import x",
            "oop/c/d.py": "try:\n    from ..a import x\nfinally: ...",
        },
    ),
    # budgets
    (budget_violations, {"oop/tensor.py": lines(401)}),
    (budget_violations, {"oop/tensor.py": function("f", 61) + "def g(): ...\n" * 9}),
    (budget_violations, {"oop/tensor.py": function("f", 21) + "def g(): ...\n" * 8}),
    # names
    (names_without_idea, {"shared/utils.py": ""}),
    (names_without_idea, {"shared/nn/_helpers.py": ""}),
    (names_without_idea, {"compare/common/table.py": ""}),
    (names_without_idea, {"tests/shared/base.py": ""}),
    # the mirror
    (unmirrored_tests, {"oop/nn/linear.py": "", "tests/oop/test_linear.py": ""}),
    (unmirrored_tests, {"oop/nn/linear.py": "", "tests/functional/nn/test_linear.py": ""}),
]


@pytest.mark.parametrize(("check", "sources"), FAULTS)
def test_a_planted_fault_is_caught(check, sources):
    assert len(check(sources)) == 1


SOUND = [
    (floor_violations, {"compare/cli.py": "from .. import oop, functional, purify, shared"}),
    (misplaced_imports, {"shared/backend.py": "def device():\n    import cupy"}),
    (misplaced_imports, {"shared/tape.py": "import numpy as np, heapq\nfrom . import tree"}),
    (misplaced_imports, {"shared/schedule/native/lane.py": "import llvmlite.ir as ir"}),
    (misplaced_imports, {"shared/schedule/native/lane.py": "import llvmlite.ir as ir"}),
    (import_cycles, {"oop/__init__.py": "from .a import x", "oop/a.py": "from .b import x"}),
    (
        import_cycles,
        {"oop/a.py": "if TYPE_CHECKING:\n    from .b import B", "oop/b.py": "from .a import A"},
    ),
    (budget_violations, {"oop/tensor.py": function("f", 21) + "def g(): ...\n" * 9}),
    (names_without_idea, {"oop/utils/data/loader.py": "", "tests/oop/nn/utils/test_clip.py": ""}),
    (unmirrored_tests, {"oop/tensor.py": "", "tests/oop/tensor/test_views.py": ""}),
    (
        unmirrored_tests,
        {"oop/nn/__init__.py": "", "tests/oop/test_nn.py": "", "tests/test_x.py": ""},
    ),
    (unmirrored_tests, {"tests/shared/samples.py": "", "tests/peers/test_torch.py": ""}),
]


@pytest.mark.parametrize(("check", "sources"), SOUND)
def test_sound_code_passes(check, sources):
    assert check(sources) == []
