"""Classes of the user's as containers."""

import dataclasses
import enum
import pickle
import sys
from collections import namedtuple

import numpy as np
import pytest

from wonderland.shared import tree


class Interval:
    def __init__(self, low, high, note=None):
        self.low, self.high, self.note = low, high, note


tree.register_pytree_node(
    Interval, lambda x: ((x.low, x.high), x.note), lambda note, ends: Interval(*ends, note)
)


class Named:
    def __init__(self, **fields):
        self.fields = fields


tree.register_pytree_with_keys(
    Named,
    lambda x: ([(tree.GetAttrKey(k), v) for k, v in x.fields.items()], tuple(x.fields)),
    lambda names, values: Named(**dict(zip(names, values, strict=True))),
)


@tree.register_dataclass
@dataclasses.dataclass
class Layer:
    weight: object
    bias: object
    name: str = dataclasses.field(default="layer", metadata={"static": True})
    size: int = dataclasses.field(init=False, default=0)


class Mode(enum.Enum):
    TRAIN = 1


def rounds():
    """Enough to see the slow, the fast and the compiled way."""
    return range(8)


def test_registered_node():
    for _ in rounds():
        doubled = tree.map(lambda x: 2 * x, [Interval(1, (2, 3), "note")])[0]
        assert (doubled.low, doubled.high, doubled.note) == (2, (4, 6), "note")
    paths = [tree.path_string(path) for path, _ in tree.leaves_with_path([Interval(1, 2)])]
    assert paths == ["0.0", "0.1"]
    assert tree.keystr(tree.leaves_with_path([Interval(1, 2)])[1][0]) == "[0][<flat index 1>]"


def test_registered_with_keys_names_its_children():
    for _ in rounds():
        pairs = tree.leaves_with_path({"a": Named(low=1, high=[2])})
        assert [tree.path_string(path) for path, _ in pairs] == ["a.low", "a.high.0"]
    assert tree.map(lambda x: -x, Named(low=1)).fields == {"low": -1}
    with pytest.raises(ValueError, match=r"tree.map: structures differ at 'low': a leaf|list"):
        tree.map(lambda x, y: x, Named(low=[1]), Named(low=(1,)))


def test_registered_node_class():
    @tree.register_pytree_node_class
    class Pair:
        def __init__(self, left, right):
            self.left, self.right = left, right

        def tree_flatten(self):
            return [self.left, self.right], None

        @classmethod
        def tree_unflatten(cls, metadata, children):
            assert type(children) is tuple
            return cls(*children)

    assert isinstance(tree.map(lambda x: x, Pair(1, 2)), Pair)
    assert tree.leaves(Pair(1, [2])) == [1, 2]


def test_dataclass():
    for _ in rounds():
        assert tree.map(lambda x, y: x + y, Layer(1, [2], "a"), Layer(3, [4], "a")) == Layer(
            4, [6], "a"
        )
    pairs = tree.leaves_with_path({"first": Layer(1, None)})
    assert [tree.path_string(path) for path, _ in pairs] == ["first.weight"]
    assert tree.structure(Layer(1, 2, "a")) != tree.structure(Layer(1, 2, "b"))
    structure = tree.structure(Layer(1, 2))
    assert pickle.loads(pickle.dumps(structure)) == structure
    assert repr(structure) == "Structure(Layer(*, *, ('layer',)))"


@pytest.mark.parametrize("lists", [{"data_fields": ["b"]}, {"meta_fields": ["a"]}])
def test_one_list_of_fields_implies_the_other(lists):
    @tree.register_dataclass(**lists)
    @dataclasses.dataclass(frozen=True)
    class Two:
        a: int
        b: int

    assert tree.leaves(Two(1, 2)) == [2]
    assert tree.map(lambda x: -x, Two(1, 2)) == Two(1, -2)


def test_static():
    @tree.register_static
    class Config(namedtuple("Config", ["width"])):
        pass

    for _ in rounds():
        assert tree.map(lambda x: x + 1, [1, Config(3)]) == [2, Config(3)]
    assert tree.structure(Config(3)) != tree.structure(Config(4))


def test_a_type_seen_as_a_leaf_before_it_was_registered():
    class Late:
        pass

    for _ in rounds():
        assert len(tree.leaves({"late": Late()})) == 1
    tree.register_pytree_node(Late, lambda x: ((1, 2), None), lambda _, c: Late())
    assert tree.leaves({"late": Late()}) == [1, 2]


SAME_BUT_NOT_EXACTLY = [1, True, 1.0, np.float64(1), np.True_, (1,), (True,), 0.0, -0.0]


def test_metadata_that_are_equal_do_not_replace_each_other():
    for _ in rounds():
        for note in SAME_BUT_NOT_EXACTLY:
            leaves, structure = tree.flatten([Interval(1, 2, note)])
            found = tree.unflatten(structure, leaves)[0].note
            assert type(found) is type(note) and repr(found) == repr(note)
    assert tree.structure(Interval(1, 2, 1)) == tree.structure(Interval(1, 2, True))
    assert tree.map(lambda x, y: x, [Interval(1, 2, 1)], [Interval(1, 2, True)])[0].note == 1


@pytest.mark.parametrize(
    "note", ["text", 3, np.tanh, len, Mode.TRAIN, np.dtype("float32"), ("a", 1.5, None, Layer)]
)
def test_common_metadata_give_one_structure(note):
    assert tree.structure(Interval(1, 2, note)) is tree.structure(Interval(1, 2, note))


def test_a_closure_in_metadata_is_not_kept_alive():
    def make(array):
        return lambda: array

    note = make(np.ones(3))
    before = sys.getrefcount(note)
    for _ in rounds():
        tree.map(lambda x: x, [Interval(1, 2, note)])
    assert sys.getrefcount(note) == before


def test_unhashable_metadata():
    for _ in rounds():
        mapped = tree.map(lambda x, y: x - y, Interval(1, 2, [3]), Interval(1, 2, [3]))
        assert (mapped.low, mapped.note) == (0, [3])
    with pytest.raises(TypeError, match=r"tree: the metadata of Interval cannot be hashed: unhash"):
        hash(tree.structure(Interval(1, 2, [3])))


def test_metadata_without_equality():
    with pytest.raises(ValueError, match=r"metadata of Interval cannot be compared: .* ambiguous"):
        tree.map(lambda x, y: x, Interval(1, 2, np.ones(2)), Interval(1, 2, np.ones(2)))


# ---- errors


class Plain:
    pass


@dataclasses.dataclass
class Unregistered:
    a: int
    b: int


ERRORS = [
    (
        lambda: tree.register_pytree_node(3, None, None),
        TypeError,
        r"register_pytree_node: expected a class, got 3",
    ),
    (
        lambda: tree.register_pytree_node(Interval, None, None),
        ValueError,
        r"register_pytree_node: Interval is registered as a pytree node already",
    ),
    (
        lambda: tree.register_pytree_node(dict, None, None),
        ValueError,
        r"register_pytree_node: dict is registered as a pytree node already",
    ),
    (
        lambda: tree.register_pytree_node_class(Plain),
        TypeError,
        r"register_pytree_node_class: Plain has no method tree_flatten; it needs tree_flatten",
    ),
    (
        lambda: tree.register_dataclass(Plain),
        TypeError,
        r"register_dataclass: Plain is not a dataclass; decorate it with @dataclass below",
    ),
    (
        lambda: tree.register_dataclass(Layer),
        ValueError,
        r"register_dataclass: Layer is registered as a pytree node already",
    ),
    (
        lambda: tree.register_dataclass(Unregistered, ["a"], ["a", "b"]),
        ValueError,
        r"data fields \['a'\] and meta fields \['a', 'b'\] of Unregistered must together be its",
    ),
    (
        lambda: tree.register_dataclass(Unregistered, ["c"]),
        ValueError,
        r"data fields \['c'\] and meta fields \['a', 'b'\] of Unregistered",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), ERRORS)
def test_registration_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_flatten_function_that_returns_no_pair():
    class Wrong:
        pass

    tree.register_pytree_node(Wrong, lambda x: [1], lambda m, c: Wrong())
    with pytest.raises(TypeError, match=r"flatten function of Wrong must return \(children, meta"):
        tree.leaves(Wrong())


def test_keys_that_do_not_fit_the_children():
    class Odd:
        pass

    tree.register_pytree_node(
        Odd, lambda x: ((1, 2), None), lambda m, c: Odd(), lambda x: ([("a", 1)], None)
    )
    with pytest.raises(ValueError, match=r"of Odd names 1 children but flatten gives 2"):
        tree.leaves_with_path(Odd())


def test_a_pickled_structure_of_a_class_that_is_not_registered_here(monkeypatch):
    data = pickle.dumps(tree.structure(Layer(1, 2)))
    monkeypatch.delitem(tree.nodes.kinds, Layer)
    with pytest.raises(TypeError, match=r"tree: Layer of a pickled Structure is not registered"):
        pickle.loads(data)
