"""Memory for time: checkpoint."""

from functools import wraps

from ..shared import tree
from ..shared.closure import replaced_in, traced_in
from ..shared.custom import Recomputed
from .arguments import check_callable
from .results import Results


def checkpoint(fun):
    """fun, but a derivative keeps only its arguments and computes the rest again: memory for time.

    The results and derivatives have the same bits as those of fun. Traced values that fun closes
    over are found in its closure (also inside functions, partials and containers) and treated as
    arguments; one that is reached in another way raises TypeError.

    >>> from wonderland.functional import grad
    >>> float(grad(checkpoint(lambda x: x**3))(2.0))
    12.0
    """
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

        results = Recomputed("checkpoint", run)(*traced)
        return tree.unflatten(outs.structure, results)

    return wrapped


remat = checkpoint
