"""Sums of products leave a loop: one large product after it, in place of a small one in each step.

    total ← total + aₜᵀ bₜ  for t = 1 ... T        total + [a₁; ...; a_T]ᵀ [b₁; ...; b_T]

What a recurrent network's weight collects on the way back is such a sum. It is rounded in another
order. The condition: nobody else reads the total or the product in the loop, and both factors are
stacked already, as operands or results of the loop.
"""

from typing import NamedTuple

from ...primitives.arithmetic import add
from ...primitives.contraction import matmul
from ...primitives.shape import reshape, transpose
from ..control.scan import Scan
from ..graph import Equation, Graph, Variable
from ..program import Program
from .dead import without_dead


class Sum(NamedTuple):
    """Carry number `carry` of a loop adds up aᵀ b, whose stacks are the variables a and b."""

    carry: int
    a: Variable
    b: Variable


def with_sums_after_loops(graph):
    """The graph, whose loops carry no such sums."""
    equations = []
    for equation in graph.equations:
        found = sums_of(equation) if isinstance(equation.primitive, Scan) else []
        equations += apart(equation, found) if found else [equation]
    return Graph(graph.inputs, graph.outputs, equations, graph.name)


def sums_of(equation):
    """The sums of a loop that may leave it."""
    scan, body = equation.primitive, equation.primitive.body.graph
    first = scan.constants + scan.carries
    stacks = dict(zip(body.inputs[first:], equation.inputs[first:], strict=True))
    ys = zip(body.outputs, equation.outputs, strict=True)
    stacks |= {a: z for a, z in list(ys)[scan.carries :] if isinstance(a, Variable)}
    makers, users = body.makers(), body.users()
    found = []
    for k, out in enumerate(body.outputs[: scan.carries]):
        product = added(out, body.inputs[scan.constants + k], makers, users)
        if product is None:
            continue
        turned, b = product.inputs
        maker = makers.get(turned)
        if maker is None or maker.primitive.name != "transpose":
            continue
        (a,) = maker.inputs
        if len(a.shape) == 2 and a in stacks and b in stacks:
            found.append(Sum(k, stacks[a], stacks[b]))
    return found


def added(out, total, makers, users):
    """The product that out = total + product adds to the total, where nobody else reads either."""
    sum_ = makers.get(out)
    if sum_ is None or sum_.primitive.name != "add" or out.dtype.kind != "f":
        return None
    others = [a for a in sum_.inputs if a is not total]
    if len(others) != 1 or not isinstance(others[0], Variable):
        return None
    product = makers.get(others[0])
    alone = all(len(users.get(v, ())) == 1 for v in (total, others[0], out))
    plain = product is not None and product.primitive.name == "matmul"
    return product if alone and plain and len(out.shape) == 2 else None


def apart(equation, sums):
    """The loop without its sums, and the products after it."""
    scan, body = equation.primitive, equation.primitive.body
    gone = {s.carry for s in sums}
    kept = [k for k in range(len(body.graph.outputs)) if k not in gone]
    places = [i for i in range(len(body.graph.inputs)) if i - scan.constants not in gone]
    inputs = [body.graph.inputs[i] for i in places]
    results = [body.graph.outputs[k] for k in kept]
    graph = without_dead(Graph(inputs, results, body.graph.equations, body.graph.name))
    program = Program(graph, body.executor, **body.options)
    loop = scan.repeated(program, scan.constants, scan.carries - len(gone))
    inputs = [equation.inputs[i] for i in places]
    outputs = [equation.outputs[k] for k in kept]
    made = [Equation(loop, inputs, outputs, loop.static, equation.line, equation.scope)]
    for s in sums:
        made += total_of(equation, s)
    return made


def total_of(equation, s):
    """Equations for the last total of a sum."""
    start = equation.inputs[equation.primitive.constants + s.carry]
    out = equation.outputs[s.carry]

    def step(primitive, inputs, shape, static):
        z = Variable(shape, out.dtype)
        return Equation(primitive, inputs, [z], static, equation.line, equation.scope)

    rows = [(x, (x.shape[0] * x.shape[1], x.shape[2])) for x in (s.a, s.b)]
    rows = [step(reshape, [x], shape, {"shape": shape}) for x, shape in rows]
    (a,), (b,) = (e.outputs for e in rows)
    turned = step(transpose, [a], a.shape[::-1], {"axes": (1, 0)})
    product = step(matmul, [turned.outputs[0], b], out.shape, {})
    last = step(add, [start, product.outputs[0]], out.shape, {})
    return [*rows, turned, product, last.like(last.inputs, [out])]
