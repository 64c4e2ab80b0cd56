"""Views against NumPy's own strides, through chains of reshape, transpose, slices and the like."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wonderland.shared.schedule.views import View, contiguous, same_place

shapes = st.lists(st.integers(1, 4), max_size=4).map(tuple)


def entries(view, size):
    """What the view shows of the numbers 0, 1, ... in memory; out of bounds is an error."""
    memory = np.arange(size)
    places = np.full(view.shape, view.offset)
    for axis, (n, step) in enumerate(zip(view.shape, view.strides, strict=True)):
        shape = [1] * len(view.shape)
        shape[axis] = n
        places = places + step * np.arange(n).reshape(shape)
    assert places.size == 0 or (places.min() >= 0 and places.max() < size)
    return memory[places]


def a_key(draw, shape):
    key = []
    for n in shape[: draw(st.integers(0, len(shape)))]:
        if draw(st.booleans()):
            key.append(draw(st.integers(0, n - 1)))
        else:
            start = draw(st.none() | st.integers(-n, n - 1))
            step = draw(st.sampled_from([1, 2, -1, -2]))
            key.append((start, None, step))
        if draw(st.integers(0, 4)) == 4:
            key.append(None)
    return tuple(key)


@st.composite
def chains(draw):
    """A shape, and up to five moves, each (name, argument)."""
    shape = draw(shapes)
    x, moves = np.zeros(shape), []
    for _ in range(draw(st.integers(1, 5))):
        name = draw(st.sampled_from(["transpose", "reshape", "broadcast_to", "item", "flip"]))
        if name == "transpose":
            how = tuple(draw(st.permutations(range(x.ndim))))
        elif name == "reshape":
            how = draw(st.sampled_from([(x.size,), (1, *x.shape, 1), (*x.shape[1:], *x.shape[:1])]))
        elif name == "broadcast_to":
            grown = [n if n > 1 else draw(st.integers(1, 3)) for n in x.shape]
            how = (*[2] * draw(st.integers(0, 1)), *grown)
        elif name == "item":
            how = a_key(draw, x.shape)
        else:
            how = tuple(i for i in range(x.ndim) if draw(st.booleans()))
        moves.append((name, how))
        x = by_numpy(x, name, how)
        if x.size > 200 or x.ndim > 6:
            break
    return shape, moves


def by_numpy(x, name, how):
    if name == "item":
        return x[tuple([slice(*k) if isinstance(k, tuple) else k for k in how])]
    return getattr(np, name)(x, how)


@given(chains())
def test_chains(chain):
    shape, moves = chain
    size = int(np.prod(shape))
    view, x = View.of(shape), np.arange(size).reshape(shape)
    for name, how in moves:
        expected = by_numpy(x, name, how)
        found = getattr(view, name)(how)
        if found is None:  # NumPy has to copy, too
            assert name == "reshape" and not np.shares_memory(expected, x)
            return
        np.testing.assert_array_equal(entries(found, size), expected)
        first = np.arange(expected.size).reshape(expected.shape)
        assert found.is_whole == bool((expected == first).all())
        assert found.is_in_order == bool((expected == first + found.offset).all())
        view, x = found, expected


@given(shapes, st.data())
def test_a_reshape_that_numpy_need_not_copy_is_a_view(shape, data):
    axes = tuple(data.draw(st.permutations(range(len(shape)))))
    x = np.arange(int(np.prod(shape))).reshape(shape).transpose(axes)
    how = data.draw(st.sampled_from([(x.size,), (*x.shape[:1], -1), (-1, *x.shape[-1:])]))
    expected = x.reshape(how)
    view = View.of(shape).transpose(axes).reshape(expected.shape)
    assert (view is None) == (not np.shares_memory(expected, x))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (2, 1, 3)])
def test_c_order(shape):
    assert tuple(s // 8 for s in np.zeros(shape).strides) == contiguous(shape)
    assert View.of(shape).is_whole


def test_the_same_place_however_it_is_cut():
    whole = View.of((4, 6))
    assert same_place(whole, whole.reshape((2, 2, 6)).reshape((4, 6)))
    assert not same_place(whole, whole.flip((0,)))
    assert not same_place(whole.item(((0, 2, 1),)), whole.item(((2, 4, 1),)))


def test_an_empty_slice():
    assert View.of((4,)).item(((3, 3, 1),)).shape == (0,)
