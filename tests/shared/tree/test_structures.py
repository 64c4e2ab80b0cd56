"""Trees that do not fit: each error names the path and both sides."""

from collections import OrderedDict, namedtuple

import numpy as np
import pytest

from wonderland.shared import tree

Point = namedtuple("Point", ["x", "y"])

DIFFERENCES = [
    (
        {"encoder": [{"w": 1}]},
        {"encoder": [{"w": 1, "bias": 2}]},
        "at 'encoder.0': dict with keys ['w'] and dict with keys ['bias', 'w']",
    ),
    ({"a": {"b": 1}}, {"a": {"c": 1}}, "at 'a': dict with keys ['b'] and dict with keys ['c']"),
    ([1, 2], [1, 2, 3], "at the root: list of length 2 and list of length 3"),
    ([1, 2], (1, 2), "at the root: list of length 2 and tuple of length 2"),
    ([[1]], [np.ones((2, 3), np.float32)], "at '0': list of length 1 and a leaf float32 (2, 3)"),
    ([(1, 2)], [Point(1, 2)], "at '0': tuple of length 2 and Point(x, y)"),
    ([[1]], ["text"], "at '0': list of length 1 and a leaf of type str"),
    ([{"a": 1}], [None], "at '0': dict with keys ['a'] and None"),
    ([None], [1], "at '0': None and a leaf of type int"),
    ([{}], [OrderedDict()], "at '0': dict with keys [] and OrderedDict with keys []"),
    ([1, {"p": Point(1, [2])}], [1, {"p": Point(1, 2)}], "at '1.p.y': list of length 1 and a leaf"),
    ({0: {True: [1]}}, {0: {True: 1}}, "at '0.True': list of length 1 and a leaf of type int"),
]


@pytest.mark.parametrize(("first", "second", "text"), DIFFERENCES)
@pytest.mark.parametrize("compiled", [False, True])
def test_map_names_the_first_difference(first, second, text, compiled):
    for _ in range(8 * compiled):
        tree.map(lambda x: x, first)
    with pytest.raises(ValueError) as caught:
        tree.map(lambda x, y: x, first, second)
    assert f"tree.map: structures differ {text}" in str(caught.value)
    assert caught.value.__context__ is None or isinstance(caught.value.__context__, KeyError)


def test_the_last_of_several_trees():
    with pytest.raises(ValueError, match=r"tree.map: structures differ at '0': list"):
        tree.map(lambda *x: x, [[1]], [[1]], [(1,)])


def test_the_operation_is_named():
    with pytest.raises(ValueError, match=r"tree.map_with_path: structures differ at the root"):
        tree.map_with_path(lambda path, x, y: x, [1], (1,))
    with pytest.raises(ValueError, match=r"tree.flatten_up_to: structures differ at the root"):
        tree.structure([1]).flatten_up_to((1,))
    with pytest.raises(ValueError, match=r"tree.transpose: structures differ at 'a.1': tuple of"):
        outer, inner = tree.structure({"a": 0}), tree.structure([0, (0,)])
        tree.transpose(outer, inner, {"a": [1, (2, 3)]})


@pytest.mark.parametrize("use", [tree.flatten, tree.leaves, tree.structure, tree.leaves_with_path])
def test_keys_without_an_order(use):
    text = r"the keys of the dict at 'a.1' cannot be sorted: \[1, 'x'\]; use keys of one type"
    with pytest.raises(TypeError, match=text):
        use({"a": [0, {1: 0, "x": 0}]})


def test_keys_without_an_order_in_the_rest():
    text = r"tree.map: the keys of the dict at 'a' cannot be sorted: \[1, 'x'\]"
    for _ in range(8):
        with pytest.raises(TypeError, match=text):
            tree.map(lambda x, y: x, {"a": {1: 0, 2: 0}}, {"a": {1: 0, "x": 0}})


def test_keys_without_an_order_below_a_leaf_of_the_first_tree():
    assert tree.map(lambda x, y: y, [1], [{1: 0, "x": 0}]) == [{1: 0, "x": 0}]


def cyclic_list():
    inner = [1]
    inner.append(inner)
    return inner


def cyclic_dict():
    inner = {}
    inner["up"] = [inner, inner]
    return inner


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (cyclic_list(), "the list at the root contains itself"),
        ({"a": (0, cyclic_list())}, "the list at 'a.1' contains itself"),
        ((0, cyclic_dict()), "at '1(.up)?' contains itself"),
    ],
)
def test_a_container_inside_itself(value, text):
    with pytest.raises(ValueError, match=rf"tree.flatten: .*{text}"):
        tree.flatten(value)
    with pytest.raises(ValueError, match=rf"tree.leaves: .*{text}"):
        tree.leaves(value, is_leaf=lambda x: False)


def test_a_container_inside_itself_far_down():
    value = cyclic_list()
    for _ in range(2300):
        value = [value]
    with pytest.raises(ValueError, match=r"tree.flatten: the list at '0(\.0)*' contains itself"):
        tree.flatten(value)


def test_one_container_at_two_places_is_no_cycle():
    shared = [1, 2]
    assert tree.leaves([shared, {"a": shared}, (shared,)]) == [1, 2] * 3


CALLS = [
    (
        lambda: tree.unflatten(tree.structure([1, 2]), [1]),
        ValueError,
        r"tree.unflatten: the structure has 2 leaves but 1 were given \(Structure\(\[\*, \*\]\)\)",
    ),
    (
        lambda: tree.unflatten([1, 2], tree.structure([1, 2])),
        TypeError,
        r"tree.unflatten: the structure must be a tree.Structure, got list; make one with",
    ),
    (
        lambda: tree.transpose({"a": 0}, None, {"a": 0}),
        TypeError,
        r"tree.transpose: the outer structure must be a tree.Structure, got dict",
    ),
    (
        lambda: tree.transpose(tree.structure([0]), [0], [[0]]),
        TypeError,
        r"tree.transpose: the inner structure must be a tree.Structure, got list",
    ),
    (
        lambda: tree.transpose(tree.structure([]), None, []),
        ValueError,
        r"tree.transpose: outer has no leaves; give the inner structure",
    ),
    (
        lambda: tree.transpose(tree.structure([]), tree.structure([0]), []),
        ValueError,
        r"tree.transpose: outer has 0 leaves and inner 1; both need at least one",
    ),
    (
        lambda: tree.reduce(max, [None]),
        TypeError,
        r"tree.reduce: the tree has no leaves; give an initializer",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), CALLS)
def test_errors_of_the_functions(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_long_structure_is_cut_in_the_message():
    with pytest.raises(ValueError, match=r"has 500 leaves but 0 were given .*\.\.\.\)$") as caught:
        tree.unflatten(tree.structure([0] * 500), [])
    assert len(str(caught.value)) < 400
