"""The tape that outlives the call: nodes of Tensors, their guards, and the walk back to `.grad`.

The nodes and the walk are those of `shared.tape`. What a stateful API adds is here: kept values
that somebody may change in place before they are used, leaves that collect gradients, and backward
passes that are themselves recorded. Hooks are in `hooks`.
"""

import sys
import weakref

import numpy as np
from numpy import ndarray

from ..shared.backend import same_device
from ..shared.cotangents import unit
from ..shared.dispatch import Value, bottom
from ..shared.errors import _inside as known_files
from ..shared.errors import is_library
from ..shared.node import Node, next_order
from ..shared.primitives.complex import conj
from ..shared.tape import backward as walk
from ..shared.tape import outputs_of
from .grad_mode import recording


class TensorNode(Node):
    """A node that remembers whose values it keeps, and the line that made it.

    guards: the operands whose values are kept, as `plan.guarded` lists them (None: all), then the
    versions of the outputs, where these are kept. A Tensor is held only where its value is.
    """

    __slots__ = ("line",)


class LeafNode(Node):
    """The end of the tape at a Tensor that the user made; gradients arrive at `tensor()`."""

    __slots__ = ("tensor",)

    def __init__(self, tensor):
        super().__init__(None, (), None, tuple(tensor.value.shape), tensor.value.dtype)
        self.tensor = weakref.ref(tensor)


class Version:
    """How often the memory of a Tensor (and of its views) was changed in place, and where last.

    changed: the number of the last change, among those of the nodes (newer ones are smaller).
    """

    # Defaults of the class, not of an __init__: one is made for many recorded operations.
    count, line, changed = 0, None, 0
    lent = False

    def bump(self, line=None):
        """The memory was changed, by the line given or else the line of the user that runs."""
        self.count += 1
        self.line = here() if line is None else line
        self.changed = latest_change[0] = next_order()


class Lent(Version):
    """The version of memory that belongs to somebody else: a change in place goes to a copy."""

    lent = True


# The number, among those of the nodes, of the latest change in place: newer nodes need no check.
latest_change = [0]


def here(depth=2):
    """(code, instruction) of the innermost line outside the library; cheap, decoded only if needed.

    depth: how many frames up to begin, where these are known to be the library's own.
    """
    frame = sys._getframe(depth)
    code = frame.f_code
    while True:
        known = known_files.get(code.co_filename)
        if not (is_library(code.co_filename) if known is None else known):
            return code, frame.f_lasti
        outer = frame.f_back
        if outer is None:
            return code, frame.f_lasti
        frame, code = outer, outer.f_code


def line_of(place):
    """'file.py:12' of a place noted by here()."""
    if place is None:
        return "<unknown>"
    code, instruction = place
    positions = list(code.co_positions())
    return f"{code.co_filename}:{positions[instruction // 2][0]}"


def version_of(guard):
    """The version behind an entry of `guards`; None where nothing was ever changed or shared."""
    return guard if isinstance(guard, Version) else getattr(guard, "version", None)


def check_versions(node):
    """Raise if a value kept at `node` was changed in place since."""
    if node.__class__ is not TensorNode:
        return
    for guard in node.guards:
        for version in (version_of(guard), getattr(guard, "former_version", None)):
            if version is not None and version.changed < node.order:
                raise RuntimeError(
                    f"backward: {node.plan.primitive.name} (recorded at {line_of(node.line)}) "
                    "needs a value that was changed in place since, last at "
                    f"{line_of(version.line)}; change a copy (x.clone()), or change it after "
                    "backward()"
                )


def versions_of(node):
    """{operand: version} of the kept values of Tensors; the outputs are operands -1, -2, ..."""
    guards, plan = node.guards, node.plan
    outputs = 0
    if plan.output_kept is not None:
        outputs = (plan.primitive.outputs and len(node.kept[plan.output_kept])) or 1
    count = len(guards) - outputs
    operands = range(count) if plan.guarded is None else plan.guarded
    places = [*operands, *[~i for i in range(outputs)]]
    found = {}
    for place, guard in zip(places, guards, strict=True):
        if guard is not None and is_tensor(guard) and guard.version is None:
            guard.version = Version()
        found[place] = version_of(guard)
    return {place: version for place, version in found.items() if version is not None}


def lifted(like):
    """lift(node) for a recorded backward pass: kept values as Tensors that know their nodes.

    like(value, node, version) makes a Tensor. Its version is that of what was kept: the passes to
    come notice a change as this one does.
    """

    def lift(node):
        plan = node.plan
        if node.__class__ is not TensorNode:
            return node.kept
        own = getattr(plan, "lift", None)
        if own is not None:
            return own(node, like)
        versions = versions_of(node)
        parents = dict(zip(plan.active, node.parents, strict=True))

        def tensor(x, operand):
            if operand not in versions and operand not in parents:
                return x
            return like(x, parents.get(operand), versions.get(operand))

        kept = list(node.kept)
        for place, operand in plan.operands_kept:
            if plan.primitive.variadic:
                kept[place] = tuple([tensor(x, i) for i, x in enumerate(kept[place])])
            else:
                kept[place] = tensor(kept[place], operand)
        if plan.output_kept is not None:
            kept[plan.output_kept] = lifted_output(node, kept[plan.output_kept], like, versions)
        recomputed = getattr(plan, "recomputed", tuple)
        return recomputed(kept)

    return lift


def lifted_output(node, z, like, versions):
    """The kept output of a node, or each of several, as Tensors."""
    if node.plan.primitive.outputs is None:
        return like(z, node, versions.get(-1))
    nodes = enumerate(outputs_of(z, node))
    return tuple([like(z[i], source, versions.get(~i)) for i, source in nodes])


def gradients(outputs, cotangents, *, free, create_graph=False, watch=()):
    """Walk back from Tensors: {node: gradient} for the leaves and the watched nodes.

    The gradients are payloads, or Tensors with create_graph.
    """
    roots, like = [t.node for t in outputs], outputs[0].like
    if not create_graph:
        cotangents = [payload(g, t.level) for g, t in zip(cotangents, outputs, strict=True)]
        return walk(
            roots, cotangents, free=free, check=check_versions, since=latest_change[0], watch=watch
        )
    cotangents = [
        g if is_tensor(g) and g.level == t.level else like(g)
        for g, t in zip(cotangents, outputs, strict=True)
    ]
    token = recording.set(True)
    try:
        lift = lifted(like)
        return walk(
            roots,
            cotangents,
            free=free,
            check=check_versions,
            since=latest_change[0],
            lift=lift,
            watch=watch,
        )
    finally:
        recording.reset(token)


def is_tensor(x):
    """True for a Tensor, which is not known by name here: it is what has a version."""
    return hasattr(x, "version")


def payload(g, level):
    """What a Tensor of this level holds; anything else is itself."""
    return g.value if is_tensor(g) and g.level == level else g


def backward(tensors, cotangents, *, retain_graph=None, create_graph=False, inputs=None):
    """Add the gradients of `tensors` to their leaves, or to `inputs` alone; see Tensor.backward."""
    for tensor in tensors:
        if not tensor.requires_grad:
            raise RuntimeError(
                "backward: this Tensor needs no gradient: nothing it was made from requires one; "
                "set requires_grad=True on a leaf, and check for no_grad() and detach()"
            )
    seeds = [seed(t, g) for t, g in zip(tensors, cotangents, strict=True)]
    free = not (create_graph if retain_graph is None else retain_graph)
    wanted = None if inputs is None else {t.fresh().node: t for t in inputs}
    for i, t in enumerate(inputs or ()):
        if not t.requires_grad:
            raise RuntimeError(f"backward: input {i} requires no gradient; leave it out of inputs=")
    watch = () if wanted is None else wanted
    found = gradients(tensors, seeds, free=free, create_graph=create_graph, watch=watch)
    for node in list(found):
        if wanted is not None:
            target = wanted.get(node)
        else:
            target = node.tensor() if node.__class__ is LeafNode else None
        if target is not None:
            accumulate(target, *taken(found, node))


def seed(tensor, gradient):
    """The cotangent to start from: ones for a single entry, else what the caller gave."""
    shape = tuple(tensor.shape)
    if gradient is None:
        if any(n != 1 for n in shape):
            raise RuntimeError(
                f"backward: a gradient is needed, as this Tensor has shape {shape} and no single "
                "entry; reduce it to one, x.sum().backward(), or pass gradient="
            )
        array = bottom(tensor.value)
        return np.ones_like(array, shape=shape) if shape else unit(array)
    if tuple(getattr(gradient, "shape", ())) != shape or not hasattr(gradient, "dtype"):
        raise ValueError(
            f"backward: the gradient has shape {tuple(np.shape(gradient))} but the Tensor {shape}"
        )
    same_device("backward", bottom(tensor), bottom(gradient), names=("the Tensor", "the gradient"))
    if is_tensor(gradient) and gradient.base is not None:
        gradient.base.refresh(gradient)
    return conjugate(gradient)


def conjugate(g):
    """torch's convention from ours and back: `.grad` is the direction of steepest ascent."""
    return conj(g) if g.dtype.kind == "c" else g


def set_grad(x, g):
    """x.grad = g: None, or a Tensor with the shape and dtype of x, and where x is."""
    if g is not None:
        if not is_tensor(g):
            raise TypeError(f"grad: a Tensor or None is needed, but this is {type(g).__name__}")
        if tuple(g.shape) != tuple(x.shape):
            raise ValueError(
                f"grad: the Tensor has shape {tuple(x.shape)} but its gradient {tuple(g.shape)}"
            )
        if g.dtype != x.dtype:
            raise TypeError(
                f"grad: the Tensor is {x.dtype} but its gradient {g.dtype}; convert it, "
                f"g.to({x.dtype})"
            )
        same_device("grad", bottom(x), bottom(g), names=("the Tensor", "the gradient"))
    x.gradient = g


def accumulate(leaf, g, alone):
    """Add a gradient to leaf.grad, through the leaf's hooks; alone: nobody else holds it."""
    g = arrived(leaf, g)
    old = leaf.gradient
    if is_tensor(g):
        leaf.gradient = g if old is None else old + g
    elif old is None:
        leaf.gradient = leaf.like(g if alone else own(g))
    elif old.node is None and can_add(old.value, g):
        np.add(old.value, g, out=old.value)
        if old.version is None:
            old.version = Version()
        old.version.bump()
    else:
        leaf.gradient = leaf.like(payload(old, leaf.level) + g)


def arrived(x, g):
    """The gradient of x as x shows it: by torch's convention, through the hooks of a leaf."""
    g = conjugate(g)
    return x.hooks.show(g) if x.hooks and x.node.__class__ is LeafNode else g


def can_add(old, g):
    """True where g may be added into the memory of `old`."""
    plain = not isinstance(old, (Value, np.generic)) and not isinstance(g, Value)
    writeable = plain and getattr(old.flags, "writeable", True)  # CuPy arrays always are
    return writeable and old.dtype == g.dtype and old.shape == g.shape


def references(found, node):
    """The gradient found for a node, taken out, and how many references to it are left."""
    g = found.pop(node)
    return g, sys.getrefcount(g)


ALONE = references({0: np.empty(1)}, 0)[1]  # if nobody else holds it: a matter of Python's version


def taken(found, node):
    """(the gradient found for a node, True where nobody else holds this array).

    A cotangent may be the very array that another leaf receives too, or that the user gave; `.grad`
    must not be, because it is changed in place.
    """
    g, count = references(found, node)
    return g, count <= ALONE and g.__class__ is ndarray and g.base is None


def own(g):
    """g in memory of its own."""
    return g if isinstance(g, (Value, np.generic)) else g.copy()


class HookedPlan:
    """A node's plan that first shows the arriving cotangent to a hook, which may replace it."""

    def __init__(self, plan, hook):
        self.plan, self.hook = plan, hook

    def __getattr__(self, name):
        return getattr(self.plan, name)

    def pull(self, gz, kept):
        """The plan's own pull, on what the hook made of gz."""
        return self.plan.pull(self.hook(gz), kept)

    def pull_terms(self, gz, kept):
        """The same in a recorded backward pass."""
        return self.plan.pull_terms(self.hook(gz), kept)
