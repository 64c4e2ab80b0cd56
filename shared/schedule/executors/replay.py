"""The `numpy` executor: the same kernels in the same order, into buffers that stay."""

import numpy as np

from ..graph import Constant
from ..passes.dead import without_dead
from ..passes.inline import inlined
from ..passes.repetition import without_repetition


class Replay:
    """run(leaves) -> leaves by the primitives' own kernels: the bits of the eager program."""

    def __init__(self, graph, donate=()):
        self.graph = without_dead(without_repetition(without_dead(inlined(graph))))
        for constant in self.graph.constants():
            if not any(constant.value.strides):  # eager code has its zeros and ones in full
                constant.value = np.ascontiguousarray(constant.value).reshape(constant.shape)
        self.constant = [i for i, a in enumerate(graph.outputs) if a.__class__ is Constant]
        self.weak = [i for i, v in enumerate(graph.inputs) if v.weak]

    def __call__(self, leaves):
        """The results, as eager code gives them: arrays of the caller's own."""
        return self.owned(self.graph(*self.weakened(leaves)))

    def owned(self, found):
        """The results, with copies of the graph's constants."""
        for i in self.constant:
            found[i] = found[i].copy()[()]
        return found

    def weakened(self, leaves):
        """The leaves with Python numbers as NumPy's."""
        if self.weak:
            leaves = list(leaves)
            for i in self.weak:
                leaves[i] = np.asarray(leaves[i])[()]
        return leaves
