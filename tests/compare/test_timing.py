import numpy as np

from wonderland.compare.timing import Timing, host_peak, time_styles


class Style:
    mode = "eager"

    def __init__(self, name, log, size=0):
        self.name, self.log, self.size = name, log, size

    def step(self, x, y):
        self.log.append(self.name)
        return np.zeros(self.size, np.uint8).sum()


def test_figures_of_a_timing():
    timing = Timing("oop", [4.0, 1.0, 2.0, 3.0, 100.0], 0)
    assert (timing.median, timing.quartiles, timing.fastest) == (3.0, (2.0, 4.0), 1.0)


def test_styles_take_turns_and_each_comes_first():
    log, ticks = [], []
    styles = [Style(name, log) for name in "abc"]
    timings = time_styles(styles, [(None, None)] * 4, "cpu", lambda: ticks.append(1))
    assert "".join(log).startswith("abcbcacababc") and len(ticks) == 4
    assert [len(t.times) for t in timings] == [4, 4, 4]


def test_the_peak_counts_arrays_that_live_for_a_moment():
    big, small = (host_peak(Style("a", [], size), (None, None)) for size in (1 << 20, 1 << 10))
    assert 1 << 20 <= big < (1 << 20) + 100_000
    assert small < 20_000
