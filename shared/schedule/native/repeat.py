"""A loop of one program: constants are settled once, and results written where they are to stay."""

import numpy as np

from .pool import Pool


class Repeat:
    """Steps of a native program whose outputs are carries, then ys: see `control.scan`.

    What a step gives as a y it writes into the stack of all ys. A carry goes there too where it is
    a y as well, else to and fro between two buffers, since the next step reads one and writes the
    other.
    """

    def __init__(self, run, carries, length):
        self.run, self.carries, self.length = run, carries, length
        outputs = run.graph.outputs
        self.pools = [Pool((length, *z.shape), z.dtype) for z in outputs[carries:]]
        given = {slot for slot, _ in run.owners}
        self.feed: dict = {}  # {slot: the y in whose stack it lies}
        self.copies = []  # (y, slot or function) of ys that lie elsewhere
        for k, how in enumerate(run.returned[carries:]):
            slot = how[0] if how.__class__ is tuple else None
            if slot in given and slot not in self.feed:
                self.feed[slot] = k
            else:
                self.copies.append((k, how if slot is None else slot))
        self.alternating = [pair for pair in run.owners if pair[0] not in self.feed]
        self.following = run.returned[:carries]

    def __call__(self, constants, carry, xs, from_end):
        """(*carries, *stacks), or None where an index is out of bounds."""
        run, inputs = self.run, self.run.graph.inputs
        first, last = len(constants), len(constants) + self.carries
        frame = run.frame()
        settled = [settle(x, v) for x, v in zip((*constants, *carry), inputs, strict=False)]
        frame[:last] = settled
        xs = [np.require(x, v.dtype, "CA") for x, v in zip(xs, inputs[last:], strict=True)]
        stacks = [pool.taken() for pool in self.pools]
        feed = [(slot, stacks[k]) for slot, k in self.feed.items()]
        buffers = [(slot, [np.empty(*like) for _ in range(2)]) for slot, like in self.alternating]
        carry, step = settled[first:], run.first
        for t in range(self.length - 1, -1, -1) if from_end else range(self.length):
            frame[first:last] = carry
            for i, x in enumerate(xs, last):
                frame[i] = x[t, ...]
            for slot, stack in feed:
                frame[slot] = stack[t, ...]
            for slot, pair in buffers:
                frame[slot] = pair[t & 1]
            if step(frame):
                return None
            for k, how in self.copies:
                stacks[k][t, ...] = frame[how] if how.__class__ is int else how()
            carry = [
                frame[h[0]] if h.__class__ is tuple else np.asarray(h()) for h in self.following
            ]
        run.release(frame)
        return (*[np.array(x)[()] for x in carry], *stacks)


def settle(x, variable):
    """An array in C order, of the dtype that the code was made for."""
    return np.require(x, variable.dtype, "CA")


def found_in(frame, how):
    """An output where it lies; a constant or a number as an array."""
    return frame[how[0]] if how.__class__ is tuple else np.asarray(how())
