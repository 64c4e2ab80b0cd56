"""Labels are looked at before a program runs: in machine code a wrong one would only make NaN."""

import numpy as np

from ..graph import Constant, Variable
from ..passes.arrange import Arranged


class LabelCheck:
    """One labelled operation of a graph: which input holds the labels, and what they may be."""

    def __init__(self, place, classes, ignored):
        self.place, self.classes, self.ignored = place, classes, ignored

    def holds(self, leaves):
        """True where every label is a class, or the one that is ignored."""
        labels = np.asarray(leaves[self.place])
        wrong = (labels < 0) | (labels >= self.classes)
        if not wrong.any():
            return True
        return self.ignored is not None and not (wrong & (labels != self.ignored)).any()


def label_checks(graph):
    """The checks of a graph, for labels that are among its inputs (or views of one)."""
    places, found = Arranged(graph).places, {}
    for equation in graph.equations:
        operands = equation.primitive.operands
        if tuple(operands[:2]) != ("x", "labels") or "classes" in equation.static:
            continue
        x, labels = equation.inputs[:2]
        root = places[labels].root if isinstance(labels, Variable) else None
        if root in graph.inputs and root.__class__ is not Constant:
            key = graph.inputs.index(root), x.shape[-1], equation.static.get("ignore_index")
            found[key] = LabelCheck(*key)
    return list(found.values())
