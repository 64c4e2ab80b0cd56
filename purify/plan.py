"""What a model holds: its parameters and buffers, by the names that named_parameters() gives them.

A plan is built once per structure of a model and says, for every tensor, under which name it stands
in `params` or `state` and in which modules it sits. A tensor that is registered twice (a tied weight,
a submodule under two names) is one leaf, under its first name; the others are aliases.
"""

import numpy as np


class Plan:
    """The leaves of one model.

    parameters, buffers   {name: tensor}, each tensor once, in registration order
    aliases               {further name: first name}
    persistent            the names of buffers that belong into a checkpoint
    names                 {id of tensor: first name}
    """

    __slots__ = ("aliases", "buffers", "names", "parameters", "persistent")

    def __init__(self, model):
        self.names, self.aliases, self.persistent = {}, {}, set()
        self.parameters, self.buffers = {}, {}
        for prefix, module in model.named_modules(remove_duplicate=False):
            dot = prefix + "." if prefix else ""
            for name, tensor in module._parameters.items():
                self._add(self.parameters, dot + name, tensor)
            for name, tensor in module._buffers.items():
                self._add(self.buffers, dot + name, tensor)
                if name not in module._non_persistent_buffers_set:
                    self.persistent.add(dot + name)

    def _add(self, table, name, tensor):
        if tensor is None:
            return
        first = self.names.setdefault(id(tensor), name)
        if first == name:
            table[name] = tensor
        else:
            self.aliases[name] = first


def checked(plan, params, state):
    """(params, state) with aliases resolved; one ValueError that lists all that does not fit.

    Float leaves may all have another float dtype than the model, as after a cast of the whole tree;
    one that differs from the rest is a mistake.
    """
    problems = []
    if params.keys() != plan.parameters.keys():
        params = resolved(plan, params, plan.parameters, problems)
    if state.keys() != plan.buffers.keys():
        state = resolved(plan, state, plan.buffers, problems)
    compare(params, plan.parameters, problems)
    compare(state, plan.buffers, problems)
    if problems:
        raise ValueError("purify: params do not fit the model: " + "; ".join(problems))
    return params, state


def resolved(plan, given, expected, problems):
    """`given` under first names; what is missing, unexpected or contradictory goes to `problems`."""
    found = {}
    for name, x in given.items():
        first = plan.aliases.get(name, name)
        if first not in expected:
            problems.append(f"unexpected {name!r}{near(name, expected)}")
        elif first in found and not same(found[first], x):
            problems.append(f"{first!r} and {name!r} are one tied leaf but have different values")
        else:
            found[first] = x
    for name, tensor in expected.items():
        if name not in found:
            problems.append(f"missing {name!r} {tuple(tensor.shape)}")
    return found


def near(name, expected):
    """' (did you mean ...?)' where a name of the model shares its last part or is close to it."""
    tail = name.rsplit(".", 1)[0]
    close = [e for e in expected if e.startswith(name) or name.startswith(e) or e == tail]
    return f" (did you mean {close[0]!r}?)" if close else ""


def same(x, y):
    """True for one object, or equal arrays."""
    if x is y:
        return True
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        return x.shape == y.shape and bool(np.array_equal(x, y, equal_nan=x.dtype.kind in "fc"))
    return False


def compare(given, expected, problems):
    """Add to `problems` each leaf whose shape, or kind of dtype, is not the model's."""
    floats = {}
    for name, x in given.items():
        tensor = expected.get(name)
        if tensor is None:
            continue
        if not hasattr(x, "dtype") or not hasattr(x, "shape"):
            problems.append(f"{name!r} is {type(x).__name__}, not an array")
        elif x.shape != tensor.shape:
            problems.append(f"{name!r} has shape {tuple(x.shape)}, not {tuple(tensor.shape)}")
        elif x.dtype != tensor.dtype:
            if x.dtype.kind != tensor.dtype.kind:
                problems.append(f"{name!r} is {x.dtype}, not {tensor.dtype}")
            else:
                floats.setdefault((tensor.dtype, x.dtype), []).append(name)
        elif x.dtype.kind in "fc":
            floats.setdefault((tensor.dtype, x.dtype), []).append(name)
    uneven(floats, problems)


def uneven(floats, problems):
    """Leaves cast differently from most: {(model's dtype, given dtype): names}."""
    by_model = {}
    for (model, given), names in floats.items():
        by_model.setdefault(model, []).append((len(names), given, names))
    for model, groups in by_model.items():
        groups.sort(key=lambda group: -group[0])
        for _, given, names in groups[1:]:
            for name in names:
                problems.append(f"{name!r} is {given}, but other leaves are {groups[0][1]}")
        del model
