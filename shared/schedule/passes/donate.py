"""Donation: which result may lie in the memory of which argument.

An argument that the caller gives up is overwritten by a result of its shape and dtype, if whoever
else reads it has run before the result is written. The step that writes it may read it too, where
it is a loop that reads each entry right before it writes that entry.
"""

from ..graph import Variable
from ..loop import Loop, Read

SMALLEST = 1 << 16  # bytes: for less, looking after the memory costs more than the memory


def donations(steps, arranged, donated, wanted=None):
    """{root of a result: the argument whose memory it takes}, for `donated` inputs of the graph.

    wanted: {input: the one output that may take its memory}; None where any may.
    """
    places, graph = arranged.places, arranged.graph
    order = {step: number for number, step in enumerate(steps)}
    makers = {z: step for step in steps for z in made_by(step)}
    readers: dict = {}
    for step in steps:
        for root in read_by(step, places):
            readers.setdefault(root, []).append(step)
    free = [v for v in donated if v.size * v.dtype.itemsize >= SMALLEST and v not in graph.outputs]
    taken: dict = {}
    for a in graph.outputs:
        root = places[a].root if isinstance(a, Variable) and a in places else None
        step = makers.get(root)
        if step is None or root in taken or not isinstance(step, Loop):
            continue
        for v in free:
            if wanted is not None and wanted[v] is not a:
                continue
            if v.size == root.size and v.dtype == root.dtype and a.shape == v.shape:
                if all(can_follow(s, step, v, root, order) for s in readers.get(v, ())):
                    taken[root] = v
                    free.remove(v)
                    break
    return taken


def made_by(step):
    """The memory that a step writes."""
    if isinstance(step, Loop):
        return [step.target(z, step.levels[z])[0] for z in step.stores]
    return step.equation.outputs


def read_by(step, places):
    """The memory that a step reads."""
    if isinstance(step, Loop):
        return step.reads()
    return [places[a].root for a in step.equation.inputs if isinstance(a, Variable)]


def can_follow(reader, writer, v, root, order):
    """True where `writer` may overwrite v with `root`, as far as a `reader` of v is concerned."""
    if reader is not writer:
        return order[reader] < order[writer]
    # Within the loop: entry for entry, and in one run over each row.
    whole = Read(v, writer.canonical("full"), 0)
    in_place = all(a == whole for a in writer.reading() if a.root is v)
    return in_place and writer.rows is None and writer.levels[root] == "full"
