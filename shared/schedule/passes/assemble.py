"""Assembly: results that are other arrays' entries side by side, as loops that copy each part."""

from ...primitives.arithmetic import add
from ...primitives.copying import clone
from ..graph import Equation, Variable
from ..loop import Loop, Operation, Read, row_read
from ..views import View, contiguous

WHOLE = (0, None, 1)


def _place(equation):
    (x,), (z,) = equation.inputs, equation.outputs
    zero = -0.0 if equation.static.get("negative") else 0
    return [(zero, View.of(z.shape)), (x, View.of(z.shape).item(equation.static["key"]))]


def _update(equation):
    (x, v), (z,) = equation.inputs, equation.outputs
    return [(x, View.of(z.shape)), (v, View.of(z.shape).item(equation.static["key"]))]


def _concatenate(equation):
    (z,), axis, start, found = equation.outputs, equation.static["axis"], 0, []
    for x in equation.inputs:
        end = start + x.shape[axis]
        found.append((x, View.of(z.shape).item((WHOLE,) * axis + ((start, end, 1),))))
        start = end
    return found


def _stack(equation):
    (z,), axis = equation.outputs, equation.static["axis"]
    view = View.of(z.shape)
    return [(x, view.item((WHOLE,) * axis + (i,))) for i, x in enumerate(equation.inputs)]


# From an equation to its parts, in the order they are written: (operand or number, view of z).
PARTS = {"place": _place, "update": _update, "concatenate": _concatenate, "stack": _stack}


def assembly(equation, places):
    """The loops that write the result of an equation, or None for what is no assembly."""
    name = equation.primitive.name
    if name == "scatter_add":
        return _added_rows(equation, places)
    if name == "place_sum":
        return _added_places(equation, places)
    if name not in PARTS:
        return None
    z = equation.outputs[0]
    return [part(z, x, view, places) for x, view in PARTS[name](equation)]


def part(z, x, view, places):
    """The loop that writes x (or a number, everywhere) to a view of z."""
    loop = Loop(tuple(n for n in view.shape if n != 1))
    copy = Variable(view.shape, z.dtype)
    loop.accept(Equation(clone, [x], [copy], {}), places)
    loop.stores = [copy]
    loop.targets[copy] = (z, view.reshape(loop.shape).strides, view.offset)
    return loop


def _added_places(equation, places):
    """z = 0, then z[key] += x for each operand; of the first, where it is written, z[key] = x."""
    (z,), static = equation.outputs, equation.static
    places, whole = places | {}, View.of(z.shape)
    terms = list(zip(equation.inputs, static["keys"], strict=True))
    loops = [part(z, 0, whole, places)]
    if static["written"]:
        x, key = terms.pop(0)
        loops.append(part(z, x, whole.item(key), places))
    for x, key in terms:
        view, before = whole.item(key), Variable(x.shape, z.dtype)
        total = Variable(x.shape, z.dtype)
        loop = Loop(tuple(n for n in x.shape if n != 1))
        places[before] = places[z]._replace(view=view)
        loop.accept(Equation(add, [before, x], [total], {}), places)
        loop.stores = [total]
        loop.targets[total] = (z, view.reshape(loop.shape).strides, view.offset)
        loops.append(loop)
    return loops


def _added_rows(equation, places):
    """z = x, then z[i[n], ...] += v[n, ...], one row after another."""
    (x, i, v), (z,) = equation.inputs, equation.outputs
    if equation.static["key"] != ("array",) or x.dtype.kind != "f":
        return None
    loop = Loop(tuple(n for n in v.shape if n != 1))
    places = places | {z: places[x]._replace(root=z, view=View.of(z.shape))}
    read = row_read(loop, z, i, v.shape, places)
    if read is None:
        return None
    total = Variable(z.shape, z.dtype)
    strides = contiguous(loop.shape)
    root, view = places[v]
    operand = Read(root, view.reshape(loop.shape).strides, view.offset)
    adding = Operation(
        Equation(clone, [v], [total], {}), "end", [operand], "sum", read.strides,
        Read(z, strides, 0, read.picked, read.step, read.bound),
    )  # fmt: skip
    loop.operations.append(adding)
    loop.levels[total] = "end"
    loop.stores, loop.targets[total] = [total], (z, read.strides, 0)
    return [part(z, x, View.of(z.shape), places), loop]
