"""How long does a step take, and how much memory?  Many steps, the styles taking turns."""

import time
import tracemalloc
from dataclasses import dataclass

import numpy as np

from ..shared.backend import cupy

MEMORY = {
    "cpu": "the most memory that one step holds at once beyond what was held before it: arrays and "
    "Python objects together, as tracemalloc counts them; a compiled step keeps its buffers from "
    "one step to the next",
    "cuda": "the device memory that CuPy's pool takes for one step beyond what was held before it",
}

NOTES = {
    "native": "Compiled: to machine code, by the native executor, which may share large loops "
    "among the cores (OMP_NUM_THREADS limits them).",
    "numpy": "Compiled: captured once, and replayed by the numpy executor, since the native one "
    "does not run here (see `wonderland doctor`).",
}


@dataclass
class Timing:
    """Times of single steps in milliseconds, and the peak of memory during one, in bytes.

    mode: how the style ran its step, "eager" or "compiled". start: seconds that its first steps
    took, capture and compilation among them, or None.
    """

    name: str
    times: list
    peak: int
    mode: str = "eager"
    start: float | None = None

    @property
    def label(self):
        """What a chart calls it."""
        return self.name if self.mode == "eager" else f"{self.name}, {self.mode}"

    @property
    def median(self):
        """The figure to quote."""
        return float(np.median(self.times))

    @property
    def quartiles(self):
        """The spread: half of the steps lie between."""
        return tuple(float(q) for q in np.percentile(self.times, (25, 75)))

    @property
    def fastest(self):
        """The step that was disturbed least."""
        return min(self.times)


def reference(timings):
    """The median that others are compared with: of the first style, eager."""
    return timings[0].median


def time_styles(styles, batches, device, tick):
    """Time one step of each style in turn, over all batches, so that slow spells hit all alike."""
    times = {id(style): [] for style in styles}
    for i, batch in enumerate(batches):
        first = i % len(styles)  # and each comes first as often as the others
        for style in styles[first:] + styles[:first]:
            times[id(style)].append(step_time(style, batch, device))
        tick()
    return [
        Timing(s.name, times[id(s)], peak_memory(s, batches[0], device), s.mode) for s in styles
    ]


def step_time(style, batch, device):
    """Milliseconds of one step; on a device, until it has finished."""
    start = time.perf_counter()
    style.step(*batch)
    if device == "cuda":
        cupy().cuda.Device().synchronize()
    return (time.perf_counter() - start) * 1e3


def peak_memory(style, batch, device):
    """See MEMORY."""
    return device_peak(style, batch) if device == "cuda" else host_peak(style, batch)


def host_peak(style, batch):
    """Bytes; NumPy tells tracemalloc of its arrays."""
    tracemalloc.start()
    try:
        style.step(*batch)  # what is allocated before tracing starts is not seen when it is freed
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        style.step(*batch)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def device_peak(style, batch):
    """Bytes; the pool keeps what it was given until it is told to give it back."""
    pool = cupy().get_default_memory_pool()
    pool.free_all_blocks()
    before = pool.total_bytes()
    style.step(*batch)
    return pool.total_bytes() - before
