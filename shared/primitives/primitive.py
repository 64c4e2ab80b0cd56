"""A primitive is one declaration: name, kernel, shape rule, derivatives in both modes, batch rule.

Declare the kind and derive the rest:

    elementwise   one diagonal derivative per operand; JVP, VJP, shape and batch rules follow
    linear        the JVP is the primitive itself, the VJP its transpose
    bilinear      one transpose per operand
    Primitive     everything spelled out

Notation: z = f(x, y); tangents dx dy dz; cotangents gx gy gz. The pairing is Re(sum(g * t)),
without a conjugate, so a holomorphic rule serves both modes.
"""

from typing import Any

import numpy as np

from ..backend import same_device
from ..dispatch import PLAIN, Value
from ..errors import describe, user_line
from .rules import Rule, parameters, push_plan, reverse_plan, shape_of, source_of

registry: dict[str, "Primitive"] = {}

DERIVED = ", or use a kind that derives it: elementwise, linear, bilinear"
PARTS = {
    "kernel": "kernel=, the NumPy function that computes it",
    "shape": "shape=, a function that gives the shape of the result" + DERIVED,
    "jvp": "jvp= (0 for a derivative that is zero everywhere)" + DERIVED,
    "vjp": "vjp= (0 for a derivative that is zero everywhere)" + DERIVED,
    "batch": "batch=, the rule for operands with a leading batch axis" + DERIVED,
}


class Primitive:
    """A function with a name, a NumPy kernel, a shape rule, a JVP, a VJP and a batch rule.

    kernel(x, y, *, axis): positional parameters are operands (one `*xs` makes it variadic),
    keyword-only ones are statics. shape(x, y, *, axis) sees anything with .shape and .dtype, raises
    the error that teaches, and returns the output's shape (a list of them with `outputs`).
    jvp and vjp: a dict of one rule per operand, `{"x": lambda dx, y: ...}`, `{"x": lambda gz, y:
    ...}`; or one rule for all operands, `lambda dx, dy, x: dz` and `lambda gz, x: (gx, gy)`; or 0,
    where the derivative is zero everywhere. Operands without a rule are not differentiable. For a
    variadic primitive: vjp `lambda gz, i, xs: gx` for operand i (or one rule for all), and jvp
    `lambda tangents, xs: dz` with None for a tangent that is zero.
    batch(args, batched, **static): operands whose flag is set carry the batch as leading axis; so
    must every result. dtype(x, y, **static) is the output's dtype, by default that of the operands.
    outputs: the number of results, where there are several (or "many", where a static decides).
    view: the result may share memory with its first operand.
    residuals: {name: function of the operands and statics, in primitives}, values besides z that
    rules may ask for; forward(x, y, *, axis) -> (z, residual, ...) computes all of them on arrays,
    in one go.

    Raises TypeError where a part is missing or a rule asks for a name that is nobody's.
    """

    # dual(mask, tangents, args, static) -> (z, dz): where both come from one computation
    dual = None
    # decomposition(x, y, *, axis): the same from simpler primitives, for the compiler to fuse
    decomposition: Any = None
    # of several outputs, those without a cotangent give the rule None in place of zeros
    zeros_are_none = False

    def __init__(
        self, name, kernel, *, shape=None, jvp=None, vjp=None, batch=None,
        dtype=None, operands=None, statics=(), outputs=None, view=False, register=True,
        residuals=None, forward=None,
    ):  # fmt: skip
        self.name, self.kernel, self.shape_rule, self.batch_rule = name, kernel, shape, batch
        self.operands, self.variadic, self.statics = _signature(kernel, operands, statics)
        self.dtype_rule, self.outputs, self.view = dtype, outputs, view
        self.residuals, self.forward = residuals or {}, forward
        given = {"kernel": kernel, "shape": shape, "jvp": jvp, "vjp": vjp, "batch": batch}
        for part in PARTS:
            if given[part] is None:
                raise TypeError(f"Primitive {name!r}: it has no {part}; declare {PARTS[part]}")
        self._declare_reverse(vjp)
        self._declare_forward(jvp)
        self.plans: dict[int, object] = {}
        self._pushes: dict[int, object] = {}
        if register:
            if name in registry:
                raise ValueError(
                    f"Primitive {name!r}: this name is declared already; choose another"
                )
            registry[name] = self

    def __call__(self, *args, **static):
        """Apply to arrays or Values; operands by position, statics by keyword.

        Who takes the call? The argument with the highest level; if none is a Value, the kernel.
        """
        top, highest = None, 0
        for a in args:
            if a.__class__ not in PLAIN and isinstance(a, Value) and a.level > highest:
                top, highest = a, a.level
        if top is not None:
            return top.interpret(self, args, static)
        try:
            return self.kernel(*args, **static)
        except Exception as error:
            raise self.explain(error, args, static) from None

    def __repr__(self):
        return f"Primitive({self.name!r}: {', '.join(self.operands)})"

    def _declare_reverse(self, vjp):
        self.reverse_joint, self.reverse_rules = None, {}
        if isinstance(vjp, dict):
            self.reverse_rules = self._rules(vjp, "gz")
            self.active = sum(1 << i for i in self.reverse_rules)
        elif not callable(vjp):
            self.active = 0
        else:
            self.reverse_joint = self._rule("vjp", vjp, ("gz",))
            self.active = -1 if self.variadic else (1 << len(self.operands)) - 1

    def _declare_forward(self, jvp):
        self.forward_rules, self.forward_joint = {}, None
        self.forward_kind = jvp if isinstance(jvp, str) else "rules"
        if isinstance(jvp, dict):
            self.forward_rules = self._rules(jvp, "d")
        elif callable(jvp) and self.variadic:
            self.forward_joint = Rule(jvp, "joint")
        elif callable(jvp):
            self.forward_kind = "joint"
            tangents = tuple(f"d{n}" for n in self.operands)
            wants = parameters(jvp)
            self._check("jvp", [n for n in wants if n not in tangents])
            self.forward_joint = Rule(jvp, "joint", wants)

    def _rules(self, rules, incoming):
        declared = {}
        for operand, rule in rules.items():
            if operand not in self.operands:
                raise TypeError(
                    f"Primitive {self.name!r}: a rule is given for {operand!r}, but the operands "
                    f"are {self.operands}"
                )
            if rule is None or (not callable(rule) and rule == 0):
                continue
            first = (incoming, "d") if incoming == "gz" else ("d", f"d{operand}")
            declared[self.operands.index(operand)] = self._rule(operand, rule, first)
        return declared

    def _rule(self, label, rule, incoming):
        if not callable(rule):
            return Rule(rule, "coefficient")
        names = parameters(rule)
        applies = names[:1] and names[0] in incoming
        wants = names[1:] if applies else names
        self._check(label, wants)
        return Rule(rule, "apply" if applies else "factor", wants)

    def _check(self, label, wants):
        for name in wants:
            if name == "i" and self.variadic:
                continue
            if source_of(name, self).startswith("static[") and name not in self.statics:
                raise TypeError(
                    f"Primitive {self.name!r}: the rule for {label} asks for {name!r}, which is no "
                    f"operand {self.operands}, not z, no shape or dtype of these, and no static "
                    f"{self.statics}"
                )

    def reverse(self, mask):
        """The generated record and pull for the active operands of `mask`."""
        plan = self.plans.get(mask)
        if plan is None:
            plan = self.plans[mask] = reverse_plan(self, mask)
        return plan

    def push(self, mask, tangents, args, z, static):
        """The tangent of z, given the tangents of the active operands of `mask`."""
        push = self._pushes.get(mask)
        if push is None:
            push = self._pushes[mask] = push_plan(self, mask)
        return push(tangents, args, z, static)

    def abstract(self, *args, **static):
        """(shape, dtype) of the result without computing it; a list of them for several outputs."""
        shape = self.shape_rule(*args, **static)
        dtype = self.dtype_rule or default_dtype
        rule = callable(dtype) and not isinstance(dtype, type)  # np.intp is callable too
        dtype = dtype(*args, **static) if rule else dtype
        if self.outputs is None:
            return tuple(shape), np.dtype(dtype)
        dtypes = dtype if isinstance(dtype, (list, tuple)) else [dtype] * len(shape)
        return [(tuple(s), np.dtype(d)) for s, d in zip(shape, dtypes, strict=True)]

    def explain(self, error, args, static):
        """The error to raise when the kernel failed: the shape rule's, if it has one to teach."""
        try:
            several = (
                [f"{self.operands[0]}[{i}]" for i in range(len(args))] if self.variadic else ()
            )
            same_device(self.name, *args, names=several or self.operands)
            if self.operands and not self.variadic and len(args) != len(self.operands):
                raise TypeError(
                    f"{self.name}: it takes {len(self.operands)} operand(s), "
                    f"{', '.join(self.operands)}, but got {len(args)}"
                )
            self.shape_rule(*args, **static)
        except (ValueError, TypeError, IndexError) as better:
            error = better
        except Exception:  # the shape rule itself stumbles over what the kernel refused
            error.args = error.args or ("",)
        if not any(note.startswith("in primitive ") for note in getattr(error, "__notes__", ())):
            given = ", ".join(describe(a) for a in args)
            error.add_note(f"in primitive {self.name}({given}) called at {user_line(3)}")
        return error


def default_dtype(*args, **static):
    """The dtype that all array operands share."""
    for a in args:
        dtype = getattr(a, "dtype", None)
        if dtype is not None:
            return dtype
    return np.result_type(*args)


def _signature(kernel, operands, statics):
    """(operand names, variadic?, static names) of a kernel; a ufunc does not tell its own."""
    code = getattr(kernel, "__code__", None)
    if code is None:
        return tuple(operands or ()), False, tuple(statics)
    count, keyword_only = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames[: count + keyword_only]
    statics = tuple(statics) or names[count:]
    if code.co_flags & 0x04:  # the kernel takes *xs
        return (code.co_varnames[count + keyword_only],), True, statics
    return tuple(operands or names[:count]), False, statics


def _one_rule_each(kind, name, kernel, rules):
    """TypeError unless each operand of the kernel has its rule: a derivative is never guessed."""
    operands, variadic, _ = _signature(kernel, None, ())
    count = getattr(kernel, "nin", len(operands))
    if len(rules) != count if count and not variadic else not rules:
        given = ", ".join(rules) or "none"
        raise TypeError(
            f"{kind} {name!r}: the kernel takes {count or 'some'} operand(s) but rules are given "
            f"for {given}; declare one for each, by its name (x=0 where there is no derivative)"
        )


def elementwise(
    name, kernel, *, dtype=None, statics=(), view=False, residuals=None, forward=None, **rules
):
    """z = f(x, y, ...) entry by entry: the kernel, then one derivative per operand, by its name.

    A rule is a factor, `x=lambda y: y` for dz/dx; a constant coefficient, `x=1`; or, where the
    product is wanted in another form, a function of the incoming direction `d`,
    `x=lambda d, y: d / y`. An entry of 0 or None has no derivative. Operands have equal ranks and
    broadcast along axes of size 1; a Python scalar has any rank.

    >>> from wonderland.shared.primitives import mul
    >>> mul(2.0, 3.0)
    np.float64(6.0)
    """
    _one_rule_each("elementwise", name, kernel, rules)
    operands = tuple(rules)

    def shape(*xs, **static):
        return broadcast_shape(name, operands, xs)

    def batch(args, batched, **static):
        return primitive(*leading_axes(args, batched), **static)

    primitive = Primitive(
        name, kernel, shape=shape, dtype=dtype, operands=operands, statics=statics,
        jvp=rules, vjp=rules, batch=batch, view=view, residuals=residuals, forward=forward,
    )  # fmt: skip
    return primitive


def linear(name, kernel, *, transpose=None, shape=None, batch=None, dtype=None, **parts):
    """z = A x: the JVP is the primitive itself, the VJP its transpose.

    transpose: one rule `lambda gz, x_shape: gx` where x is the only operand, else a dict of rules
    for the operands in which z is (jointly) linear, or one rule that returns all cotangents.
    """
    if transpose is None:
        raise TypeError(
            f"linear {name!r}: it has no transpose; declare transpose=, which takes a cotangent of "
            "the result to one of x (its VJP; the JVP is the primitive itself)"
        )
    names = _signature(kernel, parts.get("operands"), ())
    if callable(transpose) and not names[1] and len(names[0]) == 1:
        transpose = {names[0][0]: transpose}
    return Primitive(
        name, kernel, shape=shape, jvp="linear", vjp=transpose, batch=batch, dtype=dtype, **parts
    )


def bilinear(name, kernel, *, shape=None, batch=None, dtype=None, statics=(), **transposes):
    """z = B(x, y), linear in each operand alone: one transpose per operand, by its name.

    A transpose is a function of gz and of whatever it names: `x=lambda gz, y: gz @ y.T`.
    """
    _one_rule_each("bilinear", name, kernel, transposes)
    return Primitive(
        name, kernel, shape=shape, jvp="bilinear", vjp=transposes, batch=batch, dtype=dtype,
        operands=tuple(transposes), statics=statics,
    )  # fmt: skip


def broadcast_shape(name, operands, xs):
    """The shape that equal ranks broadcast to; ValueError with the axis where they do not.

    >>> broadcast_shape("add", "xy", (np.ones((2, 1)), np.ones((1, 3))))
    (2, 3)
    """
    shapes = [shape_of(x) for x in xs]
    rank = max(map(len, shapes))
    if any(len(s) not in (0, rank) for s in shapes):
        given = ", ".join(f"{n}: {s}" for n, s in zip(operands, shapes, strict=True))
        raise ValueError(f"{name}: operands have different ranks ({given}); add axes of size 1")
    result = []
    for axis, sizes in enumerate(zip(*[s for s in shapes if s], strict=True)):
        wide = list(dict.fromkeys(n for n in sizes if n != 1))
        if len(wide) > 1:
            given = ", ".join(f"{n}: {s}" for n, s in zip(operands, shapes, strict=True))
            raise ValueError(
                f"{name}: shapes do not broadcast: axis {axis} has {wide[0]} and {wide[1]} "
                f"({given})"
            )
        result.append(wide[0] if wide else 1)
    return tuple(result)


def leading_axes(args, batched):
    """Give every operand that is not batched a leading axis of size 1, so that ranks stay equal.

    A 0-d operand goes with any rank; once it carries a batch it needs axes of size 1 behind it.
    """
    ranks = [len(shape_of(a)) - flag for a, flag in zip(args, batched, strict=True)]
    widest = max(ranks)
    return [
        _widened_batch(a, widest - rank) if flag else a[None] if rank else a
        for a, flag, rank in zip(args, batched, ranks, strict=True)
    ]


def _widened_batch(a, missing):
    """A batch with axes of size 1 behind its leading axis."""
    return a[(slice(None), *(None,) * missing)] if missing else a
