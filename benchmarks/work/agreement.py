"""Do all columns do the same work?  Their first results say so."""

from itertools import pairwise
from math import inf, isnan

TOLERANCE = 1e-4  # of the largest number of an array: float32, sums in other orders
OF_A_STEP = 0.05  # of what a training step changes in the loss: a step left out is seen


def disagreements(columns):
    """{column: how far its first results are from the first column's}, where that is too far."""
    results = {c: figures["values"] for c, figures in columns.items() if "values" in figures}
    if not results:
        return {}
    reference = next(iter(results.values()))
    limit = allowed(reference)
    distances = {column: distance(found, reference) for column, found in results.items()}
    return {column: d for column, d in distances.items() if not d <= limit}


def allowed(steps):
    """The relative distance that rounding may make, well below the effect of one step."""
    if len(steps[0]) > 1 or len(steps[0][0]) > 1:
        return TOLERANCE
    losses = [step[0][0] for step in steps]
    smallest = min(abs(a - b) for a, b in pairwise(losses)) / max(map(abs, losses))
    return min(TOLERANCE, OF_A_STEP * smallest)


def distance(found, wanted):
    """The largest difference, relative to the largest entry of its array; inf where there is none.

    There is none between arrays of other shapes, and none from a NaN.
    """
    worst = 0.0
    for step, reference in zip(found, wanted, strict=True):
        if [len(a) for a in step] != [len(b) for b in reference]:
            return inf
        for a, b in zip(step, reference, strict=True):
            if any(map(isnan, a)):
                return inf
            scale = max(map(abs, b)) or 1.0
            worst = max(worst, *(abs(x - y) / scale for x, y in zip(a, b, strict=True)))
    return worst
