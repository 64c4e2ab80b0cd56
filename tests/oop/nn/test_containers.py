import numpy as np
import pytest

from wonderland.oop import nn
from wonderland.oop.tensor import Tensor


def names(module):
    return list(module._modules)


def test_sequential_applies_one_after_the_other():
    a, b = nn.Linear(2, 3), nn.Tanh()
    x = Tensor(np.ones((1, 2), np.float32))
    assert np.array_equal(nn.Sequential(a, b)(x).detach().numpy(), b(a(x)).detach().numpy())
    assert nn.Sequential()(x) is x


def test_sequential_is_a_row():
    a, b, c = nn.ReLU(), nn.Tanh(), nn.Sigmoid()
    m = nn.Sequential(a, b, c)
    assert len(m) == 3 and list(m) == [a, b, c] and m[-1] is c and m[0] is a
    assert isinstance(m[1:], nn.Sequential) and list(m[1:]) == [b, c]
    assert m.append(a) is m and m[3] is a
    m[0] = c
    assert m[0] is c
    del m[0]
    assert list(m) == [b, c, a] and names(m) == ["0", "1", "2"]
    m.insert(1, a)
    assert list(m) == [b, a, c, a] and names(m) == ["0", "1", "2", "3"]
    assert m.pop(1) is a and list(m) == [b, c, a]
    m.extend([b])
    m += [c]
    assert list(m) == [b, c, a, b, c]
    del m[1:3]
    assert list(m) == [b, b, c]


def test_sequential_of_names():
    m = nn.Sequential({"first": nn.Linear(1, 2), "second": nn.ReLU()})
    assert names(m) == ["first", "second"] and m.first is m[0]
    assert [n for n, _ in m.named_parameters()] == ["first.weight", "first.bias"]
    assert names(m[:1]) == ["first"]


@pytest.mark.parametrize("row", [nn.Sequential, nn.ModuleList])
def test_only_modules_are_members(row):
    with pytest.raises(TypeError, match=f"{row.__name__}: a member is a Module, not function"):
        row(lambda x: x) if row is nn.Sequential else row([lambda x: x])


def test_an_index_out_of_range():
    with pytest.raises(IndexError, match="ModuleList: index 1 is out of range for 1 members"):
        nn.ModuleList([nn.ReLU()])[1]


def test_module_list():
    m = nn.ModuleList([nn.Linear(1, 1)])
    m += [nn.Linear(1, 2)]
    assert len(m) == 2 and [n for n, _ in m.named_parameters()][2] == "1.weight"
    assert isinstance(m[:1], nn.ModuleList)
    with pytest.raises(NotImplementedError, match="ModuleList defines no forward"):
        m(1)


def test_module_dict():
    m = nn.ModuleDict({"a": nn.ReLU()})
    m["b"] = nn.Tanh()
    assert "b" in m and list(m) == ["a", "b"] and len(m) == 2
    assert list(m.keys()) == ["a", "b"] and list(m.values()) == [m["a"], m["b"]]
    assert dict(m.items())["a"] is m.pop("a") and "a" not in m
    with pytest.raises(KeyError):
        del m["a"]


def test_parameter_list_and_dict():
    row = nn.ParameterList([Tensor([1.0]), nn.Parameter(np.ones((2, 3), np.float32))])
    assert [n for n, _ in row.named_parameters()] == ["0", "1"]
    assert all(isinstance(p, nn.Parameter) for p in row)
    row[0] = Tensor([5.0])
    assert row[0].item() == 5.0
    assert "(1): Parameter containing: [float32 of size 2x3]" in repr(row)
    named = nn.ParameterDict({"w": Tensor([1.0])})
    named["b"] = nn.Parameter(np.ones(2, np.float32))
    assert list(named) == ["w", "b"] and "b" in named and len(named) == 2
    assert list(named.keys()) == ["w", "b"] and named.w is named["w"]
    assert dict(named.items())["w"] is next(iter(named.values()))
    assert "(w): Parameter containing: [float32 of size 1]" in repr(named)
    del named["w"]
    assert list(named) == ["b"]
    with pytest.raises(KeyError):
        del named["w"]
