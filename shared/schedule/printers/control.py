"""Loops and branches in Python: the function inside, and a for, while or choice around it."""

from .literals import literal, type_name


def statements_of(equation, names, outputs, source):
    """The lines for a structured equation; source.inner(graph) writes a function and names it."""
    call = equation.primitive
    kind = type(call).__name__
    return WRITERS[kind](call, names, outputs, source, equation)


def _scan(call, names, outputs, source, equation):
    body = source.inner(call.body.graph, f"{call.name}_step")
    constants, carry, xs = call.split(names)
    carried, stacks = outputs[: call.carries], outputs[call.carries :]
    lines = begun(carried, carry)
    for name, z in zip(stacks, equation.outputs[call.carries :], strict=True):
        lines.append(f"{name} = np.empty({literal(tuple(z.shape))}, {type_name(z.dtype)})")
    t = source.define.fresh("step")
    steps = f"reversed(range({call.length}))" if call.from_end else f"range({call.length})"
    given = ", ".join([*constants, *carried, *[f"{x}[{t}]" for x in xs]])
    made = ", ".join([*carried, *[f"{name}[{t}]" for name in stacks]])
    done = f"{made} = {body}({given})" if made else f"{body}({given})"
    return [*lines, f"for {t} in {steps}:", f"    {done}"]


def _while(call, names, outputs, source, equation):
    test = source.inner(call.test.graph, f"{call.name}_test")
    body = source.inner(call.body.graph, f"{call.name}_step")
    tested, constants, carry = call.split(names)
    asked = f"{test}({', '.join([*tested, *outputs])})"
    step = f"{', '.join(outputs)} = {body}({', '.join([*constants, *outputs])})"
    lines = begun(outputs, carry)
    if call.most is None:
        return [*lines, f"while {asked}:", f"    {step}"]
    t = source.define.fresh("step")
    loop = [f"for {t} in range({call.most}):", f"    if not {asked}:", "        break"]
    return [*lines, *loop, f"    {step}"]


def _switch(call, names, outputs, source, equation):
    sides = [source.inner(p.graph, f"{call.name}_{i}") for i, p in enumerate(call.programs)]
    picked = f"min(max(int({names[0]}), 0), {len(sides) - 1})"
    made = f"{', '.join(outputs)} = " if outputs else ""
    return [f"{made}({', '.join(sides)},)[{picked}]({', '.join(names[1:])})"]


def begun(carried, values):
    """The carries before the first step."""
    return [f"{', '.join(carried)} = {', '.join(values)}"] if carried else []


WRITERS = {"Scan": _scan, "While": _while, "Switch": _switch}
