from functools import partial
from typing import NamedTuple

import numpy as np

from wonderland.shared.closure import replaced_in, traced_in
from wonderland.shared.tape import vjp


def with_traced(*numbers):
    """Taped values to close over."""
    kept = []
    vjp(lambda *xs: (kept.extend(xs), list(xs))[1], [np.float64(n) for n in numbers])
    return kept


A, B = with_traced(1.0, 2.0)


def swapped(f, old=(A,), new=(10.0,)):
    assert [id(x) for x in traced_in(f)] == [id(x) for x in old]
    return replaced_in(f, old, new)


def make(x, y=None):
    return lambda: (x, y)


def test_closures_and_what_they_hold():
    assert swapped(make(A))() == (10.0, None)
    assert swapped(make(A, "same"))() == (10.0, "same")
    assert swapped(make({"k": [A, 1]}, (A,)))() == ({"k": [10.0, 1]}, (10.0,))
    assert swapped(make(A, B), (A, B), (1.0, 2.0))() == (1.0, 2.0)


def test_functions_in_functions():
    inner = make(A)
    assert swapped(lambda: inner())() == (10.0, None)
    assert swapped(make({"f": inner}))()[0]["f"]() == (10.0, None)


def test_defaults_partials_and_bound_pytrees():
    def f(x, y=A, *, z=A):
        return x, y, z

    assert swapped(f)(1) == (1, 10.0, 10.0)
    assert swapped(partial(lambda x, y: (x, y), A, y=[A]))() == (10.0, [10.0])

    class Pair(NamedTuple):
        x: object
        y: object

        def both(self):
            return [self.x, self.y]

    assert swapped(Pair(A, 1).both)() == [10.0, 1]


def test_recursive_functions_end():
    a = A

    def f(n):
        return a if n == 0 else f(n - 1)

    assert swapped(f)(3) == 10.0

    def g():
        return f, g

    assert swapped(g)()[0](2) == 10.0


def test_what_holds_nothing_is_itself():
    f = make(1, [2])
    assert traced_in(f) == []
    assert replaced_in(f, [A], [1.0]) is f


def test_other_cells_stay_shared():
    count, a = 0, A

    def f():
        nonlocal count
        count += 1
        return a

    assert swapped(f)() == 10.0
    assert count == 1


def test_a_variable_without_a_value_yet():
    a = A

    def f():
        return a, later

    g = swapped(f)
    later = 5
    assert g() == (10.0, 5)


def test_the_original_is_left_alone():
    f = make(A)
    swapped(f)
    assert f()[0] is A
