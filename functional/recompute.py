"""Memory for time: checkpoint."""

from functools import partial, wraps

from ..shared import primitives, tree
from ..shared.closure import replaced_in, traced_in
from ..shared.custom import Recomputed
from ..shared.errors import describe
from ..shared.schedule.selective import Selective
from .arguments import check_callable
from .results import Results


def checkpoint(fun=None, *, policy=None):
    """fun, but a derivative keeps only its arguments and computes the rest again: memory for time.

    The results and derivatives have the same bits as those of fun (under a policy those of second
    order may differ by rounding: their sums are in another order). Traced values that fun closes
    over are found in its closure (also inside functions, partials and containers) and treated as
    arguments; one that is reached in another way raises TypeError.

    policy: one of `checkpoint_policies`, or any policy(primitive, *operands, **static) -> bool;
    what it answers True for is kept, not computed again. To ask it, fun is captured as by `jit`, so
    that Python cannot branch on values in fun; a loop of `lax` counts as one operation, and for
    more than that the checkpoint belongs into its body.

    >>> from wonderland.functional import checkpoint_policies, grad
    >>> float(grad(checkpoint(lambda x: x**3))(2.0))
    12.0
    >>> float(grad(checkpoint(lambda x: x**3, policy=checkpoint_policies.dots_saveable))(2.0))
    12.0
    """
    if policy is not None and not callable(policy):
        raise TypeError(
            "checkpoint: policy is a function (primitive, *operands, **static) -> bool, such as "
            f"those in checkpoint_policies, but it is {describe(policy)}"
        )
    if fun is None:
        return partial(checkpoint, policy=policy)
    check_callable("checkpoint", fun)

    @wraps(fun)
    def wrapped(*args, **kwargs):
        everything = (fun, args, kwargs)
        traced = traced_in([fun, args, kwargs])
        if not traced:
            return fun(*args, **kwargs)
        outs = Results("checkpoint")

        def run(*values):
            f, given, named = replaced_in(everything, traced, values)
            return outs.flat(f(*given, **named))

        call = Recomputed if policy is None else partial(Selective, policy=policy)
        results = call("checkpoint", run)(*traced)
        return tree.unflatten(outs.structure, results)

    return wrapped


remat = checkpoint


def checkpoint_name(x, name):
    """x, with a name that policies can ask for; every leaf of a pytree gets it.

    >>> checkpoint_name(2.0, "hidden")
    2.0
    """
    if not isinstance(name, str):
        raise TypeError(f"checkpoint_name: the name is a string, but it is {describe(name)}")
    return tree.map(lambda leaf: primitives.checkpoint_name(leaf, name=name), x)
