"""einsum, in terms of dot_general: every mode of differentiation follows from it.

A label names an axis. Operands are contracted two at a time, in an order that np.einsum_path finds;
a label that neither the result nor any later operand asks for is summed as soon as it is alone.
"""

import functools
import string

import numpy as np

from ..primitives.contraction import dot_general
from ..primitives.reduction import sum as reduce_sum
from ..primitives.shape import reshape, transpose
from .contraction import last_diagonal, one_dtype

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
    shapes = tuple([tuple(x.shape) for x in xs])
    labels, result = parsed(text.replace(" ", ""), tuple([len(s) for s in shapes]))
    sizes = _sizes(text, labels, shapes)
    terms = [_simplified(x, names, sizes) for x, names in zip(xs, labels, strict=True)]
    for pair in _order(labels, result, shapes, optimize):
        chosen = [terms.pop(i) for i in sorted(pair, reverse=True)][::-1]
        needed = set(result).union(*[names for _, names in terms])
        terms.append(_contracted(chosen, needed))
    return _arranged(*terms[0], result)


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


def _simplified(x, names, sizes):
    """(x, labels), each label once and of full size: others of size 1 go, repeated ones meet."""
    kept = [(c, n) for c, n in zip(names, x.shape, strict=True) if n == sizes[c]]
    if len(kept) < len(names):
        x = reshape(x, shape=tuple([n for _, n in kept]))
    names = [c for c, _ in kept]
    for c in dict.fromkeys(names):
        while names.count(c) > 1:
            pair = [i for i, d in enumerate(names) if d == c][:2]
            rest = [i for i in range(len(names)) if i not in pair]
            x = last_diagonal(transpose(x, axes=(*rest, *pair)))
            names = [*[names[i] for i in rest], c]
    return x, "".join(names)


def _order(labels, result, shapes, optimize):
    """Which two terms to contract next, again and again; the product goes to the end."""
    if len(labels) < 3:
        return [(0, 1)] if len(labels) == 2 else []
    return _greedy(labels, result, shapes) if optimize else [(0, 1)] * (len(labels) - 1)


@functools.lru_cache(maxsize=256)
def _greedy(labels, result, shapes):
    text = ",".join(labels) + "->" + result
    outlines = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
    steps = np.einsum_path(text, *outlines, optimize="greedy")[0][1:]
    pairs = []
    for step in steps:  # a step of several operands, from the last two on
        pairs += [tuple(sorted(step)[-2:])] if len(step) == 2 else _in_pairs(step)
    return pairs


def _in_pairs(step):
    """A step that takes n terms at once, as n - 1 that take two."""
    places = sorted(step)
    first = tuple(places[-2:])
    return [first] + [(place, -1) for place in reversed(places[:-2])]


def _contracted(chosen, needed):
    """The product of two terms, summed over what is not needed any more."""
    (x, a), (y, b) = chosen
    (x, a), (y, b) = _summed(x, a, needed | set(b)), _summed(y, b, needed | set(a))
    batch = [c for c in a if c in b and c in needed]
    over = [c for c in a if c in b and c not in needed]
    z = dot_general(
        x,
        y,
        contract=(tuple(map(a.index, over)), tuple(map(b.index, over))),
        batch=(tuple(map(a.index, batch)), tuple(map(b.index, batch))),
    )
    return z, "".join(batch) + "".join([c for c in a + b if c not in batch + over])


def _summed(x, names, needed):
    """The term without the labels that nobody needs."""
    axis = tuple([i for i, c in enumerate(names) if c not in needed])
    if axis:
        x = reduce_sum(x, axis=axis, keepdims=False)
    return x, "".join([c for c in names if c in needed])


def _arranged(x, names, result):
    """The last term with its axes as the result wants them."""
    x, names = _summed(x, names, set(result))
    axes = tuple([names.index(c) for c in result])
    return transpose(x, axes=axes) if axes != tuple(range(len(axes))) else x
