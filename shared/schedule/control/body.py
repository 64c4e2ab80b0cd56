"""The functions that a loop or a branch is made of, captured."""

import numpy as np

from ...backend import device_of, on_cuda, to_device
from ...dispatch import Value, bottom, depth
from ..capture import capture
from ..graph import Graph, Variable
from ..program import Program


def is_traced(leaves):
    """True where a loop must be captured: under a transform, or with a Value among the leaves."""
    return depth.get() > 0 or any(isinstance(x, Value) for x in leaves)


def captured(f, like, name, operands=()):
    """(graph, captured values) of a function of leaves; where an operand is a Tensor, its leaf is.

    The values of outer transforms (and Tensors) that f closes over are the first inputs.
    """
    operands = operands or like
    return capture(lambda *leaves: f(*map(as_given, leaves, operands)), like, name, closes=True)


def as_given(leaf, operand):
    """A staged leaf, as a Tensor where the operand is one: its own methods work in the body."""
    if not hasattr(operand, "version"):
        return leaf
    tensor = next(c for c in type(operand).__mro__ if "interpret" in vars(c))
    return tensor(leaf)


def program_of(graph):
    """A graph as a program that gives the bits of eager code; the executor of a jit replaces it."""
    return Program(graph, "numpy")


def on_one_device(leaves):
    """The leaves, with NumPy's single numbers on the device of the arrays among them.

    A number goes along with any device, but a batch of it is an array.
    """
    for x in map(bottom, leaves):
        if x.__class__ is not np.ndarray and on_cuda(x):
            device = device_of(x)
            numbers = [isinstance(a, (np.ndarray, np.generic)) and not a.shape for a in leaves]
            pairs = zip(leaves, numbers, strict=True)
            return [to_device(a, device) if number else a for a, number in pairs]
    return leaves


def aligned(found):
    """(graphs, captured): graphs with the captured values of all of them as their first inputs.

    found: pairs (graph, captured).
    """
    union = list({id(x): x for _, captured in found for x in captured}.values())
    graphs = []
    for graph, captured_here in found:
        own = dict(zip(map(id, captured_here), graph.inputs, strict=False))
        first = [own.get(id(x)) or Variable(x.shape, x.dtype, x.weak) for x in union]
        inputs = [*first, *graph.inputs[len(captured_here) :]]
        graphs.append(Graph(inputs, graph.outputs, graph.equations, graph.name))
    return graphs, union
