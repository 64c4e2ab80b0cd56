"""Fresh parameters and buffers, drawn as the model's own reset_parameters() draw them."""

from ..oop.graph import Version
from ..oop.random import drawing_from
from ..shared.dispatch import depth
from ..shared.random import fold_in
from .borrow import around, copied
from .call import payload
from .clone import Cloner


def values(plan):
    """(params, state): copies of the model's current values."""
    return tuple(
        {name: copied(t) for name, t in table.items()} for table in (plan.parameters, plan.buffers)
    )


def fresh(model, plan, key):
    """(params, state) that each module's reset_parameters() draws under fold_in(key, path).

    Children go before their parents, which may overrule them. ValueError lists the parameters that
    no module draws.
    """
    memo, level = {id(None): None}, depth.get() + 0.5
    for table in (plan.parameters, plan.buffers):
        for t in table.values():
            memo[id(t)] = around(t.__class__, copied(t), level, Version())
    copies = {id(t): (x, x.value) for t in plan.parameters.values() for x in [memo[id(t)]]}
    clone = Cloner(memo, plan.modules).module(model)
    for path, module in reversed(list(clone.named_modules())):
        if hasattr(module, "reset_parameters"):
            with drawing_from(fold_in(key, path)):
                module.reset_parameters()
    params = read(plan.parameters, plan, memo, "_parameters")
    kept = [
        name
        for name, t in plan.parameters.items()
        if params[name] is copies[id(t)][1] and not copies[id(t)][0].version.count
    ]
    if kept:
        raise ValueError(
            f"init: no reset_parameters() draws {', '.join(map(repr, kept))}; define it in the "
            "module that has them (or in one around it), or call init() without a key for copies"
        )
    return params, read(plan.buffers, plan, memo, "_buffers")


def read(table, plan, memo, kind):
    """{name: value} of what the clones hold now, also where they hold new tensors."""
    found = {}
    for name in table:
        module, key = plan.places[name]
        found[name] = payload(getattr(memo[id(module)], kind)[key])
    return found
