"""Tensor: an array that remembers how it was made, and collects gradients.

A Tensor is a `Value` like any other, with a tape that outlives the call. Its level is the depth of
the transform it was born in, plus one half: it sees values of that transform as its payload, and
the transforms inside see it as a constant one level down.

Here is what the tape needs; the rest of torch's surface is attached in `methods`.
"""

from functools import partial
from operator import attrgetter
from sys import _getframe

import numpy as np

from ..shared.backend import as_array, device_of, host, of_python
from ..shared.dispatch import PLAIN, Value, bottom, depth
from ..shared.primitives.barrier import stop_gradient
from ..shared.primitives.indexing import getitem
from ..shared.primitives.keys import native
from ..shared.tape import outputs_of
from . import conversion, graph, hooks, promotion
from .dtypes import KINDS, get_default_dtype
from .grad_mode import recording, stopped
from .graph import LeafNode, TensorNode, Version, here, known_files
from .placement import device
from .views import Piece, View, in_memory, renew, shares_memory

new = object.__new__


def wrap(value, node=None, level=None):
    """A Tensor around a payload; at the present depth unless a level is given."""
    t = new(Tensor)
    t.value, t.node, t.base, t.version = value, node, None, None
    t.level = depth.get() + 0.5 if level is None else level
    return t


def constant(x):
    """A Tensor of a number, a list or an array, whose own dtype stays; Python's floats narrow."""
    if isinstance(x, Tensor):
        return Tensor(x)
    return wrap(x if isinstance(x, Value) else numbers(x))


def numbers(x):
    """The array that `constant` holds; Python's floats become what set_default_dtype says."""
    array = as_array(x)
    kind = array.dtype.kind
    if kind in "fc" and array.dtype != KINDS[kind] and of_python(x):
        return as_array(x, KINDS[kind])
    return array


def legacy(data, dtype):
    """What torch.FloatTensor and its kin hold: sizes give zeros, anything else is converted.

    >>> legacy(([1, 2],), np.dtype(np.float32)), legacy((1, 2), np.dtype(np.float32))
    (array([1., 2.], dtype=float32), array([[0., 0.]], dtype=float32))
    """
    if all(x.__class__ is int for x in data):
        return np.zeros(data or (0,), dtype)
    if len(data) > 1:
        given = ", ".join(type(x).__name__ for x in data)
        raise TypeError(
            f"Tensor: several arguments are sizes, and those are integers, but these are {given}; "
            "data goes into one list: Tensor([1.0, 2.0])"
        )
    return as_array(data[0], dtype)


class Tensor(Value):
    """An array with a gradient. Read `oop.tensor` for how to make one.

    Tensor(data) is torch's old constructor: a list becomes the default float, integers too, and
    Tensor(2, 3) has these sizes (zeros: nobody should see what memory happened to hold). An array
    keeps its dtype and its memory.

    value    the payload: an array, or inside a transform that transform's value
    node     where it was recorded; None for a constant
    base     for a view: how it is made from the Tensor it looks into; else None
    version  counts changes in place; None until somebody needs to know
    """

    __slots__ = ("__dict__", "__weakref__", "base", "level", "node", "value", "version")
    gradient = None  # what `grad` shows, for those who made it and need not check it
    hooks = None
    former_version = None
    retains = None

    def __init__(self, *data, requires_grad=False):
        self.node = self.base = self.version = None
        self.level = depth.get() + 0.5
        x = data[0] if len(data) == 1 else data
        if isinstance(x, Tensor):
            x = x.detach()
            self.version = x.version if x.level == self.level else None
            x = x.value
        if not isinstance(x, Value):
            x = as_array(x) if hasattr(x, "dtype") else legacy(data, get_default_dtype())
        self.value = x
        if requires_grad:
            self.requires_grad_(requires_grad)

    def interpret(self, primitive, args, static):
        """Apply one level down; record it where a differentiable operand requires a gradient."""
        level, active = self.level, primitive.active
        if len(args) == 1:  # one and two operands are unrolled: the hot path
            if self.base is not None and self.base.count != self.version.count:
                renew(self)
            mask = active & 1 if self.node is not None else 0
            x, parents = self.value, (self.node,)
            values, plain = (x,), x.__class__ in PLAIN
        elif len(args) == 2:
            x, y = args
            mask, parents = 0, ()
            if isinstance(x, Tensor) and x.level == level:
                if x.base is not None and x.base.count != x.version.count:
                    renew(x)
                if x.node is not None and active & 1:
                    mask, parents = 1, (x.node,)
                x = x.value
            if isinstance(y, Tensor) and y.level == level:
                if y.base is not None and y.base.count != y.version.count:
                    renew(y)
                if y.node is not None and active & 2:
                    mask, parents = mask | 2, (*parents, y.node)
                y = y.value
            values, plain = (x, y), x.__class__ in PLAIN and y.__class__ in PLAIN
        else:
            values, parents, mask, plain = unwrapped(args, level, active)
        if not mask or not recording.get():
            return self._unrecorded(primitive, args, values, static, plain)
        try:
            plan = primitive.plans[mask]
        except KeyError:
            plan = primitive.reverse(mask)
        try:
            run = primitive.kernel if plain else primitive
            z, node = plan.record(run, TensorNode, values, parents, static)
        except Exception as error:
            raise (primitive.explain(error, values, static) if plain else error) from None
        if primitive.outputs is not None:
            return self._several(primitive, args, z, node, static)
        t = new(Tensor)  # wrap(), here without the call
        t.value, t.node, t.base, t.version, t.level = z, node, None, None, level
        guards = args if plan.guards_all else tuple([args[i] for i in plan.guarded])
        if plan.output_kept is not None:
            t.version = version = Version()
            guards = (*guards, version)
        node.guards = guards
        if guards:
            frame = _getframe(2)  # here(), without the call where the user's line is the caller's
            code = frame.f_code
            at_user = known_files.get(code.co_filename) is False
            node.line = (code, frame.f_lasti) if at_user else here(3)
        if primitive.view:
            look_into(t, primitive, args, static)
        return t

    def _unrecorded(self, primitive, args, values, static, plain):
        """The result as a constant."""
        z = primitive(*values, **static)
        if not plain:
            z = stopped(z, recording.get())
        several = primitive.outputs is not None
        z = tuple([wrap(x, None, self.level) for x in z]) if several else wrap(z, None, self.level)
        if primitive.view:
            look_into(z, primitive, args, static)
        return z

    def _several(self, primitive, args, zs, node, static):
        """Wrap the recorded results of a primitive with several outputs."""
        pairs = zip(zs, outputs_of(zs, node), strict=True)
        z = tuple([wrap(x, n, self.level) for x, n in pairs])
        plan = node.plan
        node.guards = args if plan.guards_all else tuple([args[i] for i in plan.guarded])
        node.line = here(3)
        if plan.output_kept is not None:
            for x in z:
                x.version = Version()
            node.guards += tuple([x.version for x in z])
        if primitive.view:
            look_into(z, primitive, args, static)
        return z

    def like(self, value, node=None, version=None):
        """A Tensor around another payload, at the level of this one."""
        t = wrap(value, node, self.level)
        t.version = version
        return t

    def fresh(self):
        """self, made anew first where it is a view whose memory was changed."""
        if self.base is not None:
            self.base.refresh(self)
        return self

    @property
    def requires_grad(self):
        """True where backward() reaches this Tensor."""
        return self.fresh().node is not None

    @requires_grad.setter
    def requires_grad(self, flag):
        self.requires_grad_(flag)

    def requires_grad_(self, requires_grad=True):
        """Start (or stop) to collect gradients here; in place, returns self."""
        node = self.fresh().node
        if requires_grad and node is None:
            if self.dtype.kind not in "fc":
                raise TypeError(
                    f"requires_grad: only float and complex Tensors have gradients, but this is "
                    f"{self.dtype}{list(self.shape)}; convert it first, x.float()"
                )
            self.node = LeafNode(self)
        elif not requires_grad and node is not None:
            if not self.is_leaf:
                raise RuntimeError(
                    f"requires_grad: a Tensor made by {self.node.plan.primitive.name} cannot stop "
                    "requiring a gradient; use x.detach()"
                )
            self.node = None
        return self

    grad = property(attrgetter("gradient"), graph.set_grad, doc="What backward() has collected.")

    @property
    def is_leaf(self):
        """True for a Tensor that no recorded operation made."""
        node = self.fresh().node
        return node is None or node.plan is None

    @property
    def retains_grad(self):
        """True for an intermediate Tensor whose gradient is kept."""
        return self.retains is not None

    def detach(self):
        """The same memory as a Tensor without history: values written to one are seen by both.

        The gradient is cut in both directions: what is written through the detached Tensor changes
        the values of this one, and not its history.
        """
        self.fresh()
        if self.version is None:
            self.version = Version()
        if isinstance(self.value, np.generic):
            self.value = np.asarray(self.value)  # memory that can be shared
        value = self.value
        value = stop_gradient(value) if isinstance(value, Value) else value
        t = wrap(value, None, self.level)
        t.version = self.version
        if not in_memory(self):  # then a change is no change of memory, and has to be looked up
            t.base = View(self, stop_gradient, (), {})
        return t

    def numpy(self, *, force=False):
        """The payload as a NumPy array, sharing memory; RuntimeError where a gradient is required.

        force: of the detached Tensor, on the host.
        """
        if force:
            return self.detach().cpu().numpy()
        if hasattr(self.value, "concrete"):  # a value that has no entries says why
            self.value.concrete("numpy")
        if self.requires_grad:
            raise RuntimeError(
                "numpy: this Tensor requires a gradient, which NumPy would not see; "
                "use x.detach().numpy()"
            )
        if isinstance(self.value, Value):
            raise RuntimeError(
                f"numpy: this Tensor holds a traced value ({type(self.value).__name__}) of a "
                "functional transform; NumPy would not see it"
            )
        if device_of(self.value) != "cpu":
            raise TypeError(f"numpy: this Tensor is on {self.device}; use x.cpu().numpy()")
        if isinstance(self.value, np.generic):
            self.value = np.asarray(self.value)
        return self.value

    def item(self):
        """The only entry, as a Python number."""
        value = self.fresh().value
        value = host(value.concrete("item") if isinstance(value, Value) else value)
        if value.size != 1:
            raise ValueError(
                f"item: a Tensor of shape {tuple(self.shape)} has {value.size} entries"
            )
        return value.item()

    @property
    def device(self):
        """'cpu' or 'cuda:0', which knows its type and index."""
        return device(device_of(bottom(self.value)))

    def to(self, *args, **kwargs):
        """x on another device and/or with another dtype: to("cuda"), to(float32), to(other)."""
        return conversion.to(self, *args, **kwargs)

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        """Add d self / d leaf, times `gradient`, to the `.grad` of every leaf that self is made of.

        gradient: needed unless self has one entry. retain_graph: keep what the tape holds, so that
        backward can run again. create_graph: record the backward pass itself. inputs: the Tensors
        to add to, instead of all leaves.
        """
        graph.backward(
            [self], [gradient], retain_graph=retain_graph, create_graph=create_graph, inputs=inputs
        )

    def register_hook(self, hook):
        """Call hook(grad) when the gradient of self is known; what it returns replaces it."""
        return hooks.register_hook(self, hook, partial(wrap, level=self.level))

    def retain_grad(self):
        """Keep the gradient of this intermediate Tensor in `.grad`."""
        hooks.retain_grad(self, partial(wrap, level=self.level))

    @staticmethod
    def result_type(xs):
        """torch's promotion: a wider kind wins, and within a kind only Tensors with axes count."""
        return promotion.result_type(xs)

    @property
    def float_type(self):
        """The float that integers turn into: the default, float32."""
        return get_default_dtype()

    def __repr__(self):
        body = repr_of(self.fresh().value)
        if self.node is not None:
            plan = self.node.plan
            body += ", requires_grad=True" if plan is None else f", grad_fn=<{plan.primitive.name}>"
        return f"tensor({body})"


def unwrapped(args, level, active):
    """(operands one level down, nodes of those on the tape, their mask, all plain arrays?)."""
    values, parents, mask, plain = [], [], 0, True
    for i, a in enumerate(args):
        if isinstance(a, Tensor) and a.level == level:
            if a.base is not None and a.base.count != a.version.count:
                renew(a)
            if a.node is not None and active >> i & 1:
                mask |= 1 << i
                parents.append(a.node)
            a = a.value
        values.append(a)
        if a.__class__ not in PLAIN:
            plain = False
    return values, parents, mask, plain


def look_into(z, primitive, args, static):
    """Remember that z (or each of several) is a view of the first argument, if memory is shared."""
    x = args[0]
    if not isinstance(x, Tensor):
        return
    if isinstance(z, tuple):
        for i, piece in enumerate(z):
            look_into(piece, Piece(primitive, i), args, static)
        return
    if isinstance(x.value, np.generic):  # memory that can be shared
        x.value = np.asarray(x.value)
        z.value = primitive(x.value, *[graph.payload(a, x.level) for a in args[1:]], **static)
    elif isinstance(z.value, np.generic) and primitive is getitem:
        z.value = x.value[(*native(static["key"]), ...)]
    if shares_memory(z.value, x.value):
        if x.version is None:
            x.version = Version()
        z.version = x.version
        z.base = View(x, primitive, args[1:], static)


def repr_of(value):
    """The text of a payload, as NumPy prints it, with a dtype where it is no default."""
    if isinstance(value, Value):
        return repr(value)
    value = host(value)
    text = np.array2string(np.asarray(value), separator=", ", prefix="tensor(")
    default = value.dtype in (np.dtype(np.float32), np.dtype(np.int64), np.dtype(bool))
    return text if default else f"{text}, dtype={value.dtype}"
