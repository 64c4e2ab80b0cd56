"""Parts of an assembly, written where they are to lie by the loops that make them.

A concatenation copies its operands side by side. Where a loop makes an operand that nobody else
reads, it writes it there itself.
"""

from ..graph import Variable
from ..loop import Loop, Read
from ..views import contiguous
from .donate import made_by, read_by
from .fuse import Assembly


def with_parts_in_place(steps, arranged):
    """Let loops write to where an assembly would copy, and take those copies out of `steps`."""
    places, graph = arranged.places, arranged.graph
    makers = {z: step for step in steps for z in made_by(step)}
    readers: dict = {}
    for step in steps:
        for root in read_by(step, places):
            readers[root] = readers.get(root, 0) + 1
    for a in graph.outputs:  # these need memory of their own
        if isinstance(a, Variable) and a in places:
            makers.pop(places[a].root, None)
    for step in steps:
        if isinstance(step, Assembly):
            # Which part is written last where parts overlap: it stands in the order of the copies.
            apart = step.equation.primitive.name in ("concatenate", "stack")
            step.loops = [
                copy for copy in step.loops if not (apart and moved(copy, makers, readers))
            ]
    return steps


def moved(copy, makers, readers):
    """True where the loop that makes what `copy` copies now writes it to where that goes."""
    (operation,), (part,) = copy.operations, copy.stores
    (read,) = operation.operands
    if not isinstance(read, Read) or readers.get(read.root) != 1 or read.picked is not None:
        return False
    loop, root = makers.get(read.root), read.root
    if not isinstance(loop, Loop) or loop.rows is not None or loop.levels[root] != "full":
        return False
    if read.offset or read.strides != contiguous(copy.shape) or loop.shape != copy.shape:
        return False
    loop.targets[root] = copy.targets[part]
    return True
