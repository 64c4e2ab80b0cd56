"""torch's sorting. The gradient of a value goes to the entry that its index names."""

import numpy as np

from ...shared import ops
from ...shared.dispatch import bottom
from .arguments import axis_of, value
from .reduction import ValuesAndIndices, max_rank


def argsort(input, dim=-1, descending=False, *, stable=True):
    """The places of the entries in order; equal ones stay as they stood."""
    return sort(input, dim, descending).indices


def sort(input, dim=-1, descending=False, *, stable=True):
    """(values, indices) in order along a dim; equal ones stay as they stood."""
    x = value(input)
    axis = axis_of("sort", dim, max_rank(x))
    if not x.shape:
        return ValuesAndIndices(x, value(np.zeros((), np.int64)))
    if descending:  # of the reversed entries, so that equal ones keep their order
        reverse = (slice(None),) * axis + (slice(None, None, -1),)
        indices = x.shape[axis] - 1 - ops.argsort(x[reverse], axis)[reverse]
    else:
        indices = ops.argsort(x, axis)
    return ValuesAndIndices(ops.take_along_axis(x, indices, axis), indices)


def msort(input):
    """The entries in ascending order along the first axis."""
    return sort(input, 0).values


def topk(input, k, dim=-1, largest=True, sorted=True):
    """(values, indices) of the k largest entries along a dim, or the smallest, in order."""
    x = value(input)
    axis = axis_of("topk", dim, max_rank(x))
    n = x.shape[axis] if x.shape else 1
    if not 0 <= k <= n:
        raise ValueError(f"topk: k is {k}, but dim {dim} has {n} entries (input: {tuple(x.shape)})")
    found = sort(x, axis, descending=largest)
    if not x.shape:
        return found
    first = (slice(None),) * axis + (slice(k),)
    return ValuesAndIndices(found.values[first], found.indices[first])


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The different entries in ascending order, as constants; with their places and numbers."""
    array = np.asarray(bottom(value(input)))
    found = np.unique(array, return_inverse=return_inverse, return_counts=return_counts, axis=dim)
    return tuple(map(value, found)) if isinstance(found, tuple) else value(found)
