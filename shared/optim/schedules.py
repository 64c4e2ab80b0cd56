"""Learning rates as functions of the step count, which starts at 0.

A concrete count gives a Python float; a traced one a traced value.
"""

import math

import numpy as np

from ..dispatch import Value


def constant(value):
    """count -> value."""
    return lambda count: value


def linear(init_value, end_value, transition_steps, transition_begin=0):
    """From init_value to end_value in a straight line, over transition_steps; constant outside.

    >>> linear(1.0, 0.0, 4)(1)
    0.75
    """
    positive("linear", "transition_steps", transition_steps)

    def schedule(count):
        done = clamp(count - transition_begin, transition_steps) / transition_steps
        return init_value + (end_value - init_value) * done

    return schedule


def cosine(init_value, decay_steps, alpha=0.0, exponent=1.0):
    """init_value ((1 - α) c + α), c = ((1 + cos(π t / decay_steps)) / 2)^exponent; constant after.

    >>> cosine(1.0, 10)(5)
    0.5
    """
    positive("cosine", "decay_steps", decay_steps)

    def schedule(count):
        angle = clamp(count, decay_steps) * (math.pi / decay_steps)
        cos = np.cos(angle) if isinstance(angle, Value) else math.cos(angle)
        return init_value * ((1 - alpha) * (0.5 * (1 + cos)) ** exponent + alpha)

    return schedule


def exponential(
    init_value, transition_steps, decay_rate, transition_begin=0, staircase=False, end_value=None
):
    """init_value decay_rate^(t / transition_steps), after transition_begin; bounded by end_value.

    staircase: t / transition_steps rounded down, so that the value falls in steps.

    >>> exponential(1.0, 1, 0.5)(2)
    0.25
    """
    positive("exponential", "transition_steps", transition_steps)
    positive("exponential", "decay_rate", decay_rate)

    def schedule(count):
        t = clamp(count - transition_begin) / transition_steps
        if staircase:
            t = np.floor(t) if isinstance(t, Value) else math.floor(t)
        traced = isinstance(t, Value)
        value = init_value * (np.exp(t * math.log(decay_rate)) if traced else decay_rate**t)
        if end_value is None:
            return value
        if traced:
            return (np.maximum if decay_rate < 1 else np.minimum)(value, end_value)
        return (max if decay_rate < 1 else min)(value, end_value)

    return schedule


def warmup_cosine(init_value, peak_value, warmup_steps, decay_steps, end_value=0.0):
    """Linear from init_value to peak_value in warmup_steps, then a cosine down to end_value.

    It gets there at decay_steps, which counts from the start, the warm-up included.

    >>> schedule = warmup_cosine(0.0, 1.0, 2, 10)
    >>> [schedule(t) for t in (0, 1, 2, 10)]
    [0.0, 0.5, 1.0, 0.0]
    """
    warm = linear(init_value, peak_value, warmup_steps)
    cool = cosine(peak_value, decay_steps - warmup_steps, end_value / peak_value)
    return join([warm, cool], [warmup_steps])


def join(schedules, boundaries):
    """schedules[i] from boundaries[i - 1] to boundaries[i], its count starting at 0 there.

    >>> join([constant(1.0), constant(2.0)], [3])(3)
    2.0
    """

    def schedule(count):
        value = schedules[0](count)
        for start, following in zip(boundaries, schedules[1:], strict=True):
            if isinstance(count, Value):
                value = np.where(count < start, value, following(count - start))
            elif count >= start:
                value = following(count - start)
        return value

    return schedule


def clamp(count, limit=None):
    """The count between 0 and limit, as a float."""
    if isinstance(count, Value):
        count = np.maximum(count.astype(np.float32), 0.0)
        return count if limit is None else np.minimum(count, float(limit))
    return float(max(count, 0) if limit is None else min(max(count, 0), limit))


def positive(schedule, name, value):
    """Refuse what would divide by zero or run backwards."""
    if not value > 0:
        raise ValueError(f"{schedule}: {name} is {value} but must be positive")
