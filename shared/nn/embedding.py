"""Rows of a table, looked up by number."""

import numpy as np

from ..dispatch import bottom
from ..ops.axes import beside
from ..ops.comparison import equal
from ..primitives.barrier import stop_gradient
from ..primitives.cast import convert
from ..primitives.indexing import gather
from ..primitives.keys import ARRAY
from ..primitives.selection import where
from ..primitives.shape import reshape
from .initializers import normal


def embedding(input, weight, padding_idx=None):
    """weight[input].  input: integers (...), weight: (n, d) -> (..., d).

    The gradient of the weight is sparse until something else is added to it: a row that occurs
    several times adds up, one that does not occur costs nothing. The row `padding_idx` gets none.

    ValueError names an index out of range. Under jit, where indices are not known yet, the lookup
    itself raises IndexError, and a negative one counts from the end.

    >>> import numpy as np
    >>> embedding(np.array([1, 1]), np.array([[0.0, 1.0], [2.0, 3.0]]))
    array([[2., 3.],
           [2., 3.]])
    """
    check_indices("embedding", input, weight.shape)
    if input.dtype != np.int64:
        input = convert(input, dtype=np.dtype(np.int64))
    rows = gather(weight, reshape(input, shape=(1, *input.shape)), key=(ARRAY,))
    if padding_idx is None:
        return rows
    padding = equal(input, padding_row(padding_idx, weight.shape[0]))
    padding = reshape(padding, shape=(*input.shape, 1))
    return where(padding, stop_gradient(rows), rows)


def table(key, shape, dtype=np.float32, padding_idx=None):
    """N(0, 1), with zeros in the row `padding_idx`."""
    rows = normal(key, shape, dtype)
    if padding_idx is None:
        return rows
    return where(beside(rows, np.arange(shape[0]) == padding_idx)[:, None], 0, rows)


def padding_row(padding_idx, count):
    """The row that padding_idx names: from the end where it is negative."""
    if not -count <= padding_idx < count:
        raise ValueError(
            f"embedding: padding_idx {padding_idx} is out of range for {count} rows; it lies "
            f"between {-count} and {count - 1}"
        )
    return padding_idx % count


def check_indices(operation, input, shape):
    """The error for indices that are no integers, or that no row has; known ones only."""
    if len(shape) != 2:
        raise ValueError(f"{operation}: weight is a matrix, (rows, features) (weight: {shape})")
    if input.dtype.kind not in "iu":
        raise TypeError(
            f"{operation}: indices are integers, but these are {input.dtype}; convert them with "
            "astype(int)"
        )
    host = bottom(input)
    if host.__class__ is not np.ndarray or not host.size:  # on a GPU to ask would make it wait
        return
    low, high = host.min(), host.max()
    if low < 0 or high >= shape[0]:
        wrong = low if low < 0 else high
        place = tuple(map(int, np.argwhere(host == wrong)[0]))
        raise ValueError(
            f"{operation}: index {wrong} at {place} is out of range for {shape[0]} rows; indices "
            f"run from 0 to {shape[0] - 1} (input: {tuple(input.shape)})"
        )


def one_hot(input, num_classes=-1):
    """1 at the label and 0 elsewhere: integers (...) -> integers (..., num_classes).

    num_classes: -1 for one more than the largest label. ValueError names a label out of range;
    under jit, where labels are not known yet, its row is 0.

    >>> import numpy as np
    >>> one_hot(np.array([0, 2]))
    array([[1, 0, 0],
           [0, 0, 1]])
    """
    if num_classes == -1:
        host = bottom(input)
        num_classes = int(host.max()) + 1 if host.size else 0
    check_indices("one_hot", input, (num_classes, 1))
    classes = beside(input, np.arange(num_classes, dtype=np.int64))
    hot = equal(reshape(input, shape=(*input.shape, 1)), classes)
    return convert(hot, dtype=np.dtype(np.int64))
