"""Numbers of the host: Python's own arithmetic, guards, and inputs of the graph among arrays."""

import math
import operator

import numpy as np
import pytest

from wonderland.shared.optim.adam import bias_scales
from wonderland.shared.schedule.capture import Recording, Staged
from wonderland.shared.schedule.deferred import Deferred, Tape, on_host
from wonderland.shared.schedule.graph import Variable


@pytest.fixture
def tape():
    with Recording("test") as trace:
        yield Tape(trace)


@pytest.mark.parametrize("name", "add sub mul truediv floordiv mod pow lt le gt ge eq ne".split())
def test_pythons_operators(tape, name):
    function = getattr(operator, name)
    x, y = tape.add(7.5), tape.add(2)
    for z, expected in (
        (function(x, y), function(7.5, 2)),
        (function(x, 3), function(7.5, 3)),
        (function(3, x), function(3, 7.5)),
    ):
        assert z.__class__ is Deferred and z.number == expected
        assert type(z.number) is type(expected)


def test_one_operand_and_functions(tape):
    x = tape.add(-2.5)
    assert ((-x).number, abs(x).number, (+x).number) == (2.5, 2.5, -2.5)
    hypotenuse = on_host(math.hypot)
    assert hypotenuse(3.0, 4.0) == 5.0
    assert hypotenuse(tape.add(3.0), 4.0).number == 5.0


def test_the_same_operation_is_noted_once(tape):
    x = tape.add(2.0)
    assert x * 3.0 is x * 3.0
    assert x * 3.0 is not x * 3  # an integer is another constant
    assert len(tape.operations) == 2


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        (bool, True), (int, 3), (float, 3.0), (hash, 3), (operator.index, 3),
        (lambda x: f"{x:.1f}", 3), (lambda x: range(5)[x], 3), (complex, 3),
    ],
)  # fmt: skip
def test_what_python_learns_is_a_guard(tape, look, seen):
    x = tape.add(3)
    assert look(x) == look(3)
    ((place, check, found),) = tape.guards
    assert place == x.index and found == seen == check(3)


def test_arithmetic_itself_guards_nothing(tape):
    x = tape.add(3.0)
    _ = (x + 1) * x - 2 < x
    assert x is not None and not tape.guards
    assert x != None  # noqa: E711
    assert not tape.guards


def test_among_arrays_it_is_an_input(tape):
    x, trace = tape.add(0.1), tape.recording
    a = Staged(Variable((3,), np.float32), trace)
    z = a * x
    assert z.__class__ is Staged and (z.shape, z.dtype) == ((3,), np.float32)
    ((variable, source),) = trace.captured.values()
    assert source.number == np.float32(0.1) and source.number.dtype == np.float32
    assert variable.dtype == np.float32
    assert (np.ones(2) + x).shape == (2,)


def test_the_scales_of_adam_are_pythons(tape):
    given = [tape.add(3), tape.add(0.1), (tape.add(0.9), 0.999), 1e-8]
    expected = bias_scales(3, 0.1, (0.9, 0.999), 1e-8)
    assert tuple(x.number for x in bias_scales(*given)) == expected
    assert repr(given[0]) == "<number 3 of this call>"
