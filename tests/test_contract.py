"""The coverage contract: every primitive has rows, and every row keeps every promise."""

import pytest

from tests.shared.primitives import rows
from wonderland.oop.tensor import Tensor
from wonderland.shared.primitives import registry
from wonderland.shared.testing import PROMISES, Sample
from wonderland.shared.testing.promises import paradigms

rows.declare_everything()
TABLE = rows.table()


def by_label(row):
    return row.label


@pytest.mark.parametrize("name", PROMISES)
@pytest.mark.parametrize("row", TABLE, ids=by_label)
def test_promise(row, name, record_property):
    record_property("count: promises held by a primitive in a dtype", PROMISES[name].hold(row))


@pytest.mark.parametrize("row", TABLE, ids=by_label)
def test_tensors_give_the_same_bits(row, record_property):
    if "paradigms" in row.without:
        return
    compared = sum(paradigms(call, Tensor) for call in row.calls())
    record_property("count: values and gradients of Tensors bit for bit those of arrays", compared)


def without_row(names, table):
    """The primitives among `names` that no row is about."""
    return sorted(set(names) - {row.primitive.name for row in table})


def never_empty(table):
    """The primitives that no row tries on zero-size operands, nor says why."""
    tried = {}
    for row in table:
        empty = any(getattr(a, "size", 1) == 0 for a in row.args)
        reason = row.without.get("zero_size")
        tried[row.primitive.name] = tried.get(row.primitive.name) or bool(
            empty or reason or PROMISES["zero_size"].hold(row)
        )
    return sorted(name for name, done in tried.items() if not done)


def without_reason(table):
    """Rows that opt out of what is no promise, or say too little about why."""
    return [
        (row.label, name)
        for row in table
        for name, reason in row.without.items()
        if name not in {*PROMISES, "paradigms", "devices"} or len(reason.split()) < 3
    ]


def test_every_primitive_has_a_row():
    assert without_row(registry, TABLE) == []


def test_rows_are_about_registered_primitives():
    strangers = [
        row.label for row in TABLE if registry.get(row.primitive.name) is not row.primitive
    ]
    assert strangers == []


def test_every_primitive_meets_operands_without_entries():
    assert never_empty(TABLE) == []


def test_every_exception_states_its_reason():
    assert without_reason(TABLE) == []


def test_a_primitive_without_a_row_is_found():
    mul = registry["mul"]
    row = Sample(mul, 1.0, 2.0, reference=None)
    assert without_row(["mul", "unheard_of"], [row]) == ["unheard_of"]
    assert never_empty([row]) == ["mul"]
    row.without = {"zero_size": "no", "no_promise": "a good and long reason"}
    assert without_reason([row]) == [(row.label, "zero_size"), (row.label, "no_promise")]
