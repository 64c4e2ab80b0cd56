"""Functions with derivatives of their own, over pytrees: custom_jvp and custom_vjp.

Each works in both modes, under vmap, and in any nesting; conventions are jax's.
"""

from functools import update_wrapper
from inspect import signature

import numpy as np

from ..shared import tree
from ..shared.custom import ForwardRule, ReverseRule
from ..shared.dispatch import Value
from ..shared.errors import describe
from .arguments import NUMBERS
from .results import Results


class Custom:
    """A function whose derivative the user declares; some arguments may stay outside of it."""

    def __init__(self, fun, nondiff_argnums=()):
        update_wrapper(self, fun)
        self.fun = fun
        given = (nondiff_argnums,) if isinstance(nondiff_argnums, int) else nondiff_argnums
        self.nondiff_argnums = tuple(sorted(given))

    def __get__(self, instance, owner=None):
        """As a method: the instance is the first argument."""
        return self if instance is None else _Bound(self, instance)

    @property
    def operation(self):
        """What errors begin with."""
        return f"{type(self).__name__} of {getattr(self.fun, '__name__', self.fun)}"

    def __call__(self, *args, **kwargs):
        """The function; its rule where a traced value is among the arguments."""
        args = self._positional(args, kwargs)
        fixed = [args[i] for i in self.nondiff_argnums]
        moving = tuple([a for i, a in enumerate(args) if i not in self.nondiff_argnums])
        leaves, structure = tree.flatten(moving)
        if not any(isinstance(x, Value) for x in leaves):
            return self.fun(*args)
        for i, x in enumerate(leaves):
            if not isinstance(x, (Value, *NUMBERS)) and not hasattr(x, "dtype"):
                raise TypeError(
                    f"{self.operation}: {self._place(moving, i)} is {describe(x)}, but only arrays "
                    "and numbers can be differentiated; name its argument in nondiff_argnums"
                )
        outs = Results(self.operation)

        def run(*leaves):
            return outs.flat(self.fun(*self._merged(structure.unflatten(leaves), fixed)))

        results = self.call(run, outs, structure, fixed)(*leaves)
        return tree.unflatten(outs.structure, results)

    def _positional(self, args, kwargs):
        """All arguments by position: the rules get them so."""
        if not kwargs and self.nondiff_argnums[-1:] < (len(args),):
            return args
        bound = signature(self.fun).bind(*args, **kwargs)
        bound.apply_defaults()
        if bound.kwargs:
            raise TypeError(
                f"{self.operation}: {', '.join(bound.kwargs)} can be given by keyword only, but a "
                "rule gets its arguments by position; close over it instead"
            )
        return bound.args

    def _merged(self, moving, fixed):
        """All arguments in their order, from the differentiated and the others."""
        moving, fixed = iter(moving), iter(fixed)
        count = len(self.nondiff_argnums)
        total = moving.__length_hint__() + count
        return [next(fixed if i in self.nondiff_argnums else moving) for i in range(total)]

    def _place(self, moving, leaf):
        path = tree.path_string(tree.leaves_with_path(moving)[leaf][0])
        return f"argument {path}"

    def undefined(self, how):
        """The error for a derivative of a function without a rule."""
        return TypeError(f"{self.operation}: it has no rule yet; declare it with {how}")


class _Bound:
    """A custom function as a method of an instance."""

    def __init__(self, custom, instance):
        self.custom, self.instance = custom, instance

    def __call__(self, *args, **kwargs):
        return self.custom(self.instance, *args, **kwargs)


class custom_jvp(Custom):
    """A function with its own derivative, declared forwards.

    The rule is rule(primals, tangents) -> (out, dout). Reverse mode transposes it, so dout must be
    linear in the tangents. primals and tangents are tuples with one entry per differentiated
    argument; arguments in nondiff_argnums come before them, each by itself.

    >>> @custom_jvp
    ... def double(x):
    ...     return 2 * x
    >>> @double.defjvp
    ... def rule(primals, tangents):
    ...     return double(*primals), 2 * tangents[0]
    """

    rule = None

    def defjvp(self, jvp):
        """Declare the rule; usable as a decorator."""
        self.rule = jvp
        return jvp

    def defjvps(self, *jvps):
        """Declare one rule per argument: jvp(dx, out, *args) -> its part of dout; None for zero."""

        def rule(*given):
            *fixed, primals, tangents = given
            out = self(*self._merged(primals, fixed))
            parts = [
                jvp(dx, out, *primals)
                for jvp, dx in zip(jvps, tangents, strict=True)
                if jvp is not None
            ]
            if not parts:
                return out, tree.map(lambda z: 0.0, out)
            return out, tree.map(lambda *ds: sum(ds[1:], ds[0]), parts[0], *parts[1:])

        self.rule = rule

    def call(self, run, outs, structure, fixed):
        """The primitive of one call."""
        if self.rule is None:
            raise self.undefined("defjvp(rule)")

        def rule(leaves, tangents):
            result = self.rule(*fixed, structure.unflatten(leaves), structure.unflatten(tangents))
            out, dout = paired(self.operation, "the rule returns (out, dout)", result)
            flat = outs.flat(out)
            return flat, outs.tangents(dout, flat)

        return ForwardRule(self.operation, run, rule)


class custom_vjp(Custom):
    """A function with its own derivative, declared backwards.

    fwd(*args) -> (out, residuals); bwd(residuals, gz) -> a tuple with one cotangent per argument,
    None for zero. Forward mode transposes bwd, which must be linear in gz. Arguments in
    nondiff_argnums are given to fwd in their places and to bwd before the residuals.

    >>> @custom_vjp
    ... def double(x):
    ...     return 2 * x
    >>> double.defvjp(lambda x: (2 * x, None), lambda residuals, gz: (2 * gz,))
    """

    fwd = bwd = None

    def defvjp(self, fwd, bwd):
        """Declare both halves."""
        self.fwd, self.bwd = fwd, bwd

    def call(self, run, outs, structure, fixed):
        """The primitive of one call."""
        if self.fwd is None:
            raise self.undefined("defvjp(fwd, bwd)")

        def ahead(*leaves):
            result = self.fwd(*self._merged(structure.unflatten(leaves), fixed))
            out, residuals = paired(self.operation, "fwd returns (out, residuals)", result)
            kept, kept_structure = tree.flatten(residuals)
            return outs.flat(out), kept, (kept_structure, [shape_of(x) for x in leaves])

        def back(note, residuals, gz):
            kept_structure, shapes = note
            residuals = kept_structure.unflatten(residuals)
            gs = self.bwd(*fixed, residuals, outs.structure.unflatten(gz))
            return self._cotangents(gs, structure, shapes)

        return ReverseRule(self.operation, run, ahead, back)

    def _cotangents(self, gs, structure, shapes):
        """What bwd returned, as one cotangent (or None) per leaf of the arguments."""
        parts = structure.children()
        if not isinstance(gs, (tuple, list)) or len(gs) != len(parts):
            count = f"{len(gs)}" if isinstance(gs, (tuple, list)) else f"a {type(gs).__name__}"
            raise TypeError(
                f"{self.operation}: bwd returns a tuple with one cotangent per argument, "
                f"{len(parts)}, but it returned {count}"
            )
        found = []
        for part, g in zip(parts, gs, strict=True):
            none = g is None
            found += [None] * part.num_leaves if none else part.flatten_up_to(g, self.operation)
        for i, (g, shape) in enumerate(zip(found, shapes, strict=True)):
            if g is not None and shape_of(g) != shape:
                path = tree.path_string(structure.paths()[i]) if structure.paths() else i
                raise ValueError(
                    f"{self.operation}: a cotangent has the shape of its argument, but bwd gave "
                    f"{shape_of(g)} for argument {path} of shape {shape}"
                )
        return [np.asarray(g) if isinstance(g, NUMBERS) else g for g in found]


def paired(operation, promise, result):
    """The two parts of what a rule returned."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError(f"{operation}: {promise}, but it returned {describe(result)}")
    return result


def shape_of(x):
    """x.shape as a tuple, () for a number."""
    return tuple(getattr(x, "shape", ()))
