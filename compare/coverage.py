"""`wonderland primitives`: the table of primitives, read off the registry and the source."""

import ast
import inspect
import pkgutil
from importlib import import_module
from typing import NamedTuple

from ..shared import primitives as package
from ..shared.primitives import registry

FORMATS = ("text", "markdown")
HEADINGS = ("family", "primitive", "operands", "statics", "JVP", "VJP", "vmap")


class Declaration(NamedTuple):
    """Where a primitive is declared, and what the comment above it says."""

    family: str
    note: str


def declarations():
    """{primitive name: Declaration} of all modules of shared/primitives, which are imported."""
    found = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{info.name}")
        source = inspect.getsource(module)
        lines = source.splitlines()
        for statement in ast.parse(source).body:
            for target in getattr(statement, "targets", ()):
                value = getattr(module, getattr(target, "id", ""), None)
                if isinstance(value, package.Primitive) and registry.get(value.name) is value:
                    note = comment_above(lines, statement.lineno - 1)
                    found[value.name] = Declaration(info.name, note)
    return found


def comment_above(lines, number):
    """The comment that ends right before a line (counted from 0), as one line."""
    start = number
    while start and lines[start - 1].startswith("# "):
        start -= 1
    return " ".join(line[2:].strip() for line in lines[start:number])


def operands_of(primitive):
    """'x, y', or '*xs' for any number."""
    names = ", ".join(primitive.operands)
    return f"*{names}" if primitive.variadic else names


def forward_mode(p):
    """The operands with a JVP: 'all', 'x', or 'zero' where the derivative is zero everywhere."""
    if p.forward_kind in ("linear", "bilinear"):
        return reverse_mode(p)  # derived from the transposes
    if p.forward_joint is not None:
        return "all"
    return chosen(p, p.forward_rules)


def reverse_mode(p):
    """The operands with a VJP, as for the JVP."""
    return "all" if p.reverse_joint is not None else chosen(p, p.reverse_rules)


def chosen(p, rules):
    """'all', 'zero', or the names of the operands that have a rule."""
    if len(rules) == len(p.operands):
        return "all"
    return ", ".join(p.operands[i] for i in sorted(rules)) or "zero"


def rows():
    """(one row of cells per primitive, by family; its note) pairs."""
    declared = declarations()
    table = []
    for name, p in registry.items():
        family, note = declared.get(name, Declaration("(yours)", ""))
        cells = (
            family, name, operands_of(p), ", ".join(p.statics),
            forward_mode(p), reverse_mode(p), "yes" if p.batch_rule else "no",
        )  # fmt: skip
        table.append((cells, note))
    return sorted(table)


def as_text(table):
    """Columns of plain text, to be searched and redirected."""
    cells = [HEADINGS, *(row for row, _ in table)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([*lines, "", f"{len(table)} primitives. {LEGEND}"])


LEGEND = (
    "JVP and VJP: the operands that have a derivative; zero: constant between its jumps, or not "
    "differentiable."
)
PREFACE = """\
# Primitives

Every function of Wonderland is composed of these. Each has a kernel for NumPy and CuPy arrays, a
shape rule, derivatives in both modes and a batch rule, and keeps the promises of the coverage
contract (`tests/shared/primitives/test_contract.py`).

This page is generated: `wonderland primitives --format markdown > docs/primitives.md`.

{legend} In the notes z is the result.\
"""


def as_markdown(table):
    """docs/primitives.md: a section per family, with the notes from the source."""
    lines, family = [PREFACE.format(legend=LEGEND)], None
    for (name, *cells), note in table:
        if name != family:
            lines += ["", f"## {name.replace('_', ' ').capitalize()}", ""]
            lines += [in_row([*HEADINGS[1:], "note"]), in_row(["---"] * len(HEADINGS))]
            family = name
        lines.append(in_row([f"`{cells[0]}`", *map(escaped, [*cells[1:], note])]))
    return "\n".join([*lines, "", f"{len(table)} primitives."])


def in_row(cells):
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def escaped(text):
    """Text whose bars, stars and underscores mean themselves."""
    for character in "\\|*_<":
        text = text.replace(character, f"\\{character}")
    return text


def primitives(arguments):
    """The command; returns the exit status."""
    print(as_markdown(rows()) if arguments.format == "markdown" else as_text(rows()))
    return 0
