"""How long does a step take, and how much memory?  Medians of many, the styles taking turns."""

import time
import tracemalloc
from dataclasses import dataclass

import numpy as np


@dataclass
class Timing:
    """Times of single steps in milliseconds, and the peak of memory during one, in bytes."""

    name: str
    times: list
    peak: int

    @property
    def median(self):
        """The figure to quote."""
        return float(np.median(self.times))

    @property
    def spread(self):
        """The quartiles: half of the steps lie between."""
        return tuple(float(q) for q in np.percentile(self.times, (25, 75)))

    @property
    def fastest(self):
        """The step that was disturbed least."""
        return min(self.times)


def time_styles(styles, batches, tick):
    """Time one step of each style in turn, over all batches, so that slow spells hit all alike."""
    times = {style.name: [] for style in styles}
    for x, y in batches:
        for style in styles:
            start = time.perf_counter()
            style.step(x, y)
            times[style.name].append((time.perf_counter() - start) * 1e3)
        tick()
    return [Timing(s.name, times[s.name], peak_memory(s, batches[0])) for s in styles]


def peak_memory(style, batch):
    """The most memory one step holds at once beyond what it started with, in bytes."""
    tracemalloc.start()
    try:
        style.step(*batch)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        style.step(*batch)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
