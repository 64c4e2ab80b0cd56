"""Buffers for the results of ufuncs, in one arena that stays from call to call.

How results lie in memory is learnt from a first call without buffers: kernels lay them as their
operands lie, and sum in the order of memory, so the same layouts are what keeps the bits. Memory
fresh from the system costs a page fault for every 4 KB at first touch; the arena does so once.
"""

import numpy as np

from ..passes.plan import planned

LEAST = 1 << 14  # bytes: smaller arrays NumPy makes as quickly as it finds a buffer


class Learning:
    """One call of a `Replay`, which sees what lies where."""

    def __init__(self, replay):
        self.replay = replay
        self.root = list(range(len(replay.registers)))  # of each register, whose memory it is in
        self.lies: dict = {}  # {register: (shape, dtype, strides)} of what may have a buffer
        self.last = [0] * len(replay.registers)  # the last step that reads a register's memory
        self.escaping = set(replay.outputs)  # registers whose memory may be in the results

    def run(self, registers):
        """Run all steps; the `Buffers` for later calls."""
        for number, step in enumerate(self.replay.steps):
            args = [registers[i] for i in step.sources]
            for i in step.sources:
                self.last[self.root[i]] = number
            if step.decides:
                self.escaping.update(step.sources)
            found = self.replay.apply(step, registers)
            for i, z in zip(step.results, found, strict=True):
                self.last[i] = number
                self.learn(step, i, z, args)
        return Buffers(self.replay, *self.plan())

    def learn(self, step, i, z, args):
        """Where the result z, of register i, lies."""
        memory = owner(z)
        for source, x in zip(step.sources, args, strict=True):
            if memory is owner(x):
                self.root[i] = self.root[source]
                return
        plain = step.kernel.__class__ is np.ufunc and z.__class__ is np.ndarray
        if plain and memory is z and z.nbytes >= LEAST:
            self.lies[i] = z.shape, z.dtype, z.strides

    def plan(self):
        """({register: (offset, shape, dtype, strides)}, size of the arena)"""
        for i in self.escaping:
            self.lies.pop(self.root[i], None)
        group = {i: i for i in self.lies}
        born, dies = {}, {}
        for number, step in enumerate(self.replay.steps):
            i = step.results[0]
            if i not in self.lies:
                continue
            before = self.overwritten(step, i, number)
            group[i] = i if before is None else group[before]
            born.setdefault(group[i], number)
            dies[group[i]] = self.last[i]
        sizes = {i: int(np.prod(shape)) * d.itemsize for i, (shape, d, _) in self.lies.items()}
        offsets, size = planned([(i, sizes[i], born[i], dies[i]) for i in born])
        return {i: (offsets[group[i]], *lie) for i, lie in self.lies.items()}, size

    def overwritten(self, step, i, number):
        """An operand that dies here, in whose place the result goes entry by entry; or None."""
        if step.kernel.signature is not None:
            return None
        for source in step.sources:
            same = self.lies.get(source) == self.lies[i]
            if same and self.last[source] == number:
                return source
        return None


class Buffers:
    """Runs a `Replay` for leaves that lie in memory as they did when this was learnt."""

    def __init__(self, replay, places, size):
        self.replay, self.places, self.size = replay, places, size
        self.frames: list = []  # buffers that no call uses; those of a call that failed are lost

    def frame(self):
        """[(step, the buffer of its result or None)]"""
        arena = np.empty(self.size, np.uint8)
        made = []
        for step in self.replay.steps:
            place = self.places.get(step.results[0]) if step.results else None
            buffer = None
            if place is not None:
                offset, shape, dtype, strides = place
                buffer = np.ndarray(shape, dtype, arena, offset, strides)
            made.append((step, buffer))
        return made

    def run(self, registers):
        """Run all steps."""
        try:
            frame = self.frames.pop()  # asking first would leave room for another thread
        except IndexError:
            frame = self.frame()
        apply = self.replay.apply
        for step, buffer in frame:
            if buffer is None:
                apply(step, registers)
                continue
            args = [registers[i] for i in step.sources]
            try:
                registers[step.results[0]] = step.kernel(*args, out=buffer)
            except Exception as error:
                raise step.explained(error, args) from None
            for i in step.ends:
                registers[i] = None
        self.frames.append(frame)


def owner(x):
    """The array whose memory this is."""
    while getattr(x, "base", None) is not None:
        x = x.base
    return x
