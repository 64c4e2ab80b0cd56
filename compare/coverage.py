"""`wonderland primitives`: the table of primitives, read off the registry."""

import sys

from ..shared.primitives import registry


def family(primitive):
    """The file that declares a primitive."""
    return FAMILIES.get(primitive.name, "user")


def families():
    """{primitive name: file} of all declarations of the package."""
    found = {}
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith("wonderland.shared.primitives."):
            for value in vars(module).values():
                if getattr(value, "name", None) in registry:
                    if registry[value.name] is value:
                        found.setdefault(value.name, module_name.rpartition(".")[2])
    return found


FAMILIES = families()


def derivative(primitive, rules):
    """'all', 'zero', or the operands that have a rule."""
    if primitive.active == 0:
        return "zero"
    operands = primitive.operands
    if primitive.active == -1 or primitive.active == (1 << len(operands)) - 1:
        return rules
    return ", ".join(n for i, n in enumerate(operands) if primitive.active >> i & 1)


def rows():
    """(family, name, operands, statics, JVP, VJP, batch) of every primitive, sorted."""
    table = []
    for name, p in registry.items():
        operands = ", ".join(p.operands)
        table.append((
            family(p), name, f"*{operands}" if p.variadic else operands, ", ".join(p.statics),
            derivative(p, "yes"), derivative(p, "yes"), "yes" if p.batch_rule else "no",
        ))  # fmt: skip
    return sorted(table)


HEADINGS = ("family", "primitive", "operands", "statics", "JVP", "VJP", "vmap")


def primitives():
    """Print the table; plain text, so that it can be searched and redirected."""
    table = rows()
    widths = [max(map(len, column)) for column in zip(HEADINGS, *table, strict=True)]
    for row in (HEADINGS, *table):
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    print(
        f"\n{len(table)} primitives; JVP and VJP name the operands where not all have a derivative"
    )
    return 0
