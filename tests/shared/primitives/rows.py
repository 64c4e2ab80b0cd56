"""All rows of samples: the ROWS of every test_<family>.py in this folder."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

import wonderland.shared.primitives as primitives

FOLDER = Path(__file__).parent


def families():
    """The test modules that hold rows, by name."""
    names = sorted(path.stem for path in FOLDER.glob("test_*.py"))
    modules = [importlib.import_module(f"tests.shared.primitives.{name}") for name in names]
    return {module.__name__: module for module in modules if hasattr(module, "ROWS")}


@cache
def table():
    """Every Sample, with its label made unique by a number where two rows share one."""
    rows, seen = [], {}
    for family in families().values():
        for row in family.ROWS:
            seen[row.label] = seen.get(row.label, 0) + 1
            if seen[row.label] > 1:
                row.label = f"{row.label}-{seen[row.label]}"
            rows.append(row)
    return rows


def declare_everything():
    """Import every module of the package, so that the registry is whole."""
    for module in pkgutil.iter_modules(primitives.__path__):
        importlib.import_module(f"{primitives.__name__}.{module.name}")
