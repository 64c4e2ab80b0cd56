"""The table of a program in memory, and the driver that runs a segment of it."""

import ctypes
from functools import cache
from pathlib import Path

import numpy as np

from . import layout
from .blas import find
from .objects import load_cached
from .parallel import parallel_for

OFFSETS = ("LIST_ITEMS", "ARRAY_DATA", "OBJECT_TYPE", "ARRAY_FLAGS", "USABLE")
POINTER = ctypes.c_void_p
RUN = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, POINTER, POINTER, POINTER, ctypes.c_int)
REPEAT = ctypes.PYFUNCTYPE(
    ctypes.c_int, ctypes.py_object, POINTER, POINTER, POINTER, ctypes.c_int64, POINTER
)


@cache
def driver():
    """(the functions `run` and `repeat`, the code that they live in)"""
    text = Path(__file__).with_name("driver.ll").read_text("utf-8")
    lines = (line.partition(";")[0].rstrip() for line in text.splitlines())
    text = "\n".join(line for line in lines if line)
    for name in OFFSETS:
        text = text.replace(name, str(getattr(layout, name)))
    code = load_cached(text, ["run", "repeat"], quick=True)
    return RUN(code["run"]), REPEAT(code["repeat"]), code


class Table:
    """The segments of a program: each a function of the frame that returns a status."""

    def __init__(self, steps, inputs, code):
        self.program = steps.program
        self.head = self.header(steps, inputs)
        self.body, self.bounds = self.lines(steps.program, code)
        self.segments = [self.segment(*bound, k == 0) for k, bound in enumerate(self.bounds)]

    def header(self, steps, inputs):
        """What the driver needs to know of the frame and its surroundings."""
        slots, blas = steps.memory.slots, find()
        alone = steps.alone
        numbers = [
            len(slots), len(inputs), id(np.ndarray), blas.set_num_threads if alone else 0,
            blas.get_num_threads if alone else 0, parallel_for(), steps.status, 0,
        ]  # fmt: skip
        classes = [0] * (2 * len(slots))
        for v in inputs:
            if not v.shape:
                slot = slots[v]
                classes[2 * slot] = id(v.dtype.type)
                classes[2 * slot + 1] = id(float) if v.weak is float else 0
        return np.array([*numbers, *classes], np.int64)

    def lines(self, program, code):
        """(all lines, the bounds of each segment): the first segment is there even if it is
        empty."""
        numbers, bounds = [], [] if program and program[0][0] == "native" else [(0, 0)]
        for kind, lines in program:
            if kind != "native":
                continue
            start = len(numbers)
            for name, places, length, piece in lines:
                numbers += [code[name], len(places), length, piece]
                numbers += [number for place in places for number in place]
            bounds.append((start, len(numbers)))
        return np.array(numbers or [0], np.int64), bounds

    def segment(self, start, end, first):
        """The function that runs the lines between two places of the table."""
        run, *_ = driver()
        table, body = self.head.ctypes.data, self.body.ctypes.data
        begin, end, check = body + 8 * start, body + 8 * end, int(first)
        return lambda frame: run(frame, table, begin, end, check)

    def repeat(self, frame, count, advance):
        """Run a program of one segment `count` times; its status. Inputs are not looked at.

        advance: bytes by which each slot moves on after a run.
        """
        _, repeat, _ = driver()
        end = self.body.ctypes.data + 8 * self.bounds[0][1]
        table, begin = self.head.ctypes.data, self.body.ctypes.data
        return repeat(frame, table, begin, end, count, advance.ctypes.data)

    def rest(self):
        """(kind, equation or function) of what follows the first segment."""
        following = iter(self.segments[1:])
        skipped = self.program[:1] and self.program[0][0] == "native"
        for kind, what in self.program[1 if skipped else 0 :]:
            yield (kind, what) if kind == "python" else (kind, next(following))
