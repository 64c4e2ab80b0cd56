"""Do the given leaves fit the model?  One error lists all that does not."""

from difflib import get_close_matches

import numpy as np

from ..oop.nn.structure import joined
from ..shared import tree
from ..shared.backend import host, is_array
from ..shared.dispatch import Value, bottom

REMEDY = {
    "params": "",
    "state": " (pass on the state that init() and apply() return)",
}


def fitted(plan, params, state, optional=()):
    """(params, state) as {first name: leaf}, aliases and nested dicts resolved.

    All float leaves may have another float dtype than the model, as after a cast of the whole tree;
    one that differs from the rest is a mistake. optional: names of buffers that may be given too.
    ValueError lists all that does not fit, TypeError says what is no dict.
    """
    of_params, of_state = plan.expected
    if exact(of_params, params) and exact(of_state, state):
        return params, state
    params = named("params", params)
    state = named("state", {} if state is None else state)
    faults = {"params": [], "state": []}
    params = resolved(plan, params, plan.parameters, faults["params"])
    optional = {name for name in (*plan.places, *optional) if name not in plan.parameters}
    state = resolved(plan, state, plan.buffers, faults["state"], optional)
    texts = [f"{k} do{'es' * (k == 'state')} not fit the model: {'; '.join(v)}{REMEDY[k]}"
             for k, v in faults.items() if v]  # fmt: skip
    if texts:
        raise ValueError(f"purify: {'; '.join(texts)}")
    return params, state


def named(what, given):
    """`given` as a flat dict; nested dicts, the form of functional layers, are flattened."""
    if not isinstance(given, dict):
        raise TypeError(
            f"purify: {what} is a {type(given).__name__}, but a dict of names and arrays is "
            f"needed; take it from init(), or make a pytree one by pure.flatten({what})"
        )
    return flatten(given) if any(isinstance(x, dict) for x in given.values()) else given


def flatten(nested):
    """{'a.b': x} for each leaf x of a pytree; dicts in their own order."""
    if not isinstance(nested, dict):
        return {tree.path_string(path): x for path, x in tree.leaves_with_path(nested)}
    found = {}
    for key, part in nested.items():
        for name, x in flatten(part).items():
            found[joined(str(key), name) if name else str(key)] = x
    return found


def exact(expected, given):
    """True where the leaves are the model's, in the model's shapes and dtypes: the hot path."""
    if given.__class__ is not dict or len(given) != len(expected):
        return False
    try:
        for name, _, _, shape, dtype in expected:
            x = given[name]
            if x.shape != shape or x.dtype is not dtype:
                return False
    except (KeyError, AttributeError):
        return False
    return True


def resolved(plan, given, table, faults, optional=()):
    """`given` under first names, in the model's order; what does not fit goes to `faults`."""
    found, extra = {}, {}
    for name, x in given.items():
        first = plan.aliases.get(name, name)
        if first in table:
            if first in found and not same(found[first], x):
                faults.append(
                    f"{first!r} and {name!r} are one tied leaf, but have different values"
                )
            found[first] = x
        elif name in optional:
            extra[name] = x
        else:
            faults.append(f"unexpected {name!r}{hint(plan, name, table)}")
    for name, tensor in table.items():
        if name not in found:
            faults.append(f"missing {name!r} {tuple(tensor.shape)}")
    absent = () if table is plan.parameters else [n for n, x in found.items() if x is None]
    compare({n: x for n, x in found.items() if n not in absent}, table, faults)
    for name, x in extra.items():
        if x is not None and not is_leaf(x):
            faults.append(f"{name!r} is {type(x).__name__}, not an array")
    return {name: found[name] for name in table if name in found} | extra


def hint(plan, name, table):
    """What somebody who wrote `name` may have meant."""
    if name in plan.buffers:
        return " (a buffer: it belongs into the state)"
    if name in plan.parameters:
        return " (a parameter: it belongs into params)"
    close = get_close_matches(str(name), table, 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def same(x, y):
    """True for one object, or equal values."""
    if x is y:
        return True
    x, y = (host(bottom(a)) for a in (x, y))
    if not hasattr(x, "dtype") or not hasattr(y, "dtype") or x.shape != y.shape:
        return False
    return bool(np.array_equal(x, y, equal_nan=x.dtype.kind in "fc"))


def is_leaf(x):
    """True for what can stand for a parameter or buffer."""
    return isinstance(x, (Value, np.ndarray, np.generic)) or is_array(x)


def compare(given, table, faults):
    """Note each leaf whose shape or dtype is not the model's."""
    casts = {}
    for name, x in given.items():
        tensor = table[name]
        own, shape = tensor.dtype, tuple(tensor.shape)
        if not is_leaf(x):
            faults.append(f"{name!r} is {type(x).__name__}, not an array")
        elif tuple(x.shape) != shape:
            faults.append(f"{name!r} has shape {tuple(x.shape)}, not {shape}")
        elif own.kind in "fc" and x.dtype.kind == own.kind:
            casts.setdefault(own, {}).setdefault(x.dtype, []).append(name)
        elif x.dtype != own:
            faults.append(f"{name!r} is {x.dtype}, not {own}")
    for own, groups in casts.items():
        uneven(own, groups, faults)


def uneven(own, groups, faults):
    """Note the leaves cast differently from most: {dtype: names}, where the model has `own`."""
    most = max(groups, key=lambda dtype: (len(groups[dtype]), dtype == own))
    for dtype, names in groups.items():
        if dtype != most:
            faults += [f"{name!r} is {dtype}, but other leaves are {most}" for name in names]
