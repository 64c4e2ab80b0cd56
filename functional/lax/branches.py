"""One of several functions: cond, switch."""

import operator

import numpy as np

from ...shared import tree
from ...shared.dispatch import Value
from ...shared.errors import describe
from ...shared.ops import astype
from ...shared.schedule.control.body import aligned, captured, program_of
from ...shared.schedule.control.branch import Switch
from ..arguments import array_leaf, at_leaf, check_callable, leaves_like
from .carry import is_weak, strong


def cond(pred, true_fun, false_fun, *operands):
    """true_fun(*operands) where pred holds, else false_fun(*operands).

    Only the function that is chosen runs, and only it is differentiated. Both return the same
    types; this is checked where pred is traced. pred: a scalar, which is true unless it is zero.
    Under vmap with a batched pred each function runs on the elements that chose it.

    >>> cond(np.True_, lambda x: x + 1, lambda x: x - 1, np.float32(1))
    np.float32(2.0)
    """
    check_callable("cond", true_fun)
    check_callable("cond", false_fun)
    kind = getattr(getattr(pred, "dtype", None), "kind", "" if not is_weak(pred) else "b")
    if kind not in tuple("biuf") or tuple(getattr(pred, "shape", ())):
        raise TypeError(
            f"cond: pred is a scalar boolean, but it is {describe(pred)}; choose entry by entry "
            "with where(pred, x, y), or reduce with all() or any()"
        )
    if is_known(pred):
        return called("cond", true_fun if pred else false_fun, operands)
    pred = pred if kind == "b" else pred != 0
    names = ("true_fun", "false_fun")
    return staged("cond", astype(pred, np.int64), (false_fun, true_fun), operands, names[::-1])


def switch(index, branches, *operands):
    """branches[index](*operands); an index out of range takes the first or the last.

    As cond, for any number of functions.

    >>> switch(1, [lambda x: x, lambda x: -x], np.float32(2))
    np.float32(-2.0)
    """
    branches = list(branches)
    if not branches:
        raise ValueError("switch: there are no branches; give one function or more")
    for branch in branches:
        check_callable("switch", branch)
    kind = getattr(getattr(index, "dtype", None), "kind", "i" if type(index) is int else "")
    if kind not in tuple("iu") or tuple(getattr(index, "shape", ())):
        raise TypeError(f"switch: index is a scalar integer, but it is {describe(index)}")
    if is_known(index):
        index = min(max(operator.index(index), 0), len(branches) - 1)
        return called("switch", branches[index], operands)
    if len(branches) == 1:
        return called("switch", branches[0], operands)
    names = [f"branch {i}" for i in range(len(branches))]
    return staged("switch", astype(index, np.int64), branches, operands, names)


def is_known(x):
    """True where Python can decide by x: a number or plain array, and a Tensor of one."""
    return not isinstance(x, Value) or (hasattr(x, "version") and is_known(x.value))


def called(operation, f, operands):
    """f(*operands), with arrays for numbers."""
    return tree.map(lambda x: strong(operation, x), f(*operands))


def staged(operation, index, branches, operands, names):
    """The branches as one operation."""
    leaves, structure = tree.flatten(operands)
    leaves = [array_leaf(operation, x) for x in leaves]
    found, returned = [], []
    for f in branches:

        def flat(*leaves, f=f):
            outs, out_structure = tree.flatten(f(*structure.unflatten(leaves)))
            returned.append((outs, out_structure))
            return [
                x if is_weak(x) else array_leaf(operation, x, (out_structure, i))
                for i, x in enumerate(outs)
            ]

        found.append(captured(flat, leaves, operation))
    first = returned[0][1]
    graphs, outer = aligned(found)
    graphs = same_types(operation, graphs, returned, first, names)
    call = Switch([program_of(graph) for graph in graphs], operation)
    return first.unflatten(call(index, *outer, *leaves))


def same_types(operation, graphs, returned, structure, names):
    """The graphs, all of whose outputs have one type; numbers take the dtype that others give."""
    for (_, own), name in zip(returned, names, strict=True):
        if own != structure:
            what = f"{operation}: what {name} returns differs from what {names[0]} returns"
            leaves_like(what, own.unflatten(range(own.num_leaves)), structure)  # raises
    dtypes = []
    for outs in zip(*[graph.outputs for graph in graphs], strict=True):
        dtypes.append(next((z.dtype for z in outs if not is_weak(z)), None))
    if any(is_weak(z) for graph in graphs for z in graph.outputs):
        graphs = [converted(operation, graph, dtypes) for graph in graphs]
    for name, graph in zip(names, graphs, strict=True):
        for i, (x, z) in enumerate(zip(graphs[0].outputs, graph.outputs, strict=True)):
            if x.shape != z.shape or x.dtype != z.dtype:
                raise TypeError(
                    f"{operation}: the branches return different types{at_leaf(structure, i)}: "
                    f"{names[0]} gives {describe(x)}, but {name} {describe(z)}"
                )
    return graphs


def converted(operation, graph, dtypes):
    """The graph, whose outputs that are numbers become arrays."""

    def run(*leaves):
        pairs = zip(graph(*leaves), dtypes, graph.outputs, strict=True)
        return [strong(operation, z, d) if is_weak(out) else z for z, d, out in pairs]

    return program_of(graph).like(run, graph.inputs).graph
