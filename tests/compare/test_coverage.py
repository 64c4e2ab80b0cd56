from pathlib import Path

from wonderland.compare import coverage
from wonderland.compare.cli import main
from wonderland.shared.primitives import mul, registry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "primitives.md"


def table():
    return {cells[1]: (cells, note) for cells, note in coverage.rows()}


def test_every_primitive_has_a_row():
    found = table()
    assert found.keys() == registry.keys()
    assert not [name for name, (cells, _) in found.items() if cells[0] == "(yours)"]


def test_rows_say_what_is_declared():
    found = table()
    assert found["mul"][0] == ("arithmetic", "mul", "x, y", "", "all", "all", "yes")
    assert found["floor"][0][4:6] == ("zero", "zero")
    assert found["gate"][0][4:6] == ("x", "x")
    assert found["concatenate"][0][2:4] == ("*xs", "axis")
    assert found["relu"][1] == "z = max(x, 0); its derivative at 0 is 0"


def test_a_primitive_of_the_users_is_listed(monkeypatch):
    monkeypatch.setitem(registry, "squared_by_me", mul)
    assert table()["squared_by_me"][0][0] == "(yours)"


def test_text(capsys):
    assert main(["primitives"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == list(coverage.HEADINGS)
    assert f"{len(registry)} primitives." in out
    assert max(map(len, out.splitlines())) <= 125


def test_markdown_escapes_what_would_end_a_cell():
    row = ("arithmetic", "power", "x, y", "", "all", "all", "yes")
    page = coverage.as_markdown([(row, "z = |x|**y")])
    assert "| `power` | x, y |  | all | all | yes | z = \\|x\\|\\*\\*y |" in page


def test_the_page_in_docs_is_the_table(capsys):
    assert main(["primitives", "--format", "markdown"]) == 0
    mend = "wonderland primitives --format markdown > docs/primitives.md"
    assert capsys.readouterr().out == PAGE.read_text("utf-8"), f"out of date; {mend}"
