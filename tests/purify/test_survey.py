"""What a function reaches, and when two functions reach the same."""

import types
from functools import partial
from weakref import ref

import numpy as np
import pytest

from tests.purify.models import mlp
from wonderland import oop
from wonderland.oop import nn, optim
from wonderland.purify.straight import reader
from wonderland.purify.survey import Survey

SCALE = 2.0
t = oop.ones(3)


def uses_a_global(x):
    return x * t * SCALE


class Holder:
    """Attributes, of which the code names one."""

    def __init__(self, tensor):
        self.tensor, self.other = tensor, oop.zeros(2)

    def call(self, x):
        return x * self.tensor

    def __call__(self, x):
        return self.call(x)


def closing(tensor):
    return lambda x: x * tensor


def with_default(x, tensor=t):
    return x * tensor


WAYS = {
    "a global": lambda: uses_a_global,
    "a closure": lambda: closing(t),
    "a function in a closure": lambda: closing(closing(t)),
    "a default": lambda: with_default,
    "a method": lambda: Holder(t).call,
    "an object that is called": lambda: Holder(t),
    "a partial": lambda: partial(lambda a, b: a, t),
    "a container": lambda: closing({"a": [(t,)]}),
    "a weak reference": lambda: closing(ref(t)),
    "a decorated function": lambda: oop.no_grad(closing(t)),
    "an own module": lambda: closing(Holder(t)),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_ways_to_a_tensor(way):
    assert [id(x) for x in Survey([WAYS[way]()]).slots] == [id(t)]


def test_a_module_a_gradient_and_an_optimiser():
    model = mlp()
    optimizer = optim.Adam(model.parameters())
    model(np.ones((2, 3), np.float32)).sum().backward()
    optimizer.step()
    survey = Survey([lambda: optimizer.step()])
    of_each = (lambda p: p, lambda p: p.grad, lambda p: optimizer.state[p]["exp_avg"])
    expected = {id(f(p)) for p in model.parameters() for f in of_each}
    assert expected <= {id(x) for x in survey.slots}
    group = optimizer.param_groups[0]
    assert {key for container, key in survey.numbers if container is group} == {
        "lr", "betas", "eps",
    }  # fmt: skip


CHANGES = {
    "a scalar": (lambda: {"a": 1.0}, lambda d: d.update(a=2.0)),
    "the kind of number": (lambda: {"a": 1}, lambda d: d.update(a=True)),
    "the sign of zero": (lambda: {"a": 0.0}, lambda d: d.update(a=-0.0)),
    "a string": (lambda: {"a": "x"}, lambda d: d.update(a="y")),
    "a name": (lambda: {"a": 1}, lambda d: d.update(b=d.pop("a"))),
    "a list": (lambda: {"a": [1, 2]}, lambda d: d["a"].append(3)),
    "an array": (lambda: {"a": np.zeros(2)}, lambda d: d["a"].fill(1)),
    "a function": (lambda: {"a": closing(1)}, lambda d: d.update(a=closing(2))),
    "a shape": (lambda: {"a": oop.ones(2)}, lambda d: d.update(a=oop.ones(3))),
    "an alias": (
        lambda: {"a": oop.ones(2), "b": oop.ones(2)}, lambda d: d.update(b=d["a"])
    ),
    "a flag": (lambda: {"a": oop.ones(2)}, lambda d: d["a"].requires_grad_()),
    "a mode": (lambda: {"a": mlp()}, lambda d: d["a"].eval()),
    "a module": (lambda: {"a": mlp()}, lambda d: d["a"].add_module("new", nn.Tanh())),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_described_and_noticed(name):
    make, change = CHANGES[name]
    value = make()
    survey = Survey([closing(value)])
    same = reader(survey)
    assert same() and Survey([closing(value)]).description == survey.description
    change(value)
    assert Survey([closing(value)]).description != survey.description
    if name not in ("a shape", "a flag"):  # those are compared with the tensors themselves
        assert not same()


def test_equal_programs_have_one_description():
    one, other = (Survey([closing(mlp())]) for _ in range(2))
    assert one.description == other.description and one.slots[0] is not other.slots[0]


def test_a_module_of_ones_own():
    namespace = types.ModuleType("mine")
    namespace.__file__ = __file__
    namespace.tensor = t
    assert [id(x) for x in Survey([lambda x: namespace.tensor]).slots] == [id(t)]


def test_attributes_that_no_code_names_do_not_count():
    holder = Holder(t)
    survey = Survey([holder.call])
    holder.other, holder.epoch = oop.ones(7), 3
    assert Survey([holder.call]).description == survey.description and reader(survey)()


def test_what_refers_to_itself_ends():
    model = mlp()
    model.parents = [model]
    loop = []
    loop.append(loop)
    assert len(Survey([closing((model, loop))]).slots) == 4
