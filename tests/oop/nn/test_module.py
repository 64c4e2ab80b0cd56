import copy
import pickle

import numpy as np
import pytest

from wonderland.oop import nn
from wonderland.oop.tensor import Tensor


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(np.ones(3, np.float32))
        self.inner = nn.Linear(3, 3)
        self.register_buffer("count", Tensor(np.zeros((), np.int64)))
        self.register_buffer("cache", Tensor(np.zeros(2, np.float32)), persistent=False)

    def forward(self, x):
        return self.inner(x) * self.scale


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Block()
        self.second = self.first
        self.head = nn.Linear(3, 2, bias=False)

    def forward(self, x):
        return self.head(self.second(self.first(x)))


PARAMETERS = ["first.scale", "first.inner.weight", "first.inner.bias", "head.weight"]
x = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))


def test_parameters_by_path_each_once_in_order_of_registration():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == PARAMETERS
    assert [p is q for p, (_, q) in zip(net.parameters(), net.named_parameters(), strict=True)]
    assert len(list(net.named_parameters(remove_duplicate=False))) == 7
    assert [name for name, _ in net.named_parameters("net", recurse=False)] == []
    assert [name for name, _ in net.first.named_parameters("f", recurse=False)] == ["f.scale"]


def test_buffers_modules_and_children_by_path():
    net = Net()
    assert [name for name, _ in net.named_buffers()] == ["first.count", "first.cache"]
    assert [name for name, _ in net.named_modules()] == ["", "first", "first.inner", "head"]
    assert [name for name, _ in net.named_children()] == ["first", "head"]
    assert list(net.children()) == [net.first, net.head]
    assert len(list(net.modules())) == 4 and len(list(net.buffers())) == 2


def test_get_by_path():
    net = Net()
    assert net.get_submodule("first.inner") is net.first.inner and net.get_submodule("") is net
    assert net.get_parameter("first.inner.bias") is net.first.inner.bias
    assert net.get_buffer("second.count") is net.first.count
    with pytest.raises(AttributeError, match=r"get_submodule: Block at 'first' has no submod"):
        net.get_submodule("first.iner")
    with pytest.raises(AttributeError, match=r"get_parameter: Net at 'the model' has no parameter"):
        net.get_parameter("weight")
    with pytest.raises(AttributeError, match=r"get_buffer: Block at 'first' has no buffer 'scale'"):
        net.get_buffer("first.scale")


def test_an_unknown_attribute():
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'tail'"):
        _ = Net().tail


def test_assignment_replaces_whatever_had_the_name():
    net = Net()
    net.head = nn.Parameter(np.zeros(2, np.float32))
    assert "head" in net._parameters and "head" not in net._modules
    net.head = nn.ReLU()
    assert "head" in net._modules and "head" not in net._parameters
    net.plain = 3
    net.plain = nn.ReLU()
    assert "plain" not in net.__dict__ and net.plain is net._modules["plain"]
    net.first.count = None
    assert net.first.count is None and "count" in net.first._buffers


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (
            "scale",
            3.0,
            r"Block.scale: a Parameter \(or None\) is registered under this name",
        ),
        ("inner", Tensor([1.0]), r"Block.inner: a Module \(or None\) .* and Tensor is none"),
        ("count", 3, r"Block.count: a Tensor \(or None\) .* and int is none; delete the attribute"),
    ],
)
def test_what_is_registered_is_not_replaced_by_something_else(name, value, text):
    with pytest.raises(TypeError, match=text):
        setattr(Block(), name, value)


def test_deleting():
    block = Block()
    del block.scale, block.inner, block.cache
    block.plain = 1
    del block.plain
    assert not hasattr(block, "scale") and not hasattr(block, "plain")
    assert block._non_persistent_buffers_set == set()
    with pytest.raises(AttributeError):
        del block.scale


def test_registration_errors():
    block = Block()
    with pytest.raises(KeyError, match=r"register_parameter: 'a.b' is no name: it must have"):
        block.register_parameter("a.b", None)
    with pytest.raises(KeyError, match="register_module: Block has an attribute 'forward' already"):
        block.register_module("forward", nn.ReLU())
    with pytest.raises(TypeError, match="register_buffer: 'b' must be a Tensor or None"):
        block.register_buffer("b", np.ones(2))
    with pytest.raises(TypeError, match="register_parameter: a name is a string, not int"):
        block.register_parameter(3, None)
    made = nn.Parameter(np.ones(2, np.float32))
    made.node = (made * 2).node
    with pytest.raises(ValueError, match="register_parameter: 'p' was made by an operation"):
        block.register_parameter("p", made)


def test_assignment_before_init_says_what_to_do():
    class Forgetful(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match=r"begin Forgetful.__init__ w"):
        Forgetful()


def test_a_module_without_forward():
    with pytest.raises(NotImplementedError, match=r"Module defines no forward\(\)"):
        nn.Module()(x)


def test_calls_pass_all_arguments():
    class Echo(nn.Module):
        def forward(self, *args, **kwargs):
            return args, kwargs

    assert Echo()() == ((), {})
    assert Echo()(1) == ((1,), {})
    assert Echo()(1, 2, x=3) == ((1, 2), {"x": 3})
    assert Echo()(x=3) == ((), {"x": 3})


def test_modes_reach_everything_below():
    net = Net()
    assert net.eval() is net and not any(m.training for m in net.modules())
    assert all(m.training for m in net.train().modules())


def test_apply_visits_children_first():
    seen = []
    net = Net()
    assert net.apply(seen.append) is net
    assert seen == [net.first.inner, net.first, net.head, net]


def test_requires_grad_and_zero_grad():
    net = Net()
    net(x).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad(set_to_none=False)
    assert all(not p.grad.numpy().any() for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    assert not any(p.requires_grad for p in net.requires_grad_(False).parameters())


def test_a_shared_module_gets_the_sum_of_its_gradients():
    net = Net()
    net(x).sum().backward()
    twice = copy.deepcopy(net)
    twice.second = copy.deepcopy(net.first)
    twice.zero_grad()
    twice(x).sum().backward()
    total = twice.first.scale.grad.numpy() + twice.second.scale.grad.numpy()
    assert np.allclose(net.first.scale.grad.numpy(), total, rtol=1e-6)


def test_to_keeps_the_objects_and_converts_gradients():
    net = Net()
    net(x).sum().backward()
    before = dict(net.named_parameters())
    assert net.double() is net
    assert all(p is before[name] for name, p in net.named_parameters())
    assert all(p.dtype == p.grad.dtype == np.float64 for p in net.parameters())
    assert net.first.count.dtype == np.int64
    net(Tensor(np.ones((1, 3)))).sum().backward()
    assert net.head.weight.grad.dtype == np.float64
    assert net.half().head.weight.dtype == np.float16
    assert net.float().head.weight.dtype == np.float32
    assert net.to(Tensor(np.ones(1))).head.weight.dtype == np.float64
    assert net.to("cpu", np.float32).cpu().head.weight.dtype == np.float32
    with pytest.raises(TypeError, match="to: the dtype of a module is float or complex, not int64"):
        net.to(np.int64)


@pytest.mark.parametrize(
    "twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"]
)
def test_copies_are_equal_and_apart(twin):
    net = Net()
    net.requires_grad_(False)
    net.head.requires_grad_(True)
    other = twin(net)
    assert np.array_equal(other(x).detach().numpy(), net(x).detach().numpy())
    assert [n for n, _ in other.named_parameters()] == PARAMETERS
    assert other.second is other.first and isinstance(other.head.weight, nn.Parameter)
    assert [p.requires_grad for p in other.parameters()] == [False, False, False, True]
    nn.init.zeros_(other.head.weight)
    assert net.head.weight.detach().numpy().any()
    assert other.first._non_persistent_buffers_set == {"cache"}


def test_a_tie_survives_deepcopy():
    net = Net()
    net.tied = net.head.weight
    other = copy.deepcopy(net)
    assert other.tied is other.head.weight and other.tied is not net.tied


def test_repr_nests():
    assert repr(Net()) == (
        "Net(\n"
        "  (first): Block(\n"
        "    (inner): Linear(in_features=3, out_features=3, bias=True)\n"
        "  )\n"
        "  (second): Block(\n"
        "    (inner): Linear(in_features=3, out_features=3, bias=True)\n"
        "  )\n"
        "  (head): Linear(in_features=3, out_features=2, bias=False)\n"
        ")"
    )
    assert repr(nn.ReLU()) == "ReLU()"


def test_dir_lists_members():
    assert {"scale", "inner", "count", "forward"} <= set(dir(Block()))
