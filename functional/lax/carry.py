"""What a loop carries: the types that go in and must come out again."""

import numpy as np

from ...shared import tree
from ...shared.backend import as_array
from ...shared.errors import describe
from ...shared.primitives.cast import cast, convert
from ...shared.schedule.capture import SCALARS
from ..arguments import array_leaf, at_leaf, leaves_like


def is_weak(x):
    """True for Python numbers, and for what stands for one: they take the dtype they meet."""
    return x.__class__ in SCALARS or getattr(x, "weak", None) is not None


ALONE = tree.structure(0), 0  # where a leaf is that stands for itself


def strong(operation, x, dtype=None, returned=ALONE):
    """x as an array or Value; a number in `dtype`, where it can take it, else in its own.

    returned: as for array_leaf.
    """
    if not is_weak(x):
        return array_leaf(operation, x, returned)
    number = x if x.__class__ in SCALARS else x.weak(1)
    if dtype is None or np.result_type(number, dtype) != dtype:
        dtype = as_array(number).dtype
    if x.__class__ in SCALARS:
        return np.asarray(x, dtype)
    exact = dtype.kind not in "fc" or x.dtype.kind not in "fc"
    return (convert if exact else cast)(x, dtype=dtype)  # also to its own: it is no number any more


class Carry:
    """The leaves of a loop's initial value, and the check of what each step returns."""

    def __init__(self, operation, init):
        self.operation = operation
        leaves, self.structure = tree.flatten(init)
        self.leaves = [x if is_weak(x) else array_leaf(operation, x) for x in leaves]

    def __len__(self):
        return len(self.leaves)

    @property
    def has_numbers(self):
        """True where an initial leaf is a Python number, whose dtype the body decides."""
        return any(is_weak(x) for x in self.leaves)

    def settle(self, outs_of):
        """Numbers become arrays, in the dtypes in which a step, outs_of(leaves), returns them.

        One number may wait for another: again, until nothing changes.
        """
        while self.has_numbers:
            pairs = list(zip(self.leaves, outs_of(self.leaves), strict=True))
            found = [
                x if is_weak(z) or z.shape else strong(self.operation, x, z.dtype) for x, z in pairs
            ]
            if all(x is before for x, (before, _) in zip(found, pairs, strict=True)):
                found = [strong(self.operation, x) for x in found]
            self.leaves = found

    def returned(self, value):
        """The leaves of what a step returned, of the same structure."""
        what = f"{self.operation}: the carry changes between what goes in and what comes out"
        leaves = leaves_like(what, value, self.structure)
        return [
            x if is_weak(x) else array_leaf(self.operation, x, (self.structure, i))
            for i, x in enumerate(leaves)
        ]

    def checked(self, outs):
        """These leaves, of the types that went in. TypeError with the path where one changed."""
        found = []
        for i, (x, z) in enumerate(zip(self.leaves, outs, strict=True)):
            if is_weak(z):
                z = strong(self.operation, z, x.dtype)
            if z.dtype != x.dtype or tuple(z.shape) != tuple(x.shape):
                raise TypeError(
                    f"{self.operation}: the carry changes{at_leaf(self.structure, i)}: "
                    f"{describe(x)} goes in but {describe(z)} comes out; begin with the type that "
                    "the body returns, or bring it back there (astype, reshape)"
                )
            found.append(z)
        return found
