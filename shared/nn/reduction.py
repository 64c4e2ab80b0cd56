"""How the losses of many entries become one number."""

from ..errors import warn_user
from ..ops.promotion import promote
from ..primitives.reduction import broadcast_to, mean
from ..primitives.reduction import sum as reduce_sum

REDUCTIONS = ("mean", "sum", "none")


def reduced(loss, reduction):
    """The mean or the sum of all entries, or the entries themselves ("none")."""
    check_reduction(reduction)
    if reduction == "none":
        return loss
    axis = tuple(range(len(loss.shape)))
    return (mean if reduction == "mean" else reduce_sum)(loss, axis=axis, keepdims=False)


def check_reduction(reduction):
    """ValueError for what is no reduction."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"loss: reduction is one of {', '.join(REDUCTIONS)}, not {reduction!r}")


def paired(operation, x, y):
    """Predictions and targets with one dtype and shape; a warning where one had to be broadcast."""
    if x.shape == y.shape:
        return (x, y) if x.dtype == y.dtype else tuple(promote(x, y))
    shapes = f"(x: {tuple(x.shape)}, y: {tuple(y.shape)})"
    x, y = promote(x, y)
    wide = []
    for n, m in zip(x.shape, y.shape, strict=True):
        if n != m and 1 not in (n, m):
            raise ValueError(
                f"{operation}: predictions and targets do not broadcast {shapes}; "
                "give both the same shape"
            )
        wide.append(m if n == 1 else n)
    warn_user(
        f"{operation}: predictions and targets have different shapes {shapes} and are broadcast, "
        "which is rarely meant; reshape the targets",
        UserWarning,
    )
    wide = tuple(wide)
    return broadcast_to(x, shape=wide), broadcast_to(y, shape=wide)
