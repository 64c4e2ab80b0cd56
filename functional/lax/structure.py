"""What lax calls otherwise than NumPy, or NumPy does not have."""

from ...shared import ops


def select(pred, on_true, on_false):
    """on_true where pred holds, else on_false; the branch not taken gets a derivative of zero.

    >>> select(np.array([True, False]), np.zeros(2), np.ones(2))
    array([0., 1.])
    """
    return ops.where(pred, on_true, on_false)


def concatenate(operands, dimension):
    """The operands one after another along an axis."""
    return ops.concatenate(operands, dimension)


def rsqrt(x):
    """1 / √x."""
    return 1 / ops.sqrt(x)
