"""A loop of one program, as one native call: every result is written where it is to stay.

A carry runs through a row of its own, of one entry more than there are steps: each step reads one
entry and writes the next. So the stack of all carries that a step was given, or gave, is a part of
that row, and nothing is copied. Outputs that are no results of a step (arguments, constants) are
stacked after the loop.
"""

import numpy as np

from .pool import Pool


class Repeat:
    """Steps of a native program whose outputs are carries, then ys: see `control.scan`."""

    def __init__(self, run, carries, length):
        self.run, self.carries, self.length = run, carries, length
        self.outputs = run.graph.outputs
        own = {slot for slot, _ in run.owners}
        places = [how[0] if how.__class__ is tuple else None for how in run.returned]
        self.places = [slot if slot in own else None for slot in places]
        self.rows = {slot: k for k, slot in enumerate(self.places[:carries])}
        self.stacks: dict = {}  # {slot: the y that it is}
        for k, slot in enumerate(self.places[carries:]):
            if slot is not None and slot not in self.rows:
                self.stacks.setdefault(slot, k)
        sizes = {slot: length + 1 for slot in self.rows} | dict.fromkeys(self.stacks, length)
        self.pools = {
            slot: Pool((sizes[slot], *shape), dtype)
            for slot, (shape, dtype) in run.owners
            if slot in sizes
        }

    def possible(self):
        """True where every carry is a result of its own of each step."""
        return None not in self.rows and len(self.rows) == self.carries

    def __call__(self, constants, carry, xs, from_end):
        """(*carries, *stacks), or None where an index is out of bounds."""
        run, inputs = self.run, self.run.graph.inputs
        first, last = len(constants), len(constants) + self.carries
        arrays = regular((*constants, *carry, *xs), inputs)
        memory = {slot: pool.taken() for slot, pool in self.pools.items()}
        frame = run.frame()
        advance = np.zeros(len(frame), np.int64)
        frame[: len(arrays)] = arrays
        start, sign = (self.length - 1, -1) if from_end else (0, 1)
        for slot, row in memory.items():
            at = start + from_end if slot in self.rows else start
            k = self.rows.get(slot)
            if k is not None:
                row[at] = arrays[first + k]
                frame[first + k] = row[at, ...]
                advance[first + k] = sign * row.strides[0]
                at += sign
            frame[slot] = row[at, ...]
            advance[slot] = sign * row.strides[0]
        for i in range(last, len(arrays)):
            frame[i] = arrays[i][start, ...]
            advance[i] = sign * arrays[i].strides[0]
        if run.table.repeat(frame, self.length, advance):
            return None
        run.release(frame)
        return self.results(arrays, memory, first, from_end)

    def results(self, arrays, memory, first, from_end):
        """The last carries, and the ys as they stand in the rows."""
        end = 0 if from_end else self.length
        given, made = (
            slice(bool(from_end), self.length + bool(from_end)),
            slice(not from_end, self.length + (not from_end)),
        )
        found = [memory[slot][end].copy()[()] for slot in self.rows]
        inputs = {v: i for i, v in enumerate(self.run.graph.inputs)}
        last = first + self.carries
        for k, a in enumerate(self.outputs[self.carries :]):
            slot = self.places[self.carries + k]
            i = inputs.get(a)
            if slot in self.rows:
                found.append(memory[slot][made])
            elif slot is not None:
                found.append(memory[slot] if self.stacks[slot] == k else memory[slot].copy())
            elif i is None or i < first:
                x = self.run.returned[self.carries + k]() if i is None else arrays[i]
                found.append(np.broadcast_to(x, (self.length, *np.shape(x))).copy())
            elif i < last:
                found.append(memory[self.places[i - first]][given])
            else:
                found.append(arrays[i].copy())
        return tuple(found)


def regular(leaves, inputs):
    """The leaves as arrays in C order, of the dtypes that the code was made for."""
    return [np.require(x, v.dtype, "CA") for x, v in zip(leaves, inputs, strict=True)]
