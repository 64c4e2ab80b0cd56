import numpy as np
import pytest

from wonderland import functional as wf

X = np.arange(6.0).reshape(2, 3)
V = np.array([1.0, 2.0, 3.0])


def same(a, b):
    wf.tree.map(np.testing.assert_array_equal, a, b)


def test_any_axis_goes_in_and_comes_out():
    def f(x):
        return np.outer(x, x)

    rows = np.stack([np.outer(x, x) for x in X])
    same(wf.vmap(f)(X), rows)
    same(wf.vmap(f, in_axes=1)(X.T), rows)
    same(wf.vmap(f, in_axes=-1)(X.T), rows)
    same(wf.vmap(f, out_axes=1)(X), rows.swapaxes(0, 1))
    same(wf.vmap(f, out_axes=-1)(X), np.moveaxis(rows, 0, -1))
    same(wf.vmap(f, in_axes=[0], out_axes=2)(X), np.moveaxis(rows, 0, 2))
    same(wf.vmap(lambda x: [x, (x, x)], out_axes=[1, 0])(X), [X.T, (X, X)])


def test_axes_are_a_prefix_of_the_arguments():
    def f(p, y, z):
        return {"a": p["w"] * y + p["b"][0], "z": z}

    p = {"w": X, "b": [V]}
    out = wf.vmap(f, in_axes=({"w": 0, "b": None}, None, 1), out_axes={"a": 1, "z": 0})(p, V, X.T)
    same(out, {"a": (X * V + V).T, "z": X})
    same(wf.vmap(f, in_axes=({"w": 0, "b": [None]}, None, 0))(p, V, V[:2])["a"], X * V + V)


def test_keywords_are_mapped_over_their_first_axis():
    same(wf.vmap(lambda x, y: x * y)(X, y=np.array([1.0, 10.0])), X * [[1], [10]])


def test_results_that_all_calls_share():
    out = wf.vmap(lambda x: (x.sum(), V, 1.0), out_axes=(0, None, None))(X)
    same(out, (X.sum(1), V, 1.0))
    repeated = wf.vmap(lambda x: V)(X)
    same(repeated, np.stack([V, V]))


def test_nested_in_all_orders():
    outer = wf.vmap(wf.vmap(lambda x, y: x * y, (0, None)), (None, 0))(V, V)
    same(outer, np.outer(V, V))
    outer = wf.vmap(wf.vmap(lambda x, y: x - y, (None, 0)), (0, None), out_axes=1)(V, 2 * V)
    same(outer, np.subtract.outer(V, 2 * V).T)


def test_what_is_closed_over_is_shared():
    same(wf.vmap(lambda i: wf.vmap(lambda x: x * i)(V))(V), np.outer(V, V))


def test_a_size_may_be_given_where_nothing_is_mapped():
    same(wf.vmap(lambda x: x, in_axes=None, axis_size=2)(V), np.stack([V, V]))
    assert wf.vmap(lambda x: x)(np.zeros((0, 3))).shape == (0, 3)


def test_values_see_their_own_shape():
    def f(x):
        assert x.shape == (3,) and x.ndim == 1 and len(x) == 3
        return x[0] + x[-1]

    same(wf.vmap(f)(X), X[:, 0] + X[:, -1])


BAD = [
    (
        lambda: wf.vmap(lambda x, y: x)(X, V),
        ValueError,
        "vmap: the mapped axes have different sizes: argument 0 has 2, argument 1 has 3",
    ),
    (
        lambda: wf.vmap(lambda p: p)({"w": X, "b": [V]}),
        ValueError,
        r"argument 0 at 'b\.0' has 3, argument 0 at 'w' has 2",
    ),
    (lambda: wf.vmap(lambda x, y: x)(X, y=V), ValueError, "argument 'y' has 3"),
    (
        lambda: wf.vmap(lambda x: x)(1.0),
        ValueError,
        r"argument 0 has no axis 0 to map: it is float32\[\]; pass in_axes=None",
    ),
    (lambda: wf.vmap(lambda x: x, in_axes=2)(X), ValueError, "argument 0 has no axis 2 to map"),
    (
        lambda: wf.vmap(lambda x: x, in_axes=None)(X),
        ValueError,
        "no argument is mapped; .* axis_size=",
    ),
    (
        lambda: wf.vmap(lambda x: x, in_axes=(0, 0))(X),
        ValueError,
        "in_axes has 2 entries but .* 1 positional",
    ),
    (
        lambda: wf.vmap(lambda p: p, in_axes=({"b": 0},))({"a": X}),
        ValueError,
        "vmap: in_axes is no prefix of what it maps: structures differ at '0'",
    ),
    (
        lambda: wf.vmap(lambda x: x, in_axes="0")(X),
        TypeError,
        "in_axes holds integers and None, but a leaf is '0'",
    ),
    (
        lambda: wf.vmap(lambda x: x, out_axes=None)(X),
        ValueError,
        r"out_axes is None for an output that depends on the batch, float64\[2,3\]",
    ),
    (
        lambda: wf.vmap(lambda x: x, out_axes=3)(X),
        ValueError,
        "out_axes is 3 but the output has 2 axes",
    ),
    (lambda: wf.vmap(lambda x: (x, x), out_axes=(0, 0, 0))(X), ValueError, "out_axes is no prefix"),
    (lambda: wf.vmap(lambda x: "no")(X), TypeError, "vmap: .* returned a leaf of type str"),
    (
        lambda: wf.vmap(lambda x: x if x[0] > 0 else -x)(X),
        TypeError,
        r"bool: a traced bool\[\] under `vmap` has 2 values",
    ),
    (lambda: wf.vmap("no"), TypeError, "vmap: it takes a function but got str"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[row[2][:40] for row in BAD])
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
