"""Function: an operation whose backward pass the user writes.

A Function is a primitive like any other, whose kernel is `forward` and whose VJP is `backward`. So
it is recorded by Tensors and by functional transforms alike: a purified model that uses one has the
gradients of its `backward`. It differs from the primitives of the table in what its tape keeps: a
context, filled by one run of `forward`.
"""

from types import SimpleNamespace

import numpy as np

from ...shared.backend import is_array
from ...shared.dispatch import Value
from ...shared.errors import NotDifferentiableError
from ...shared.primitives.barrier import stop_gradient
from ...shared.primitives.joining import stack
from ...shared.primitives.primitive import Primitive
from ...shared.tape import outputs_of
from ..grad_mode import recording
from ..graph import Version, conjugate, here
from ..tensor import Tensor, wrap


class Context:
    """What `forward` leaves for `backward`: save_for_backward(...), and attributes of any name."""

    def __init__(self, needs_input_grad):
        self.needs_input_grad = needs_input_grad
        self._saved, self._constant, self._lifted = (), (), None

    def save_for_backward(self, *tensors):
        """Keep inputs and outputs (or other Tensors, or None) for `backward`."""
        self._saved = tensors

    @property
    def saved_tensors(self):
        """What save_for_backward was given."""
        return tuple(self._saved) if self._lifted is None else self._lifted

    def mark_non_differentiable(self, *tensors):
        """These outputs get no gradient; integers and booleans get none anyhow."""
        self._constant = tensors

    def set_materialize_grads(self, value):
        """Kept for torch's scripts: gradients of outputs that nobody used are zeros here."""

    def mark_dirty(self, *tensors):
        """Not supported: `forward` returns new Tensors."""
        raise NotImplementedError(
            "mark_dirty: a Function that changes its inputs in place is not supported; return new "
            "Tensors from forward"
        )


class Call:
    """One call of a Function: its arguments but for the Tensors.

    single, constant: whether forward returned one Tensor, and which of them get no gradient; known
    after the first run.
    """

    def __init__(self, function, args):
        self.function = function
        self.places = [i for i, a in enumerate(args) if isinstance(a, Value)]
        self.needs = tuple([needs_gradient(a) for a in args])
        self.args = [None if isinstance(a, Value) else a for a in args]
        self.single, self.constant = True, ()

    def run(self, payloads):
        """(context, Tensors given, Tensors returned) of one run of forward on payloads."""
        context = Context(self.needs)
        given = [wrap(x) for x in payloads]
        args = list(self.args)
        for place, x in zip(self.places, given, strict=True):
            args[place] = x
        token = recording.set(False)
        try:
            out = self.function.forward(context, *args)
        finally:
            recording.reset(token)
        self.single = not isinstance(out, tuple)
        out = (out,) if self.single else out
        for i, z in enumerate(out):
            if not isinstance(z, Tensor):
                raise TypeError(
                    f"{self.function.__name__}: forward must return Tensors, but result {i} is a "
                    f"{type(z).__name__}"
                )
        marked = [find(out, t) for t in context._constant]
        self.constant = [i in marked or z.dtype.kind not in "fc" for i, z in enumerate(out)]
        return context, given, out

    def results(self, given, out):
        """The payloads of the results, none of them in the memory of an input."""
        inputs = [x.value for x in given if is_array(x.value)]
        values = [z.fresh().value for z in out]
        return tuple([
            z.copy() if is_array(z) and any(np.may_share_memory(z, x) for x in inputs) else z
            for z in values
        ])  # fmt: skip


def needs_gradient(x):
    """True for what a Tensor's tape or a functional transform may differentiate."""
    if not isinstance(x, Value) or x.dtype.kind not in "fc":
        return False
    return not isinstance(x, Tensor) or x.requires_grad or isinstance(x.value, Value)


class Residuals:
    """What the tape keeps: the context, and what each saved Tensor was: input, output, or other."""

    def __init__(self, call, context, given, out):
        self.call, self.context = call, context
        self.like = [SimpleNamespace(shape=tuple(z.shape), dtype=z.dtype) for z in out]
        self.inputs = {i: find(given, t) for i, t in enumerate(context._saved)}
        self.outputs = {i: find(out, t) for i, t in enumerate(context._saved)}

    def pull(self, cotangents, lifted=None):
        """The cotangents of the inputs, by the user's backward; Tensors where `lifted` is given."""
        call, context = self.call, self.context
        context._lifted = lifted
        token = recording.set(lifted is not None)
        try:
            grads = call.function.backward(
                context, *[conjugate(g if isinstance(g, Tensor) else wrap(g)) for g in cotangents]
            )
        finally:
            recording.reset(token)
            context._lifted = None
        grads = grads if isinstance(grads, tuple) else (grads,)
        found = [self.checked(i, grads) for i in call.places]
        return [None if g is None else g if lifted is not None else g.value for g in found]

    def checked(self, place, grads):
        """The gradient of the argument at a place, conjugated as cotangents are."""
        call = self.call
        if len(grads) < len(call.args) or any(g is not None for g in grads[len(call.args) :]):
            raise RuntimeError(
                f"{call.function.__name__}: backward returned {len(grads)} gradients for the "
                f"{len(call.args)} arguments of forward; return one each, None for what needs none"
            )
        g = grads[place]
        if g is None:
            return None
        if not isinstance(g, Tensor):
            raise TypeError(
                f"{call.function.__name__}: backward must return Tensors or None, but the gradient "
                f"of argument {place} is a {type(g).__name__}"
            )
        return conjugate(g.fresh())


def find(tensors, t):
    """The place of a Tensor among others, by identity; None where it is not there."""
    return next((i for i, x in enumerate(tensors) if x is t), None)


class FunctionPlan:
    """record, pull and lift for one set of inputs that are on the tape."""

    guards_all, guarded, operands_kept, output_kept = False, (), (), None

    def __init__(self, primitive, mask):
        self.primitive = primitive
        self.active = [i for i in range(mask.bit_length()) if mask >> i & 1]

    def record(self, run, kind, args, parents, static):
        """Run forward, and keep its context; what lies below records the Function for itself."""
        call = static["call"]
        context, given, out = call.run(args)
        if any(isinstance(a, Value) for a in args):
            z = self.primitive(*args, **static)
        else:
            z = call.results(given, out)
        node = kind(self, parents, (Residuals(call, context, given, out),), None, None)
        return z, node

    def pull(self, gz, kept):
        """The cotangents of the active inputs."""
        residuals, *lifted = kept
        found = residuals.pull(gz, *lifted)
        return tuple([found[i] for i in self.active])

    def lift(self, node, like):
        """The residuals, and the saved Tensors with their nodes."""
        residuals = node.kept[0]
        parents = dict(zip(self.active, node.parents, strict=True))
        outs = outputs_of(residuals.like, node)
        versions = dict(zip(residuals.guarded, node.guards, strict=True))
        saved = []
        for i, t in enumerate(residuals.context._saved):
            place, result = residuals.inputs[i], residuals.outputs[i]
            source = parents.get(place) if result is None else outs[result]
            saved.append(None if t is None else like(t.value, source, versions.get(i)))
        return residuals, tuple(saved)

    pull_terms = pull


class FunctionPrimitive(Primitive):
    """A Function as a primitive of any number of operands, with the Call as its static."""

    def __init__(self, function):
        self.function = function
        super().__init__(
            function.__name__, _forward, shape=_shapes, dtype=_dtypes, jvp="linear",
            vjp=lambda gz: gz, batch=self.one_by_one, outputs="many", register=False,
        )  # fmt: skip

    def reverse(self, mask):
        """The plan for the inputs of a mask."""
        if mask not in self.plans:
            self.plans[mask] = FunctionPlan(self, mask)
        return self.plans[mask]

    def push(self, mask, tangents, args, z, static):
        """The tangents of the results, by the user's jvp."""
        call = static["call"]
        if getattr(self.function, "jvp", None) is None:
            raise NotDifferentiableError(
                f"{self.name}: this autograd.Function has no forward-mode derivative; define "
                "jvp(ctx, *tangents) in it, or use reverse mode (grad, vjp, backward)"
            )
        context = call.run(args)[0]
        tangents = iter(tangents)
        given = [None] * len(call.args)
        for i, place in enumerate(call.places):
            given[place] = wrap(next(tangents)) if mask >> i & 1 else None
        found = self.function.jvp(context, *given)
        found = found if isinstance(found, tuple) else (found,)
        return tuple([None if dz is None else dz.value for dz in found])

    def one_by_one(self, args, batched, call):
        """The batch rule: a loop, as only the user knows how `forward` treats another axis."""
        sizes = [a.shape[0] for a, flag in zip(args, batched, strict=True) if flag]
        if not sizes[0]:
            raise ValueError(
                f"{self.name}: vmap of an autograd.Function needs a batch of 1 or more"
            )
        rows = [
            self(*[a[i] if flag else a for a, flag in zip(args, batched, strict=True)], call=call)
            for i in range(sizes[0])
        ]
        return tuple([stack(*zs, axis=0) for zs in zip(*rows, strict=True)])

    def explain(self, error, args, static):
        """The user's own error, with the name of the Function."""
        error.add_note(f"in forward of the autograd.Function {self.name}")
        return error


def _forward(*xs, call):
    _, given, out = call.run(xs)
    return call.results(given, out)


def _abstract(xs, call):
    return _forward(*[np.zeros(x.shape, x.dtype) for x in xs], call=call)


def _shapes(*xs, call):
    return [z.shape for z in _abstract(xs, call)]


def _dtypes(*xs, call):
    return [z.dtype for z in _abstract(xs, call)]


class Function:
    """An operation with a backward pass of its own: subclass it, and call `apply`.

    forward(ctx, *args) computes, unrecorded, and returns a Tensor or a tuple of them; it may keep
    Tensors with ctx.save_for_backward. backward(ctx, *grads) gets a gradient per result and returns
    one per argument, None for what has none; it is recorded, and so differentiable, under
    create_graph=True. jvp(ctx, *tangents), if there is one, serves forward mode.

    >>> import wonderland.oop as oop
    >>> class Double(oop.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * 2
    >>> x = oop.tensor(3.0, requires_grad=True)
    >>> Double.apply(x).backward()
    >>> x.grad
    tensor(2.)
    """

    jvp = None
    _primitive = None

    @staticmethod
    def forward(ctx, *args):
        """The results, from the arguments of `apply`."""
        raise NotImplementedError("Function: define forward(ctx, *args) as a staticmethod")

    @staticmethod
    def backward(ctx, *grads):
        """The gradients of the arguments, from those of the results."""
        raise NotImplementedError("Function: define backward(ctx, *grads) as a staticmethod")

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls._primitive = FunctionPrimitive(cls)

    @classmethod
    def apply(cls, *args):
        """forward(ctx, *args), recorded with this Function's backward pass."""
        call = Call(cls, args)
        tensors = [args[i] for i in call.places]
        if not tensors:
            raise TypeError(f"{cls.__name__}: apply needs one Tensor at least among its arguments")
        out = cls._primitive(*tensors, call=call)
        guard(out[0], tensors, out)
        out = tuple([
            constant(z) if flag else z for z, flag in zip(out, call.constant, strict=True)
        ])  # fmt: skip
        return out[0] if call.single else out


def constant(z):
    """z without a derivative."""
    return z.detach() if isinstance(z, Tensor) else stop_gradient(z)


def guard(z, tensors, out):
    """Note the versions of the inputs and outputs that the node of z keeps."""
    if not isinstance(z, Tensor) or z.node is None:
        return
    node = z.node.parents[0]
    residuals = node.kept[0]
    residuals.guarded, guards = [], []
    for i, place in residuals.inputs.items():
        t = tensors[place] if place is not None else residuals.context._saved[i]
        if residuals.outputs[i] is not None:
            t = out[residuals.outputs[i]]
        if isinstance(t, Tensor):
            t.version = t.version or Version()
            residuals.guarded.append(i)
            guards.append(t.version)
    node.guards, node.line = tuple(guards), here()
