"""Memory that is lent to a call, on a device too: by the strict stand-in for CuPy."""

import numpy as np
import pytest

from tests.purify.models import X, bits
from tests.standin import installed, peek
from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn
from wonderland.purify import purify
from wonderland.shared.random import key


class Writes(nn.Module):
    """Changes its argument, a buffer and a plain tensor in place."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(np.ones(3, np.float32))
        self.register_buffer("b", oop.tensor(np.zeros(3, np.float32)))
        self.loose = oop.tensor(np.zeros(3, np.float32))
        self.too_much = False

    def forward(self, x):
        x.add_(1)
        x[0] = 0
        self.b.add_(1).mul_(2)
        self.b[0].sub_(5)
        self.loose.add_(1)
        if self.too_much:
            with oop.no_grad():
                self.w.add_(1)
        return x * self.w + self.b + self.loose


@pytest.fixture
def cupy():
    with installed() as module:
        yield module


def on_device(model, tensor):
    tensor.value = tensor.cuda().value
    return model.to("cuda")


def test_10_nothing_that_was_lent_is_written_to_on_a_device(cupy):
    model = Writes()
    on_device(model, model.loose)
    pure = purify(model)
    params, state = pure.init()
    x = cupy.asarray(X)
    for tensors in (False, True):
        given = oop.tensor(x) if tensors else x
        out, after = pure.apply(params, state, given)
        assert bits(peek(x)) == bits(X)
        assert peek(params["w"]).tolist() == [1, 1, 1] and peek(state["b"]).tolist() == [0, 0, 0]
        assert peek(model.loose.value).tolist() == [0, 0, 0]
        wanted = X + 1
        wanted[0] = 0
        assert peek(after["b"]).tolist() == [-3, 2, 2]
        out = out.detach().value if tensors else out
        assert bits(peek(out)) == bits(wanted + np.float32([-3, 2, 2]) + 1)


def test_10_nor_is_a_parameter_by_a_call_that_raises(cupy):
    model = Writes()
    on_device(model, model.loose)
    model.too_much = True
    pure = purify(model)
    params, state = pure.init()
    with pytest.raises(ValueError, match="purify: 'w' is a parameter, but the call changes it in"):
        pure.apply(params, state, cupy.asarray(X))
    assert peek(params["w"]).tolist() == [1, 1, 1]


def test_a_model_on_a_device_computes_as_on_the_host(cupy):
    oop.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))

    def results(x):
        pure = purify(model)
        params, state = pure.init()

        def loss(p):
            out, after = pure.apply(p, state, x, key=key(1))
            return (out * out).sum(), after

        gradients, after = wf.grad(loss, has_aux=True)(params)
        return {**gradients, **after}

    host = results(X)
    model.to("cuda")
    device = results(cupy.asarray(X))
    assert all(bits(peek(device[name])) == bits(x) for name, x in host.items())


def test_values_of_the_host_are_written_back_to_a_model_on_a_device(cupy):
    model = nn.Linear(3, 2)
    params, _ = purify(model).init()
    model.to("cuda")
    purify(model).write_back({n: p + 1 for n, p in params.items()})
    assert model.weight.device == "cuda:0"
    assert bits(peek(model.weight.value)) == bits(params["weight"] + 1)
