import numpy as np
import pytest

from wonderland.oop import nn
from wonderland.oop.tensor import Tensor


@pytest.fixture
def model():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2)))
    model.plain = 1
    return model


CHANGES = {
    "a new parameter": lambda m: m.register_parameter("p", None),
    "another parameter": lambda m: setattr(m[0], "weight", nn.Parameter(np.ones((2, 2)))),
    "a parameter less": lambda m: delattr(m[0], "bias"),
    "another buffer, deep inside": lambda m: setattr(m[1][0], "running_mean", Tensor([1.0])),
    "another module": lambda m: m[1].__setitem__(0, nn.ReLU()),
    "a module more": lambda m: m.append(nn.ReLU()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_structure_raises_the_version(model, name):
    before = nn.Module.structure_version()
    CHANGES[name](model)
    assert model.structure_version() > before


SAME = {
    "training": lambda m: m.train()(Tensor(np.ones((3, 2), np.float32))).sum().backward(),
    "a plain attribute": lambda m: setattr(m, "plain", 2),
    "the same object again": lambda m: setattr(m[0], "weight", m[0].weight),
    "other values": lambda m: m.load_state_dict(m.state_dict()),
    "another dtype": lambda m: m.double(),
    "a mode": lambda m: m.eval(),
    "a hook": lambda m: m.register_forward_hook(lambda *args: None),
}


@pytest.mark.parametrize("name", SAME)
def test_other_changes_leave_the_version(model, name):
    before = nn.Module.structure_version()
    SAME[name](model)
    assert model.structure_version() == before


def test_what_happens_to_a_clone_is_noted_in_its_journal_alone(model):
    journal = model.__dict__["_journal"] = []
    before = nn.Module.structure_version()
    model.extra = nn.ReLU()
    assert model.structure_version() == before
    assert journal == [model]
