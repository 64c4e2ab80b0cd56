"""All parameters as one vector, and back."""

from ...functions.joining import cat
from ...grad_mode import no_grad


def parameters_to_vector(parameters):
    """The entries of all parameters, one after the other.

    >>> from wonderland import oop
    >>> parameters_to_vector([oop.ones(2), oop.zeros(1, 2)])
    tensor([1., 1., 0., 0.])
    """
    return cat([p.reshape(-1) for p in parameters])


@no_grad()
def vector_to_parameters(vec, parameters):
    """Write the entries of a vector into the parameters, in place and in their order.

    ValueError, before anything is written, where their number differs.
    """
    parameters = list(parameters)
    total = sum(p.numel() for p in parameters)
    if vec.numel() != total:
        raise ValueError(
            f"vector_to_parameters: the vector has {vec.numel()} entries but the parameters "
            f"{total}; make it with parameters_to_vector"
        )
    start = 0
    for p in parameters:
        p.copy_(vec[start : start + p.numel()].reshape(p.shape))
        start += p.numel()
