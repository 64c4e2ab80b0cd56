"""What wonderland.shared.tree promises: order, round trips, jax's semantics, errors with paths."""

import copy
import pickle
import threading
import types
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wonderland.shared import tree
from wonderland.shared.tree import nodes, structures, traversal

Point = namedtuple("Point", ["x", "y"])
MODEL = {
    "encoder": [{"weight": 1, "bias": 2}, {"weight": 3, "bias": 4}],
    "decoder": (5, None, Point(6, {"scale": 7})),
}
LEAVES = [5, 6, 7, 2, 1, 4, 3]
PATHS = [
    "decoder.0",
    "decoder.2.x",
    "decoder.2.y.scale",
    "encoder.0.bias",
    "encoder.0.weight",
    "encoder.1.bias",
    "encoder.1.weight",
]


def nested(depth, leaf=0):
    """A list in a list in a list ..., with a leaf at every level."""
    result = leaf
    for level in range(depth):
        result = [level, result]
    return result


@pytest.fixture
def small_caches(monkeypatch):
    """Caches that are full, and emptied, all the time."""
    monkeypatch.setattr(nodes, "CACHE_SIZE", 2)


def test_leaves_come_in_the_order_of_sorted_keys_and_none_has_none():
    assert tree.leaves(MODEL) == LEAVES
    assert tree.leaves(None) == []
    assert tree.leaves(3) == [3]


def test_flatten_and_unflatten_are_inverse():
    leaves, structure = tree.flatten(MODEL)
    rebuilt = tree.unflatten(structure, leaves)
    assert rebuilt == MODEL
    assert type(rebuilt["decoder"][2]) is Point
    assert structure.num_leaves == 7
    assert structure.num_nodes == 15


@pytest.mark.parametrize("leaves", [iter(LEAVES), tuple(LEAVES), dict.fromkeys(LEAVES)])
def test_unflatten_takes_any_iterable(leaves):
    assert tree.unflatten(tree.structure(MODEL), leaves) == MODEL


@pytest.mark.parametrize("empty", [[], (), {}, None, OrderedDict(), [{}, (None, [])]])
def test_trees_without_leaves(empty):
    for _ in range(8):  # past the compiled use
        assert tree.flatten(empty)[0] == []
        assert tree.map(lambda x: 1 / 0, empty) == empty


def test_ordered_and_default_dicts():
    ordered = OrderedDict([("b", 1), ("a", 2)])
    default = defaultdict(list, b=1, a=2)
    assert tree.leaves(ordered) == [1, 2]  # in its own order
    assert tree.leaves(default) == [2, 1]
    doubled = tree.map(lambda x: 2 * x, [ordered, default])
    assert type(doubled[0]) is OrderedDict and list(doubled[0].items()) == [("b", 2), ("a", 4)]
    assert type(doubled[1]) is defaultdict and doubled[1].default_factory is list
    assert tree.structure(ordered) != tree.structure(OrderedDict(a=0, b=0))
    assert tree.structure(default) != tree.structure(defaultdict(set, b=1, a=2))


@pytest.mark.parametrize("keys", [(0, 1), (False, True), (0.0, 1.0), (0, True)])
def test_keys_that_are_equal_do_not_replace_each_other(keys):
    value = {"a": dict.fromkeys(keys, 3)}
    for other in ({"a": {0: 3, 1: 3}}, {"a": {False: 3, True: 3}}):
        for _ in range(8):
            tree.map(lambda x: x, other)
            assert repr(tree.map(lambda x: x, value)) == repr(value)
            assert tree.map(lambda x, y: x + y, value, other) == {"a": {0: 6, 1: 6}}


def test_subclasses_of_containers_are_leaves():
    class MyList(list):
        pass

    class MyDict(dict):
        pass

    leaves = [MyList([1]), MyDict(a=1), types.MappingProxyType({}), np.zeros((2, 2)), "text"]
    for _ in range(8):
        assert all(a is b for a, b in zip(tree.leaves(leaves), leaves, strict=True))


def test_is_leaf_stops_the_descent():
    found = tree.leaves(MODEL, is_leaf=lambda x: isinstance(x, Point) or x is None)
    assert found == [5, None, Point(6, {"scale": 7}), 2, 1, 4, 3]
    mapped = tree.map(lambda x: x, MODEL, is_leaf=lambda x: isinstance(x, list))
    assert mapped == MODEL
    assert tree.structure(MODEL, is_leaf=lambda x: True).num_nodes == 1


def test_map_over_several_trees():
    assert tree.map(lambda x, y, z: x + y * z, MODEL, MODEL, MODEL) == tree.map(
        lambda x: x + x * x, MODEL
    )


def test_map_gives_f_the_subtrees_where_the_rest_is_deeper():
    for _ in range(8):
        assert tree.map(lambda x, y: (x, y), {"a": 1, "b": 2}, {"a": [3, None], "b": None}) == {
            "a": (1, [3, None]),
            "b": (2, None),
        }


def test_a_value_error_of_f_is_not_taken_for_one_of_ours():
    def f(x):
        raise KeyError("mine")

    for _ in range(8):
        with pytest.raises(KeyError, match="mine"):
            tree.map(f, MODEL)


def test_reduce_and_all():
    assert tree.reduce(lambda total, x: total + x, MODEL) == sum(LEAVES)
    assert tree.reduce(lambda total, x: [*total, x], MODEL, []) == LEAVES
    assert tree.reduce(max, None, 3) == 3
    assert tree.all(MODEL) and tree.all(None)
    assert not tree.all([1, {"a": 0}])
    assert tree.all([None, 1]) and not tree.all([None, 1], is_leaf=lambda x: x is None)


def test_paths():
    pairs, structure = tree.flatten_with_path(MODEL)
    assert [tree.path_string(path) for path, _ in pairs] == PATHS
    assert [leaf for _, leaf in pairs] == LEAVES
    assert structure is tree.structure(MODEL)
    assert tree.leaves_with_path(MODEL) == pairs
    assert pairs[2][0] == (
        tree.DictKey("decoder"),
        tree.SequenceKey(2),
        tree.GetAttrKey("y"),
        tree.DictKey("scale"),
    )
    assert tree.map_with_path(lambda path, x, y: (tree.path_string(path), x, y), [1], [2]) == [
        ("0", 1, 2)
    ]
    assert tree.leaves_with_path(7) == [((), 7)]


def test_paths_with_is_leaf():
    pairs = tree.leaves_with_path([None, {"a": None}], is_leaf=lambda x: x is None)
    assert [tree.path_string(path) for path, _ in pairs] == ["0", "1.a"]


def test_transpose():
    outer, inner = tree.structure({"a": 0, "b": 0}), tree.structure([0, (0, 0)])
    value = {"a": [1, (2, 3)], "b": [4, (5, 6)]}
    expected = [{"a": 1, "b": 4}, ({"a": 2, "b": 5}, {"a": 3, "b": 6})]
    assert tree.transpose(outer, inner, value) == expected
    assert tree.transpose(outer, None, value) == expected
    assert tree.transpose(inner, outer, expected) == value


def test_broadcast():
    assert tree.broadcast(0, MODEL) == tree.map(lambda x: 0, MODEL)
    assert tree.broadcast_prefix({"decoder": 1, "encoder": [2, 3]}, MODEL) == [1, 1, 1, 2, 2, 3, 3]
    nones = tree.broadcast([None, 0], [(1, 2), 3], is_leaf=lambda x: x is None)
    assert nones == [(None, None), 0]
    with pytest.raises(ValueError, match=r"broadcast_prefix: structures differ at 'encoder': list"):
        tree.broadcast({"decoder": 1, "encoder": [2]}, MODEL)


# ---- structures are values


def test_equal_structures_are_one_object():
    other = {"decoder": MODEL["decoder"], "encoder": MODEL["encoder"]}
    assert tree.structure(other) is tree.structure(MODEL)
    assert tree.structure((1, 2)) is tree.structure((np.ones(3), "a"))


UNEQUAL = [
    1, None, [], (), {}, [1], (1,), [[]], [1, 2], {"a": 1}, {"b": 1}, {1: 1}, OrderedDict(a=1),
    Point(1, 2), {"a": [1]}, [None], defaultdict(int, a=1), [1, [2]], [[1], 2],
]  # fmt: skip


def test_different_trees_have_different_structures():
    found = [tree.structure(x) for x in UNEQUAL]
    assert len(set(found)) == len(UNEQUAL)
    for i, a in enumerate(found):
        assert [a == b for b in found] == [i == j for j in range(len(found))]
    assert found[0] != "*"


def test_structures_are_equal_by_value_where_they_are_not_one_object(small_caches):
    first = tree.structure([{"b": 1, "a": 2}, Point(1, 2)])
    for name in "cdefgh":  # empties the caches
        tree.structure({name: 1, "z": [1] * ord(name)})
    second = tree.structure([{"a": 1, "b": 2}, Point(1, 2)])
    assert first is not second
    assert first == second and hash(first) == hash(second) and len({first, second}) == 1
    assert tree.map(lambda x, y: x - y, {"b": 1}, {"b": 1}) == {"b": 0}
    assert tree.unflatten(first, [1, 2, 3, 4]) == tree.unflatten(second, [1, 2, 3, 4])


def test_structures_pickle_and_copy():
    structure = tree.structure([MODEL, defaultdict(list, a=1), OrderedDict(b=1, a=2)])
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(structure, protocol)) == structure
    assert hash(copy.deepcopy(structure)) == hash(structure)
    assert tree.unflatten(copy.copy(structure), range(10))[2] == OrderedDict(b=8, a=9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "Structure(*)"),
        ([1, (2,), ()], "Structure([*, (*,), ()])"),
        ({"b": None, "a": [1]}, "Structure({'a': [*], 'b': None})"),
        (Point(1, 2), "Structure(Point(*, *))"),
        (OrderedDict(a=1), "Structure(OrderedDict(*, ('a',)))"),
    ],
)
def test_repr(value, text):
    assert repr(tree.structure(value)) == text


def test_children_and_compose():
    structure = tree.structure((MODEL, 1, None))
    assert structure.children() == [tree.structure(x) for x in (MODEL, 1, None)]
    assert tree.structure(1).children() == []
    inner = tree.structure([0, None])
    composed = tree.structure({"a": 0, "b": (0,)}).compose(inner)
    assert composed is tree.structure({"a": [0, None], "b": ([0, None],)})


def test_flatten_up_to():
    top = tree.structure({"a": 0, "b": [0, 0]})
    for _ in range(8):
        assert top.flatten_up_to({"a": (1, 2), "b": [None, {"c": 3}]}) == [(1, 2), None, {"c": 3}]


# ---- the three ways of flattening agree

TREES = st.recursive(
    st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(OrderedDict)
        | st.builds(Point, inner, inner)
    ),
    max_leaves=12,
)


@given(TREES)
def test_guess_recursion_and_walk_agree(value):
    links, leaves, tokens = traversal.walk(value, None, "test")
    structure = structures.structure_of(tuple(tokens))
    for _ in range(structures.USES_BEFORE_COMPILING + 2):
        assert tree.flatten(value) == (leaves, structure)
        assert tree.unflatten(structure, leaves) == value
        assert structure.flatten_up_to(value) == leaves
    assert list(structure.paths()) == [structures.unlink(link) for link in links]
    assert structure.match is not None


@given(TREES, TREES)
def test_one_guess_does_not_pass_for_another(a, b):
    expected = [(tree.structure(x), tree.leaves(x)) for x in (a, b)]
    for _ in range(8):
        for x, (structure, leaves) in zip((a, b), expected, strict=True):
            assert tree.flatten(x) == (leaves, structure)


def test_depth_beyond_the_recursion_limit():
    deep = nested(5000)
    leaves, structure = tree.flatten(deep)
    assert leaves == [*range(4999, -1, -1), 0]
    doubled = tree.map(lambda x, y: x + y, deep, deep)
    assert tree.leaves(doubled) == [2 * x for x in leaves]
    assert tree.structure(doubled) == structure and repr(structure).count("[") == 5000
    assert len(tree.leaves(deep, is_leaf=lambda x: x == 4000)) == 5001
    assert pickle.loads(pickle.dumps(structure)) == structure


def test_threads_share_the_caches(small_caches):
    failures = []

    def work(seed):
        for i in range(300):
            value = {f"k{(seed + i) % 7}": [i, (seed,)], "a": i}
            if tree.map(lambda x: x, value) != value:
                failures.append(value)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
