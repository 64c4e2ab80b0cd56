"""Derivative rules, resolved once: from a rule's parameter names to the code that feeds it.

A rule is a function whose *parameter names* say what it needs: an operand (`x`), the output (`z`),
a shape or dtype (`x_shape`, `x_dtype`), a static of the primitive (`axis`) or one of its residuals.
For each set of active operands ("mask") small functions are generated, so that nothing is looked up
by name per call:

    record(run, kind, args, parents, static) -> z, node    apply and write down what pull needs
    pull(gz, kept) -> (gx, ...)                            one cotangent per active operand
    pull_terms(gz, kept) -> (gx, ...)                      the same, products left uncomputed
    push(tangents, args, z, static) -> dz                  the tangent of the output

Generated code contains names from the rule's own signature only, which are Python identifiers.
"""

import linecache

import numpy as np

from ..cotangents import Terms
from ..dispatch import Value, bottom
from ..node import new, next_order
from .ahead import Ahead

SUFFIXES = {"_shape": "shape_of({})", "_dtype": "{}.dtype", "_ndim": "len(shape_of({}))"}


def parameters(function):
    """The positional parameter names of a Python function; () for ufuncs and builtins."""
    code = getattr(function, "__code__", None)
    return () if code is None else code.co_varnames[: code.co_argcount]


def shape_of(x):
    """x.shape, or () for a Python scalar."""
    return getattr(x, "shape", ())


def zeros_like(x):
    """Zeros with the shape and dtype of x, on its device; never traced."""
    array = bottom(x)
    if array is not x and x.weak:  # a Python number stays one, and takes its neighbours' dtype
        return x.weak(0)
    return np.zeros_like(array, shape=x.shape) if hasattr(array, "dtype") else 0


class Rule:
    """One derivative rule: a function, or a constant coefficient, and the values it asks for.

    kind: 'coefficient' (gx = c gz), 'factor' (gx = gz f(...)), 'apply' (gx = f(gz, ...)) or 'joint'
    (all operands at once). `wants` are the names kept for it.
    """

    __slots__ = ("function", "kind", "wants")

    def __init__(self, function, kind, wants=()):
        self.function, self.kind, self.wants = function, kind, wants


class Plan:
    """The generated functions of one primitive for one mask of active operands.

    record(run, kind, args, parents, static): apply the primitive one level down (`run` is the
    kernel, or the primitive itself where somebody else must be asked) and make its node, of class
    `kind`.

    `operands_kept` lists (place among the kept values, operand index); `output_kept` the place of z
    or None. The object-oriented tape needs both, to guard kept values against in-place changes and
    to reconnect them when the backward pass is itself recorded.
    """

    __slots__ = (
        "active", "guarded", "guards_all", "operands_kept", "output_kept", "primitive", "pull",
        "pull_terms", "record", "wants",
    )  # fmt: skip

    def __init__(self, primitive, active, wants):
        self.primitive, self.active = primitive, active
        names = primitive.operands
        self.operands_kept = [(i, names.index(n)) for i, n in enumerate(wants) if n in names]
        self.output_kept = wants.index("z") if "z" in wants else None
        self.wants = wants
        self.guarded = sorted([operand for _, operand in self.operands_kept])
        if primitive.variadic and self.guarded:
            self.guarded = None  # any of them
        self.guards_all = self.guarded is None or len(self.guarded) == len(names)

    def recomputed(self, kept):
        """The kept values with the residuals among them computed anew from the operands."""
        residuals = self.primitive.residuals
        named = dict(zip(self.wants, kept, strict=True))
        if not residuals.keys() & named.keys():
            return tuple(kept)
        operands = [named[name] for name in self.primitive.operands]
        statics = {name: named[name] for name in self.primitive.statics if name in named}
        return tuple([
            residuals[name](*operands, **statics) if name in residuals else x
            for name, x in named.items()
        ])  # fmt: skip


def source_of(name, primitive):
    """The expression that computes a kept value inside `record` and `push`."""
    if name == "z" or name in primitive.operands:
        return name
    if name in primitive.residuals:
        return f"residual_{name}({', '.join(primitive.operands)}, **static)"
    for suffix, expression in SUFFIXES.items():
        owner = name.removesuffix(suffix)
        if owner != name and (owner == "z" or owner in primitive.operands):
            if primitive.variadic:
                return f"tuple([{expression.format('a')} for a in {owner}])"
            return expression.format(owner)
    return f"static[{name!r}]"


def _compile(primitive, kind, source, rules, plan=None):
    filename = f"<wonderland {primitive.name}.{kind}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    scope = {"shape_of": shape_of, "zeros_like": zeros_like, "primitive": primitive, "Terms": Terms}
    scope.update(new=new, next_order=next_order, plan=plan, forward=primitive.forward)
    if primitive.residuals:
        scope.update(ahead=Ahead(primitive).recorded, Value=Value)
    scope.update({f"residual_{name}": f for name, f in primitive.residuals.items()})
    scope.update({f"rule{i}": rule.function for i, rule in rules.items()})
    exec(compile(source, filename, "exec"), scope)  # from our own table of rules, see above
    return scope[kind]


# The node is filled here, without its __init__, as this is the hot path.
RECORD = """def record(run, kind, args, parents, static):
    {operands} = args
    {apply}
    node = new(kind)
    node.order, node.plan, node.parents, node.kept = next_order(), plan, parents, ({kept})
    {like}
    return z, node
"""


def _record_source(primitive, wants):
    operands = primitive.operands[0] if primitive.variadic else ", ".join(primitive.operands) + ","
    arguments = f"*{operands}, " if primitive.variadic else operands
    several = "node.shape = node.dtype = None"
    arguments = f"{arguments} **static" if primitive.statics else arguments
    names = primitive.residuals.keys() & set(wants)
    return RECORD.format(
        operands=operands,
        apply=_with_residuals(primitive, arguments) if names else f"z = run({arguments})",
        kept="".join((n if n in names else source_of(n, primitive)) + ", " for n in wants),
        like="node.shape, node.dtype = z.shape, z.dtype" if primitive.outputs is None else several,
    )


def _with_residuals(primitive, arguments):
    """The code for z and all residuals: by one kernel on arrays, each by primitives on Values."""
    names = ", ".join(primitive.residuals)
    each = ", ".join(source_of(name, primitive) for name in primitive.residuals)
    return (
        f"if run is plan.primitive.kernel:\n        z, {names} = forward({arguments})\n"
        f"    elif any([isinstance(a, Value) and a.direct for a in args]):\n"
        f"        z, {names} = ahead({arguments})\n"
        f"    else:\n        z = run({arguments})\n        {names}, = {each},"
    )


def _apply(index, rule, direction):
    """The code that applies one rule to the incoming `direction` (gz or dx)."""
    arguments = ", ".join(rule.wants)
    if rule.kind == "coefficient":
        return {1: direction, -1: f"-{direction}"}.get(rule.function, f"{direction} * rule{index}")
    if rule.kind == "factor":
        return f"{direction} * rule{index}({arguments})"
    return f"rule{index}({direction}{', ' + arguments if arguments else ''})"


def _term(index, rule):
    """As _apply for gz, but a product is left to Terms."""
    if rule.kind == "coefficient":
        return f"Terms([gz, {f'rule{index}' if rule.function not in (1, -1) else rule.function}])"
    if rule.kind == "factor":
        return f"Terms([gz, rule{index}({', '.join(rule.wants)})])"
    return _apply(index, rule, "gz")


def active_operands(primitive, mask):
    """The operand indices of a mask."""
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def reverse_plan(primitive, mask):
    """Generate record and pull for the active operands of `mask`."""
    active = active_operands(primitive, mask)
    joint = primitive.reverse_joint
    rules = {"": joint} if joint else {i: primitive.reverse_rules[i] for i in active}
    wants = dict.fromkeys(n for rule in rules.values() for n in rule.wants)
    wants = [n for n in wants if n != "i" or not primitive.variadic]  # there `i` is a number
    if primitive.residuals.keys() & set(wants):  # a recorded backward pass computes them anew
        wants = list(dict.fromkeys([*wants, *primitive.operands, *primitive.statics]))
    plan = Plan(primitive, active, wants)
    plan.record = _compile(primitive, "record", _record_source(primitive, wants), {}, plan)
    head = "def pull(gz, kept):\n" + (f"    {', '.join(wants)}, = kept\n" if wants else "")
    plan.pull = _compile(primitive, "pull", head + _results(primitive, rules, active), rules)
    plan.pull_terms = plan.pull
    if any(rule.kind in ("coefficient", "factor") for rule in rules.values()):
        terms = "".join(_term(i, rule) + ", " for i, rule in rules.items())
        plan.pull_terms = _compile(primitive, "pull", f"{head}    return ({terms})\n", rules)
    return plan


def _results(primitive, rules, active):
    """The end of pull: one cotangent per active operand."""
    joint = rules.get("")
    if (
        joint and primitive.variadic and joint.wants[:1] == ("i",)
    ):  # a rule for operand i of any number
        each = "".join(f"rule(gz, {', '.join([str(i), *joint.wants[1:]])}), " for i in active)
        return f"    return ({each})\n"
    if joint and (primitive.variadic or len(primitive.operands) > 1):
        picked = "".join(f"g[{i}], " for i in active)
        return f"    g = {_apply('', joint, 'gz')}\n    return ({picked})\n"
    return f"    return ({''.join(_apply(i, rule, 'gz') + ', ' for i, rule in rules.items())})\n"


def push_plan(primitive, mask):
    """Generate push for the active operands of `mask`."""
    active = active_operands(primitive, mask)
    rules = primitive.forward_rules
    if primitive.variadic:
        return _variadic_push(primitive, active)
    names = primitive.operands
    lines = f"    {''.join(f'd{names[i]}, ' for i in active)} = tangents\n"
    lines += f"    {', '.join(names)}, = args\n"
    if primitive.forward_kind == "joint":
        joint = primitive.forward_joint
        rules = {"": joint}
        given = [_joint_argument(name, primitive, active) for name in joint.wants]
        result = f"rule({', '.join(given)})"
    elif primitive.forward_kind == "linear":
        result = _self_call([_tangent(i, names, active, primitive) for i in range(len(names))])
    elif primitive.forward_kind == "bilinear":
        terms = [[f"d{n}" if i == j else n for j, n in enumerate(names)] for i in active]
        result = " + ".join(_self_call(term) for term in terms)
    else:
        wants = dict.fromkeys(name for i in active for name in rules[i].wants)
        for name in wants:
            expression = source_of(name, primitive)
            lines += f"    {name} = {expression}\n" if expression != name else ""
        result = " + ".join(_apply(i, rules[i], f"d{names[i]}") for i in active)
        rules = {i: rules[i] for i in active}
    source = f"def push(tangents, args, z, static):\n{lines}    return {result}\n"
    return _compile(primitive, "push", source, rules)


def _self_call(arguments):
    return f"primitive({', '.join(arguments)}, **static)"


def _tangent(i, names, active, primitive):
    """The argument of a linear primitive applied to tangents: dx, a zero, or a constant operand."""
    if i in active:
        return f"d{names[i]}"
    return f"zeros_like({names[i]})" if primitive.active >> i & 1 else names[i]


def _joint_argument(name, primitive, active):
    """What a joint JVP rule's parameter receives; the tangent of an inactive operand is zero."""
    if name[:1] == "d" and name[1:] in primitive.operands:
        inactive = primitive.operands.index(name[1:]) not in active
        return f"zeros_like({name[1:]})" if inactive else name
    return source_of(name, primitive)


def _variadic_push(primitive, active):
    """The tangent of a primitive of any number of operands: linear, or by its rule.

    The rule is jvp(tangents, xs), with None for the tangent of an operand that has none.
    """
    rule = primitive.forward_joint.function if primitive.forward_joint else None

    def push(tangents, args, z, static):
        given = dict(zip(active, tangents, strict=True))
        if rule is not None:
            return rule([given.get(i) for i in range(len(args))], args)
        full = [given[i] if i in given else zeros_like(a) for i, a in enumerate(args)]
        return primitive(*full, **static)

    return push
