"""Axes joined, and taken apart."""

from ...shared.nn import flatten as formulas
from .layer import Lambda


def Flatten(start=1, end=-1):
    """The axes from start to end, both included, as one."""
    return Lambda(lambda x: formulas.flatten(x, start, end), "Flatten")


def Unflatten(axis, sizes):
    """One axis as several of the given sizes; one of them may be -1."""
    return Lambda(lambda x: formulas.unflatten(x, axis, sizes), "Unflatten")
