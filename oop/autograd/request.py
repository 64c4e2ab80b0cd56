"""grad() and backward() of several Tensors at once."""

from .. import graph
from ..graph import arrived, gradients, is_tensor, own, seed, taken
from ..tensor import Tensor


def grad(
    outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=False
):
    """The gradients of the outputs with respect to the inputs, as a tuple; no `.grad` is changed.

    inputs: leaves or intermediate Tensors. grad_outputs: needed for outputs that have more than one
    entry. retain_graph, create_graph: as for Tensor.backward. allow_unused: None, instead of an
    error, for an input that the outputs do not depend on.

    >>> import wonderland.oop as oop
    >>> x = oop.tensor(3.0, requires_grad=True)
    >>> (first,) = oop.autograd.grad(x**3, x, create_graph=True)
    >>> oop.autograd.grad(first, x)
    (tensor(18.),)
    """
    outputs, inputs = listed("grad", "outputs", outputs), listed("grad", "inputs", inputs)
    cotangents = matched(outputs, grad_outputs)
    for i, x in enumerate(inputs):
        if not x.requires_grad:
            raise RuntimeError(
                f"grad: input {i} requires no gradient; set requires_grad=True before it is used"
            )
    check_outputs("grad", outputs)
    seeds = [seed(y, g) for y, g in zip(outputs, cotangents, strict=True)]
    free = not (create_graph if retain_graph is None else retain_graph)
    nodes = [x.node for x in inputs]
    found = gradients(outputs, seeds, free=free, create_graph=create_graph, watch=set(nodes))
    for i, node in enumerate(nodes):
        if node not in found and not allow_unused:
            raise RuntimeError(
                f"grad: the outputs do not depend on input {i}; pass allow_unused=True to get None"
            )
    grads = []
    for i, (x, node) in enumerate(zip(inputs, nodes, strict=True)):
        if node not in found:
            grads.append(None)
        elif node in nodes[i + 1 :]:
            grads.append(owned(x, found[node], False))
        else:
            grads.append(owned(x, *taken(found, node)))
    return tuple(grads)


def owned(x, g, alone):
    """The gradient of an input as a Tensor in memory of its own; alone: nobody else holds g."""
    g = arrived(x, g)
    return g if is_tensor(g) else x.like(g if alone else own(g))


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
    """Add the gradients of several Tensors to the `.grad` of their leaves; see Tensor.backward."""
    tensors = listed("backward", "tensors", tensors)
    graph.backward(
        tensors, matched(tensors, grad_tensors), retain_graph=retain_graph,
        create_graph=create_graph, inputs=inputs,
    )  # fmt: skip


def listed(operation, name, tensors):
    """One Tensor or several, as a list."""
    tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    for i, x in enumerate(tensors):
        if not isinstance(x, Tensor):
            raise TypeError(
                f"{operation}: {name} are Tensors, but number {i} is a {type(x).__name__}"
            )
    if not tensors:
        raise ValueError(f"{operation}: there are no {name}; give one Tensor or more")
    return tensors


def matched(tensors, gradients_given):
    """One gradient, or None, for each Tensor."""
    if gradients_given is None:
        return [None] * len(tensors)
    single = isinstance(gradients_given, Tensor) or hasattr(gradients_given, "shape")
    given = [gradients_given] if single else list(gradients_given)
    if len(given) != len(tensors):
        raise ValueError(
            f"backward: {len(given)} gradients were given for {len(tensors)} Tensors; give one "
            "each, or None where a Tensor has one entry"
        )
    return given


def check_outputs(operation, outputs):
    """RuntimeError for an output that depends on nothing that requires a gradient."""
    for i, y in enumerate(outputs):
        if not y.requires_grad:
            raise RuntimeError(
                f"{operation}: output {i} needs no gradient: nothing it was made from requires "
                "one; check for no_grad() and detach()"
            )
