"""How close two results of the contract must be, stated once, and the error where they are not."""

import numpy as np

# In units of the eps of the coarsest dtype involved, relative to the largest entry expected.
VALUE = 64  # a kernel and its reference, a batch and the loop: a few roundings
PAIRING = 256  # two sums of products, relative to the sum of their absolute values
DERIVATIVE = 256  # a derivative in a narrow dtype and the same one in double precision
DIFFERENCE = 8  # a derivative and a central difference: times sqrt(eps), since h limits the latter


def eps_of(*arrays):
    """The eps of the coarsest float or complex dtype among the arrays (float64's if none)."""
    dtypes = [np.dtype(a.dtype) for a in arrays if hasattr(a, "dtype")]
    return float(max([np.finfo(d).eps for d in dtypes if d.kind in "fc"], default=2.0**-52))


def largest(a):
    """The largest absolute value among the finite entries, 0 where there are none."""
    a = np.abs(wide(a))
    return float(np.max(a, initial=0.0, where=np.isfinite(a)))


def wide(a):
    """The array in double precision."""
    a = np.asarray(a)
    return a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)


def first_difference(left, right, relative, absolute):
    """The index of the first entries that are not close (NaN equals NaN), or None."""
    left, right = wide(left), wide(right)
    with np.errstate(invalid="ignore"):
        close = np.abs(left - right) <= absolute + relative * np.abs(right)
    close &= np.isfinite(right)  # infinitely far from infinity is within its tolerance
    close |= (left == right) | (np.isnan(left) & np.isnan(right))
    where = np.argwhere(~close)
    return tuple(map(int, where[0])) if len(where) else None


def first_other_bit(left, right):
    """The index of the first entries whose bytes differ, or None; shapes and dtypes are equal."""
    bits = [np.frombuffer(a.tobytes(), np.uint8) for a in (left, right)]
    where = np.flatnonzero(bits[0] != bits[1])
    if not len(where):
        return None
    return tuple(map(int, np.unravel_index(where[0] // left.dtype.itemsize, left.shape)))


def require_close(name, left, right, relative, absolute, words):
    """AssertionError where left and right differ in shape or by more than the tolerances.

    words: (what left is, what right is, the fix).
    """
    mine, other, fix = words
    if tuple(left.shape) != tuple(right.shape):
        raise AssertionError(
            f"{name}: {mine} has shape {tuple(left.shape)} but {other} has "
            f"{tuple(right.shape)}; {fix}"
        )
    index = first_difference(left, right, relative, absolute)
    if index is not None:
        at = f" at {list(index)}" if index else ""
        raise AssertionError(
            f"{name}: {mine} is {left[index]} but {other} is {right[index]}{at} "
            f"({left.dtype}, tolerance {absolute + relative * abs(right[index]):.1e}); {fix}"
        )


def require_dtype(name, what, got, expected, fix):
    """AssertionError where a dtype is not the expected one."""
    if np.dtype(got) != np.dtype(expected):
        raise AssertionError(f"{name}: {what} is {got}, but must be {np.dtype(expected)}; {fix}")
