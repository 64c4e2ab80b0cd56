"""Reading and writing by index, held against NumPy."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops
from wonderland.shared.batching import vmap
from wonderland.shared.ops import at, getitem
from wonderland.shared.tape import vjp
from wonderland.shared.testing import check_grads

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.linspace(-1, 1.5, 24).reshape(2, 3, 4)
V = np.array([1.0, 2.0, 3.0])
MASK = np.array([[True, False, True], [False, False, True]])
s = np.s_

INDICES = [
    s[1], s[-1], s[0, 1], s[-1, -2], s[:], s[::-1], s[-5:7], s[::-2, 1:], s[2:1], s[5:], s[...],
    s[..., 0], s[1, ...], s[None], s[:, None], s[..., None, 0], s[()], s[np.int64(1)],
    s[np.array(1), 0], s[:, ::-1, None], s[-1::-1], s[1:0:-1], s[0:0:-1],
    s[[0, 1, 1]], s[[]], s[[-1], [0]], s[np.array([[0, 1], [1, 0]])], s[:, [0, 2]], s[[0, 1], 1:],
    s[[0, 1], [1, 2]], s[[[0], [1]], [0, 2]], s[1, [0, 2]], s[[0, 1], None, [1, 2]], s[None, [1]],
    s[np.array([0, 1], np.uint8), np.array([1, 2])], s[..., [0, 0]],
    s[range(2)], s[:, range(2, 0, -1)],
]  # fmt: skip
DEEP = [
    s[0, :, [1, 2, 0]], s[:, 0, [1, 2, 0]], s[[0, 1], :, [1, 2]], s[..., [1, 2]], s[[1, 0], ..., 0],
    s[:, [0, 1], ..., [1, 2]], s[np.ix_([0, 1], [2, 0])], s[MASK], s[:, [True, False, True]],
    s[MASK, 1], s[MASK, [0, 1, 2]], s[[True, False], :, [1]], s[..., None, [1, 2], None, 0],
]  # fmt: skip
EVERY = [*[(X, i) for i in INDICES], (X, s[MASK]), *[(Y, i) for i in DEEP]]


def name(index):
    return str(index).replace("\n", "")


def of_index(pair):
    return name(pair[1])


@pytest.mark.parametrize("pair", EVERY, ids=of_index)
def test_getitem_is_numpys(pair):
    x, index = pair
    hold(Case("getitem", x, index, reference=lambda x, i: x[i], grads=x[index].size > 0))


@pytest.mark.parametrize("pair", EVERY, ids=of_index)
def test_set_and_add_are_numpys(pair):
    x, index = pair
    v = np.linspace(1, 2, x[index].size).reshape(x[index].shape)
    wanted = x.copy()
    wanted[index] = v
    np.testing.assert_array_equal(at(x)[index].set(v), wanted)
    wanted = x.copy()
    np.add.at(wanted, index, v)
    np.testing.assert_array_equal(at(x)[index].add(v), wanted)
    if v.size:
        check_grads(lambda x, v: at(x)[index].set(v), (x, v), order=1)
        check_grads(lambda x, v: at(x)[index].add(v), (x, v), order=1)


DUPLICATES = np.array([0, 2, 0, -3])
METHODS = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "mul": np.multiply,
    "divide": np.divide, "power": np.power, "min": np.minimum, "max": np.maximum,
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("index", [DUPLICATES, np.array([1, 0]), s[1:], s[0]], ids=name)
def test_every_value_applies(method, index):
    v = np.linspace(1.25, 2, V[index].size).reshape(V[index].shape)

    def f(x, v):
        return getattr(at(x)[index], method)(v)

    wanted = V.copy()
    METHODS[method].at(wanted, index, v)
    np.testing.assert_allclose(f(V, v), wanted, rtol=1e-15)
    check_grads(f, (V, v), order=2)


@pytest.mark.parametrize("method", ["multiply", "max", "add", "set"])
def test_indices_may_be_batched(method):
    i = np.array([[0, 1, 0], [2, 2, -1]])
    v = np.arange(1.0, 7).reshape(2, 3)
    z = vmap(lambda i, v: [getattr(at(V)[i], method)(v)], [i, v], [True, True], 2)[0][0]
    rows = [getattr(at(V)[a], method)(b) for a, b in zip(i, v, strict=True)]
    np.testing.assert_array_equal(z, rows)
    z = vmap(lambda i: [getitem(V, i)], [i[:, 0]], [True], 2)[0][0]
    np.testing.assert_array_equal(z, V[i[:, 0]])


def test_set_keeps_the_last_and_its_derivative():
    z, pull = vjp(lambda v: [at(np.zeros(2))[[0, 0]].set(v)], [np.array([5.0, 7.0])])
    np.testing.assert_array_equal(z[0], [7, 0])
    np.testing.assert_array_equal(pull([np.ones(2)])[0], [0, 1])


def test_apply_is_once_per_entry_and_get_reads():
    np.testing.assert_array_equal(at(V)[[1, 1]].apply(lambda x: x * x), [1, 4, 3])
    np.testing.assert_array_equal(at(V)[[1, 1]].get(), [2, 2])
    np.testing.assert_array_equal(at(V)[1].apply(np.negative), [1, -2, 3])


def test_values_broadcast_and_take_the_dtype_of_x():
    x = np.zeros((2, 3), np.float32)
    for v in (1, 2.5, np.float64(2.5), np.ones((1, 1, 3)), [1.0, 2.0, 3.0]):
        z = at(x)[:, :].set(v)
        assert z.dtype == np.float32
        np.testing.assert_array_equal(z, np.broadcast_to(np.asarray(v, np.float32), (1, 2, 3))[0])
    assert not x.any()


def test_a_loop_over_entries_is_sparse():
    x = np.ones(50)
    g = vjp(lambda x: [sum((x[i] * x[i] for i in range(50)), 0.0)], [x])[1]([np.float64(1)])[0]
    np.testing.assert_array_equal(g, np.full(50, 2.0))


def test_a_mask_under_vmap_names_where():
    with pytest.raises(TypeError, match=r"a boolean mask under vmap .* where\(mask, x, 0\)"):
        vmap(lambda x: [x[x > 0]], [X], [True], 2)


CASES = [
    Case("take", X, [0, 5]),
    Case("take", X, np.array([[0, 1], [2, 0]]), axis=1),
    Case("take", X, 1, axis=0),
    Case("take", X, [-1, 7], axis=1, mode="clip"),
    Case("take", X, [-1, 7], axis=1, mode="wrap"),
    Case("take_along_axis", X, np.argsort(X, axis=1), axis=1),
    Case("take_along_axis", X, np.array([[1]]), axis=0),
    Case("take_along_axis", X, np.array([[0, 2]]), axis=1),
    Case("take_along_axis", X, np.array([3, 0]), axis=None),
    Case("compress", [True, False, True], X, axis=1),
    Case("extract", MASK, X),
    Case("delete", X, 1, axis=1),
    Case("delete", X, [0, 3]),
    Case("delete", X, slice(0, 2), axis=-1),
    Case("nonzero", np.array([[0, 1], [2, 0]])),
    Case("flatnonzero", np.array([[0, 1], [2, 0]])),
    Case("argwhere", np.array([[0, 1], [2, 0]])),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


def test_the_method_compress_has_the_value_first():
    z = vjp(lambda x: [x.compress([True, False, True])], [V])[0][0]
    np.testing.assert_array_equal(z, [1, 3])


def test_put_along_axis_returns_a_new_array():
    i, wanted = np.array([[2], [0]]), X.copy()
    np.put_along_axis(wanted, i, np.array([[7.0], [8.0]]), 1)
    np.testing.assert_array_equal(ops.put_along_axis(X, i, np.array([[7.0], [8.0]]), 1), wanted)
    check_grads(lambda x, v: ops.put_along_axis(x, i, v, 1), (X, np.ones((2, 1))), order=1)


@pytest.mark.parametrize(
    ("index", "error", "text"),
    [
        (2, IndexError, r"getitem: index 2 is out of range for axis 0 of x: \(2, 3\)"),
        ((0, -4), IndexError, r"getitem: index -4 is out of range for axis 1 of x: \(2, 3\)"),
        ([0, 2], IndexError, r"getitem: index 2 is out of range for axis 0 of x: \(2, 3\)"),
        ((0, 0, 0), IndexError, r"getitem: 3 indices are too many for the 2 axes of x: \(2, 3\)"),
        ((..., 0, ...), IndexError, r"getitem: an index has one ... at most"),
        (1.0, IndexError, r"getitem: an index is an integer, a slice, .*, not float"),
        (np.array([0.5]), IndexError, r"getitem: an index is an integer, .*, not float64\[1\]"),
        (True, IndexError, r"getitem: True and False are no indices"),
        (np.ones((3, 3), bool), IndexError,
         r"getitem: a mask of shape \(3, 3\) does not fit the axes it is for, of sizes \(2, 3\)"),
        (([0, 1], [0, 1, 2]), IndexError, r"getitem: the index arrays do not broadcast"),
    ],
)  # fmt: skip
def test_bad_indices_teach(index, error, text):
    with pytest.raises(error, match=text):
        getitem(X, index)
    with pytest.raises(error, match=text):
        vjp(lambda x: [x[index]], [X])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: at(X)[0].set(np.ones(2)), ValueError,
         r"at.set: values of shape \(2,\) do not broadcast to the place, of shape \(3,\)"),
        (lambda: at(np.arange(3))[0].set(1.5), TypeError,
         r"at.set: values of float64 do not fit into x of int64; widen x first"),
        (lambda: at(X)[0].add(1j), TypeError, r"at.add: values of complex128 do not fit into x"),
        (lambda: ops.take(X, [0], mode="round"), ValueError, r"take: mode 'round' is none of"),
        (lambda: ops.take_along_axis(X, np.zeros(3, int), 1), ValueError,
         r"take_along_axis: x and the indices differ in rank \(x: \(2, 3\), indices: \(3,\)\)"),
        (lambda: ops.take_along_axis(X, np.zeros((3, 1), int), 1), ValueError,
         r"take_along_axis: x and the indices do not broadcast on axis 0"),
        (lambda: ops.take_along_axis(X, np.zeros((2, 1)), 1), IndexError,
         r"take_along_axis: indices are integers, not float64\[2,1\]"),
    ],
)  # fmt: skip
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()
