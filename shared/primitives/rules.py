"""Derivative rules, resolved once: from a rule's parameter names to the code that feeds it.

A rule is a function whose *parameter names* say what it needs: an operand (`x`), the output (`z`), a
shape or dtype (`x_shape`, `x_dtype`), or a static of the primitive (`axis`). For each set of active
operands ("mask") three small functions are generated, so that nothing is looked up by name per call:

    keep(args, z, static) -> kept          what the tape holds until the backward pass
    pull(gz, kept) -> (gx, ...)            one cotangent per active operand
    push(tangents, args, z, static) -> dz  the tangent of the output

Generated code contains names from the rule's own signature only, which are Python identifiers.
"""

import linecache

import numpy as np

from ..dispatch import bottom

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

    `operands_kept` lists (place among the kept values, operand index); `output_kept` the place of z
    or None. The object-oriented tape needs both, to guard kept values against in-place changes and
    to reconnect them when the backward pass is itself recorded.
    """

    __slots__ = ("active", "keep", "operands_kept", "output_kept", "primitive", "pull")

    def __init__(self, primitive, active, keep, pull, wants):
        self.primitive, self.active, self.keep, self.pull = primitive, active, keep, pull
        names = primitive.operands
        self.operands_kept = [(i, names.index(n)) for i, n in enumerate(wants) if n in names]
        self.output_kept = wants.index("z") if "z" in wants else None


def source_of(name, primitive):
    """The expression that computes a kept value inside `keep` and `push`."""
    if name == "z" or name in primitive.operands:
        return name
    for suffix, expression in SUFFIXES.items():
        owner = name.removesuffix(suffix)
        if owner != name and (owner == "z" or owner in primitive.operands):
            if primitive.variadic:
                return f"tuple([{expression.format('a')} for a in {owner}])"
            return expression.format(owner)
    return f"static[{name!r}]"


def _compile(primitive, kind, source, rules):
    filename = f"<wonderland {primitive.name}.{kind}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    scope = {"shape_of": shape_of, "zeros_like": zeros_like, "primitive": primitive}
    scope.update({f"rule{i}": rule.function for i, rule in rules.items()})
    exec(compile(source, filename, "exec"), scope)  # from our own table of rules, see above
    return scope[kind]


def _unpack(primitive, wants):
    """The line that names the operands, where one is asked for."""
    used = any(
        n in primitive.operands or n.rsplit("_", 1)[0] in primitive.operands for n in wants
    )
    if not used:
        return ""
    if primitive.variadic:
        return f"    {primitive.operands[0]} = args\n"
    return f"    {', '.join(primitive.operands)}, = args\n"


def _apply(index, rule, direction):
    """The code that applies one rule to the incoming `direction` (gz or dx)."""
    arguments = ", ".join(rule.wants)
    if rule.kind == "coefficient":
        return {1: direction, -1: f"-{direction}"}.get(rule.function, f"{direction} * rule{index}")
    if rule.kind == "factor":
        return f"{direction} * rule{index}({arguments})"
    return f"rule{index}({direction}{', ' + arguments if arguments else ''})"


def active_operands(primitive, mask):
    """The operand indices of a mask."""
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def reverse_plan(primitive, mask):
    """Generate keep and pull for the active operands of `mask`."""
    active = active_operands(primitive, mask)
    joint = primitive.reverse_joint
    rules = {"": joint} if joint else {i: primitive.reverse_rules[i] for i in active}
    wants = list(dict.fromkeys(name for rule in rules.values() for name in rule.wants))
    values = "".join(source_of(name, primitive) + ", " for name in wants)
    keep = f"def keep(args, z, static):\n{_unpack(primitive, wants)}    return ({values})\n"
    pull = "def pull(gz, kept):\n" + (f"    {', '.join(wants)}, = kept\n" if wants else "")
    if joint and (primitive.variadic or len(primitive.operands) > 1):
        pull += f"    g = {_apply('', joint, 'gz')}\n"
        pull += f"    return ({''.join(f'g[{i}], ' for i in active)})\n"
    else:
        results = "".join(_apply(i, rule, "gz") + ", " for i, rule in rules.items())
        pull += f"    return ({results})\n"
    keep = _compile(primitive, "keep", keep, rules)
    return Plan(primitive, active, keep, _compile(primitive, "pull", pull, rules), wants)


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
    """The tangent of a linear primitive of any number of operands."""

    def push(tangents, args, z, static):
        given = dict(zip(active, tangents, strict=True))
        full = [given[i] if i in given else zeros_like(a) for i, a in enumerate(args)]
        return primitive(*full, **static)

    return push
