"""einsum, in terms of dot_general: every mode of differentiation follows from it.

A label names an axis. Operands are contracted two at a time, in an order that np.einsum_path finds;
a label that neither the result nor any later operand asks for is summed as soon as it is alone.
"""

import functools
import string

import numpy as np

from ..primitives.contraction import dot_general, matmul
from ..primitives.reduction import sum as reduce_sum
from ..primitives.shape import reshape, transpose
from .axes import one_dtype
from .contraction import last_diagonal

LETTERS = string.ascii_letters


def einsum(*operands, optimize=True, out=None, dtype=None, order="K", casting="safe"):
    """The sum of products that the labels describe: einsum("ij,jk->ik", x, y) is x @ y.

    Without "->" the result has the labels that occur once, in alphabetical order. "..." stands for
    leading axes that broadcast. Labels may also be given as lists of integers behind each operand.

    >>> einsum("ij,ij->i", np.ones((2, 3)), np.ones((2, 3)))
    array([3., 3.])
    """
    if out is not None:
        raise TypeError("einsum: out= is not supported, since nothing is changed in place")
    if not isinstance(operands[0], str):
        operands = _from_lists(operands)
    text, *arrays = operands
    xs = one_dtype("einsum", *arrays)
    plan = planned(text.replace(" ", ""), tuple([tuple(x.shape) for x in xs]), bool(optimize))
    terms = [applied(steps, x) for x, steps in zip(xs, plan.prepare, strict=True)]
    for i, j, before_x, before_y, primitive, static in plan.contract:
        y, x = terms.pop(j), terms.pop(i)
        terms.append(primitive(applied(before_x, x), applied(before_y, y), **static))
    return applied(plan.arrange, terms[0])


def applied(steps, x):
    """x after a number of steps, each a primitive and its statics."""
    for primitive, static in steps:
        x = primitive(x, **static)
    return x


class Plan:
    """An einsum as calls of primitives: on each operand, on pairs of them, on the result.

    contract: (i, j, steps for term i, steps for term j, primitive, statics); terms i < j are taken
    out and their product goes to the end.
    """

    __slots__ = ("arrange", "contract", "prepare")

    def __init__(self, prepare, contract, arrange):
        self.prepare, self.contract, self.arrange = prepare, contract, arrange


class Term:
    """The labels of a term, and the steps that have led to it since somebody last asked."""

    def __init__(self, labels, shape=None):
        self.labels, self.shape, self.steps = labels, shape, []

    def add(self, primitive, **static):
        """One more step."""
        self.steps.append((primitive, static))

    def taken(self):
        """The steps so far; the term begins anew."""
        steps, self.steps = self.steps, []
        return steps


@functools.lru_cache(maxsize=512)
def planned(text, shapes, optimize):
    """The Plan for labels and shapes."""
    labels, result = parsed(text, tuple([len(s) for s in shapes]))
    sizes = _sizes(text, labels, shapes)
    terms = [_simplified(names, s, sizes) for names, s in zip(labels, shapes, strict=True)]
    prepare, contract = [term.taken() for term in terms], []
    for i, j in _order(labels, result, shapes, optimize):
        i, j = sorted((i, j % len(terms)))
        y, x = terms.pop(j), terms.pop(i)
        needed = set(result).union(*[term.labels for term in terms])
        primitive, static, term = _contracted(x, y, needed)
        contract.append((i, j, x.taken(), y.taken(), primitive, static))
        terms.append(term)
    return Plan(prepare, contract, _arranged(terms[0], result))


def _from_lists(operands):
    """einsum(x, [0, 1], y, [1, 2], [0, 2]) as einsum("ab,bc->ac", x, y)."""
    pairs, rest = len(operands) // 2, len(operands) % 2

    def word(labels):
        return "".join("..." if n is Ellipsis else LETTERS[n] for n in labels)

    text = ",".join(word(operands[2 * i + 1]) for i in range(pairs))
    if rest:
        text += "->" + word(operands[-1])
    return (text, *[operands[2 * i] for i in range(pairs)])


@functools.lru_cache(maxsize=1024)
def parsed(text, ranks):
    """(the labels of each operand, those of the result), as strings, "..." written out.

    >>> parsed("...i,i->...", (2, 1))
    (('Ai', 'i'), 'A')
    """
    given, arrow, result = text.partition("->")
    words = given.split(",")
    if len(words) != len(ranks):
        raise ValueError(f"einsum: {text!r} is about {len(words)} operands, not {len(ranks)}")
    free = [c for c in string.ascii_uppercase + string.ascii_lowercase if c not in text]
    hidden = [r - len(w.replace("...", "")) for w, r in zip(words, ranks, strict=True)]
    for word, rank, n in zip(words, ranks, hidden, strict=True):
        if n < 0 or (n and "..." not in word):
            raise ValueError(
                f"einsum: {word!r} does not name the {rank} axes of its operand: {text!r}"
            )
    most = max([n for n, w in zip(hidden, words, strict=True) if "..." in w], default=0)
    dots = "".join(free[:most])
    labels = [w.replace("...", dots[most - n :]) for w, n in zip(words, hidden, strict=True)]
    if not arrow:
        once = sorted(c for c in set(given) - set(".,") if given.count(c) == 1)
        result = "..." * bool(most) + "".join(once)
    result = result.replace("...", dots)
    _check_result(text, labels, result)
    return tuple(labels), result


def _check_result(text, labels, result):
    known = set("".join(labels))
    for c in result:
        if c not in known:
            raise ValueError(f"einsum: the result's {c!r} is in no operand: {text!r}")
        if result.count(c) > 1:
            raise ValueError(f"einsum: the result has {c!r} twice: {text!r}")


def _sizes(text, labels, shapes):
    """The size of each label; axes of size 1 broadcast."""
    sizes = {}
    for names, shape in zip(labels, shapes, strict=True):
        for c, n in zip(names, shape, strict=True):
            if sizes.setdefault(c, n) != n and 1 not in (n, sizes[c]):
                raise ValueError(
                    f"einsum: {c!r} has size {sizes[c]} and {n} in {text!r} "
                    f"({', '.join(map(str, shapes))})"
                )
            sizes[c] = n if sizes[c] == 1 else sizes[c]
    return sizes


def _simplified(names, shape, sizes):
    """Each label once and of its full size: others of size 1 go, repeated ones meet."""
    kept = [(c, n) for c, n in zip(names, shape, strict=True) if n == sizes[c]]
    term = Term("".join([c for c, _ in kept]))
    if len(kept) < len(names):
        term.add(reshape, shape=tuple([n for _, n in kept]))
    for c in dict.fromkeys(term.labels):
        while term.labels.count(c) > 1:
            first = term.labels.index(c)
            pair = (first, term.labels.index(c, first + 1))
            rest = tuple([i for i in range(len(term.labels)) if i not in pair])
            term.add(transpose, axes=rest + pair)
            term.labels = "".join([term.labels[i] for i in rest]) + c
            term.add(last_diagonal)
    return term


def _order(labels, result, shapes, optimize):
    """Which two terms to contract next, again and again; the product goes to the end."""
    if len(labels) < 3:
        return [(0, 1)] if len(labels) == 2 else []
    if not optimize:
        return [(0, 1)] + [(0, -1)] * (len(labels) - 2)
    text = ",".join(labels) + "->" + result
    outlines = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
    pairs = []
    for step in np.einsum_path(text, *outlines, optimize="greedy")[0][1:]:
        places = sorted(step)  # several at once: the last two, and then one by one with the product
        pairs += [tuple(places[-2:]), *[(place, -1) for place in reversed(places[:-2])]]
    return pairs


def _contracted(x, y, needed):
    """(primitive, statics, term): the product of two terms, over what nobody needs summed."""
    _sum_rest(x, needed | set(y.labels))
    _sum_rest(y, needed | set(x.labels))
    a, b = x.labels, y.labels
    batch = "".join([c for c in a if c in b and c in needed])
    over = "".join([c for c in a if c in b and c not in needed])
    left = "".join([c for c in a if c not in b])
    right = "".join([c for c in b if c not in a])
    term = Term(batch + left + right)
    as_matrices = len(left) == len(right) == len(over) == 1
    if as_matrices and a == batch + left + over and b == batch + over + right:
        return matmul, {}, term
    pairs = [(tuple(map(a.index, c)), tuple(map(b.index, c))) for c in (over, batch)]
    return dot_general, {"contract": pairs[0], "batch": pairs[1]}, term


def _sum_rest(term, needed):
    """Sum over the labels that nobody needs."""
    axis = tuple([i for i, c in enumerate(term.labels) if c not in needed])
    if axis:
        term.add(reduce_sum, axis=axis, keepdims=False)
        term.labels = "".join([c for c in term.labels if c in needed])


def _arranged(term, result):
    """The steps from the last term to the result."""
    _sum_rest(term, set(result))
    axes = tuple([term.labels.index(c) for c in result])
    if axes != tuple(range(len(axes))):
        term.add(transpose, axes=axes)
    return term.taken()
