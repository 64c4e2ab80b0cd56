"""A compiled call as straight-line Python: what is compared, gathered and written, one line each.

A small step takes a few microseconds to run, and loops over lists of tensors would take longer.
The functions are written for one `Bound`, whose objects they name.
"""

import operator

from ..oop.graph import Version, here, latest_change, next_order
from ..oop.nn.structure import assigned, latest
from ..oop.tensor import Tensor
from ..shared.random import fold_in
from ..shared.schedule.deferred import At
from ..shared.schedule.passes.donate import SMALLEST
from .survey import NUMBERS

INFIX = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/",
    operator.floordiv: "//", operator.mod: "%", operator.pow: "**", operator.eq: "==",
    operator.ne: "!=", operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=",
}  # fmt: skip


class Source:
    """Lines of a function, and the objects that they name."""

    def __init__(self, head):
        self.lines, self.names, self.known, self.indent = [head], {}, {}, " " * 4

    def __call__(self, x):
        """The name of an object."""
        name = self.known.get(id(x))
        if name is None:
            name = self.known[id(x)] = f"k{len(self.known)}"
            self.names[name] = x
        return name

    def add(self, line):
        """A line of the function's body."""
        self.lines.append(self.indent + line)

    def unless(self, *tests):
        """The call does not fit where one of the tests holds."""
        for test in tests:
            self.add(f"if {test}: return None")

    def function(self):
        """The function."""
        name = self.lines[0].split("(")[0].removeprefix("def ")
        exec(compile("\n".join(self.lines), f"<wonderland compile.{name}>", "exec"), self.names)
        return self.names[name]


def inputs(bound):
    """inputs(leaves) -> (values of the host, leaves of the program), or None: it does not fit.

    Nor does it where something is gone that was read, or where Python computes no such number.
    """
    to = Source("def inputs(leaves):\n    try:")
    to.indent *= 2
    arguments(to, bound)
    slots(to, bound)
    read(to, bound.survey)
    given = numbers(to, bound)
    host(to, bound.entry.tape, given)
    keys(to, bound, given)
    leaves = [f"a{i}" for i in bound.of_slots]
    leaves += [f"x{i}.fresh().value" if bound.kinds[i].is_tensor else f"x{i}"
               for i in bound.of_arguments]  # fmt: skip
    leaves += [f"x{i}.gradient.value" for i in bound.of_gradients]
    leaves += [f"v{i}" for i in bound.of_host]
    values = [f"v{i}" for i in range(len(bound.entry.tape.values))]
    to.add(f"return [{', '.join(values)}], [{', '.join(leaves)}]")
    to.indent = to.indent[:4]
    to.add("except (LookupError, ArithmeticError, ValueError): return None")
    return to.function()


def reader(survey):
    """same() -> whether everything that the survey has read is as it was."""
    to = Source("def same():\n    try:")
    to.indent *= 2
    read(to, survey)
    to.add("return True")
    to.indent = to.indent[:4]
    to.add("except LookupError: return None")
    return to.function()


def arguments(to, bound):
    """Each leaf of the arguments is of the kind that was captured."""
    names = [f"x{i}" for i in range(len(bound.kinds))]
    if names:
        to.add(f"{', '.join(names)}, = leaves")
    for x, like in zip(names, bound.kinds, strict=True):
        fits = f"{to(like.fits)}({x})"
        if like.is_tensor and not like.tracked:
            quick = (
                f"{x}.__class__ is {to(like.cls)} and (v := {x}.value).shape == {like.shape} "
                f"and v.dtype is {to(like.dtype)} and {x}.node is None and {x}.base is None "
                f"and {x}.gradient is None and id({x}) not in {to(like.survey.index)}"
            )
            to.unless(f"not ({quick} or {fits})")
        else:
            to.unless(f"not {fits}")


def slots(to, bound):
    """Each tensor holds the same array, the same node and the same gradient."""
    renewed = {old for _, _, _, old in bound.renewed}
    changing = {i for _, _, i, _ in bound.renewed}
    gradients = to(bound.gradients)
    for i, t in enumerate(bound.slots):
        if i in renewed:  # the gradient of another, by which it is known
            continue
        s = to(t)
        to.add(f"a{i} = {s}.value")
        gradient = f"{gradients}[{i}]" if i in changing else to(bound.gradients[i])
        to.unless(
            f"a{i} is not {to(bound.arrays[i])} or {s}.node is not {to(t.node)} "
            f"or {s}.gradient is not {gradient}"
        )
        if t.base is not None:
            to.unless(f"{s}.base.count != {s}.version.count")


def read(to, survey):
    """Everything else that the function reads is as it was."""
    watch = survey.watch
    for container, size in zip(watch.sized, watch.sizes, strict=True):
        to.unless(f"len({to(container)}) != {size}")
    for container, key, x in zip(watch.containers, watch.keys, watch.known, strict=True):
        to.unless(f"{to(container)}[{named(to, key)}] is not {to(x)}")
    for cell, x in zip(survey.cells, survey.contents, strict=True):
        to.unless(f"{to(cell)}.cell_contents is not {to(x)}")
    seen = to(survey.changes)
    to.add(f"if {seen}[0] != {to(latest)}[0] or {seen}[1] != {to(assigned)}[0]:")
    to.add(f"    if not {to(survey.same_attributes)}(): return None")
    if survey.arrays:
        to.unless(f"not {to(survey.same_arrays)}()")


def named(to, key):
    """A key of a container in the source."""
    return repr(key) if key.__class__ in (str, int) else to(key)


def numbers(to, bound):
    """The names of the numbers given: those of containers, then of arguments."""
    given = []
    for container, key in bound.survey.numbers:
        count = len(container[key]) if container[key].__class__ is tuple else None
        own = [f"n{len(given) + i}" for i in range(count or 1)]
        given += own
        to.add(f"{own[0] if count is None else 'n'} = {to(container)}[{named(to, key)}]")
        if count is not None:
            to.unless(f"n.__class__ is not tuple or len(n) != {count}")
            to.add(f"{', '.join(own)}, = n")
        kinds = container[key] if count else (container[key],)
        for n, x in zip(own, kinds, strict=True):
            to.unless(f"{n}.__class__ is not {x.__class__.__name__} or not {n}")
    return given + [f"x{i}" for i, k in enumerate(bound.kinds) if k.cls in NUMBERS]


def host(to, tape, given):
    """What Python computes of the numbers, and the guards."""
    for i, name in zip(tape.given, given):  # noqa: B905  keys come after the numbers
        to.add(f"v{i} = {name}")
    for i, function, operands in tape.operations:
        names = [f"v{int(a)}" if a.__class__ is At else to(a) for a in operands]
        if function in INFIX:
            to.add(f"v{i} = {names[0]} {INFIX[function]} {names[1]}")
        else:
            to.add(f"v{i} = {to(function)}({', '.join(names)})")
    for i, seen, found in tape.guards:
        to.unless(f"{to(seen)}(v{i}) != {to(found)}")


def keys(to, bound, given):
    """Fresh keys of the generators, claimed until the call fails."""
    claimed = bound.entry.tape.given[len(given) :]
    for generator, places in bound.claims(claimed):
        g = to(generator)
        to.add(f"with {g}._lock:")
        to.add(f"    base, count = {g}._key, {g}._count")
        to.add(f"    {g}._count = count + {len(places)}")
        for j, i in enumerate(places):
            to.add(f"v{i} = {to(fold_in)}(base, count + {j})")


def run(bound):
    """run(leaves, values, given): the program, and everything that it changes."""
    to = Source("def run(leaves, values, given):")
    to.add(f"r = {to(bound.compute)}(leaves, given)")
    to.add(f"place, order = {to(here)}(), {to(next_order)}()")
    for i, k in bound.entry.effects.writes:
        t, array = bound.slots[i], bound.arrays[i]
        if array.nbytes < SMALLEST:
            to.add(f"{to(array)}[...] = r[{k}]")
        else:  # the program may have written right there
            to.add(f"if r[{k}].base is not {to(array)}: {to(array)}[...] = r[{k}]")
        to.add(f"v = {to(t)}.version")
        to.add(f"if v is None: v = {to(t)}.version = {to(Version)}()")
        to.add("v.count += 1; v.line = place; v.changed = order")
    if bound.entry.effects.writes:
        to.add(f"{to(latest_change)}[0] = order")
    for t, k, i, old in bound.renewed:
        to.add(f"t = {to(object.__new__)}({to(Tensor)})")
        to.add(f"t.value = r[{k}]; t.node = t.base = t.version = None; t.level = {to(0.5)}")
        to.add(f"{to(t)}.gradient = {to(bound.gradients)}[{i}] = {to(bound.slots)}[{old}] = t")
    made = f"(r, values, {to(bound.slots)}, leaves)"
    if bound.written:
        to.add(f"{to(bound.run_gradients)}({made}, place)")
    to.add(f"out = {to(bound.build)}{made}")
    for container, key, template in bound.numbers:
        to.add(f"{to(container)}[{named(to, key)}] = {number(to, template, made)}")
    if bound.others:
        to.add(f"{to(bound.run_others)}({made})")
    if bound.assigns:
        to.add(f"{to(bound.note)}()")
    to.add("return out")
    return to.function()


def number(to, template, made):
    """What a number becomes: nearly always a value of the host."""
    kind, what = template.leaves[0] if template.single else (None, None)
    return f"values[{what}]" if kind == "host" else f"{to(template.build)}{made}"
