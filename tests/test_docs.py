"""The code in README and docs runs: each page from top to bottom in one namespace."""

import re
from pathlib import Path

import pytest

from wonderland.shared.primitives import registry

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def same_registry():
    """A page may declare primitives, which the contract tests must not find."""
    declared = dict(registry)
    yield
    registry.clear()
    registry.update(declared)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_runs(page):
    text = page.read_text(encoding="utf-8")
    namespace, declared = {"__name__": page.stem}, set(registry)
    for match in BLOCK.finditer(text):
        lines_before = text[: match.start(1)].count("\n")
        code = compile("\n" * lines_before + match.group(1), str(page), "exec")
        exec(code, namespace)
    for name in set(registry) - declared:  # the page's own: other tests walk the registry
        del registry[name]


def test_there_is_code_to_run():
    assert sum(len(BLOCK.findall(page.read_text(encoding="utf-8"))) for page in PAGES) >= 8
