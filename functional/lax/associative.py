"""Running combinations by an associative function, in a logarithmic number of calls."""

from ...shared import ops, tree
from ...shared.errors import describe
from ..arguments import array_leaf, at_leaf, check_callable


def associative_scan(fn, elems, reverse=False, axis=0):
    """[e₀, e₀∘e₁, e₀∘e₁∘e₂, ...] along an axis, for an associative fn(a, b) = a∘b.

    fn takes and returns pytrees like elems, of many elements at once along `axis`: about 2 log₂ n
    calls on ever shorter pieces (Blelloch 1990), each of which is vectorised. reverse: from the
    end, [..., eₙ∘eₙ₋₁, eₙ].

    >>> associative_scan(np.add, np.arange(5))
    array([ 0,  1,  3,  6, 10])
    """
    check_callable("associative_scan", fn)
    leaves, structure = tree.flatten(elems)
    leaves = [array_leaf("associative_scan", x) for x in leaves]
    for i, x in enumerate(leaves):
        if not -len(x.shape) <= axis < len(x.shape):
            raise ValueError(
                f"associative_scan: {describe(x)}{at_leaf(structure, i)} has no axis {axis}"
            )
        if x.shape[axis] != leaves[0].shape[axis]:
            raise ValueError(
                f"associative_scan: the sizes along axis {axis} differ: {describe(leaves[0])}"
                f"{at_leaf(structure, 0)}, but {describe(x)}{at_leaf(structure, i)}"
            )

    def combine(a, b):
        sides = [structure.unflatten([ops.moveaxis(x, 0, axis) for x in side]) for side in (a, b)]
        out = structure.flatten_up_to(fn(*sides), "associative_scan: what fn returns")
        return [ops.moveaxis(x, axis, 0) for x in out]

    leaves = [ops.moveaxis(x, axis, 0) for x in leaves]
    leaves = [ops.flip(x, 0) for x in leaves] if reverse else leaves
    found = combined(combine, leaves)
    found = [ops.flip(x, 0) for x in found] if reverse else found
    return structure.unflatten([ops.moveaxis(x, 0, axis) for x in found])


def combined(combine, xs):
    """The running combinations of xs along the leading axis."""
    size = xs[0].shape[0] if xs else 0
    if size < 2:
        return xs
    # Neighbours are combined first; the running combinations of these pairs are every other result.
    odd = combined(combine, combine([x[:-1:2] for x in xs], [x[1::2] for x in xs]))
    before = [x[: (size - 1) // 2] for x in odd]
    first = [x[:1] for x in xs]
    if size > 2:
        even = combine(before, [x[2::2] for x in xs])
        first = [ops.concatenate(pair) for pair in zip(first, even, strict=True)]
    return [interleaved(*pair) for pair in zip(first, odd, strict=True)]


def interleaved(even, odd):
    """[even₀, odd₀, even₁, odd₁, ...]; even may have one entry more."""
    count = odd.shape[0]
    pairs = ops.reshape(ops.stack([even[:count], odd], axis=1), (2 * count, *odd.shape[1:]))
    return pairs if even.shape[0] == count else ops.concatenate([pairs, even[count:]])
