"""Numbers 45 and 46 of PURIFY.md: values back into the model."""

import numpy as np
import pytest

from tests.purify.models import Counter, Tied, X, bits, same, snapshot, with_batch_norm
from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn, optim
from wonderland.purify import purify


def plus_one(tree):
    return wf.tree.map(lambda x: x + x.dtype.type(1), tree)


def test_45_write_back_copies_in_place_so_that_the_optimiser_survives():
    model = with_batch_norm()
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    objects = [id(t) for t in (*model.parameters(), *model.buffers())]
    memory = [t.data_ptr() for t in (*model.parameters(), *model.buffers())]
    pure = purify(model)
    params, state = (plus_one(values) for values in pure.init())
    pure.write_back(params, state)
    assert same(dict(model.named_parameters()), params) and same(dict(model.named_buffers()), state)
    assert [id(t) for t in (*model.parameters(), *model.buffers())] == objects
    assert [t.data_ptr() for t in (*model.parameters(), *model.buffers())] == memory
    (model(oop.tensor(X)) ** 2).sum().backward()
    optimizer.step()
    assert not same(dict(model.named_parameters()), params)


def test_45_the_values_are_copies():
    model = with_batch_norm()
    pure = purify(model)
    params, state = (plus_one(values) for values in pure.init())
    pure.write_back(params, state)
    before = snapshot(model)
    for x in (*params.values(), *state.values()):
        x += x.dtype.type(1)
    assert snapshot(model) == before


FAULTS = {
    "a missing leaf": (lambda p, s: p.pop("3.bias"), r"missing '3.bias' \(2,\)"),
    "a leaf too many": (lambda p, s: p.update(w=X), "unexpected 'w'"),
    "a shape": (lambda p, s: p.update({"3.bias": X}), r"'3.bias' has shape \(6, 3\), not \(2,\)"),
    "a dtype": (lambda p, s: p.update({"3.bias": np.array([1, 2])}), "'3.bias' is int64"),
    "the state": (lambda p, s: s.pop("1.running_var"), "state does not fit .*missing '1.running_v"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_45_on_error_nothing_has_changed(name):
    model = with_batch_norm()
    pure, before = purify(model), snapshot(model)
    params, state = (plus_one(values) for values in pure.init())
    change, text = FAULTS[name]
    change(params, state)
    with pytest.raises(ValueError, match=text):
        pure.write_back(params, state)
    assert snapshot(model) == before


def test_45_traced_values_are_refused():
    model = with_batch_norm()
    pure, before = purify(model), snapshot(model)
    params, _ = pure.init()

    def leak(p):
        pure.write_back(p)
        return p["0.bias"].sum()

    text = r"write_back: '[^']+' is traced \(\w+\), and would outlive its transform; return it"
    with pytest.raises(TypeError, match=text):
        wf.grad(leak)(params)
    with pytest.raises(TypeError, match=text):
        wf.grad(lambda p: leak({n: oop.Tensor(x) for n, x in p.items()}))(params)
    assert snapshot(model) == before


def test_45_read_only_memory_of_the_model_is_found_first():
    model = nn.Linear(2, 2)
    model.weight = nn.Parameter(np.broadcast_to(np.float32(1), (2, 2)))
    pure = purify(model)
    params, before = plus_one(pure.init()[0]), bits(model.bias)
    with pytest.raises(ValueError, match="write_back: the model's 'weight' cannot be written to"):
        pure.write_back(params)
    assert bits(model.bias) == before


def test_45_without_a_state_the_buffers_stay():
    model = with_batch_norm()
    model(oop.tensor(X))
    before = {name: bits(b) for name, b in model.named_buffers()}
    purify(model).write_back(plus_one(purify(model).init()[0]))
    assert {name: bits(b) for name, b in model.named_buffers()} == before


def test_45_tensors_and_another_float_dtype_are_written_too():
    model = Tied()
    pure = purify(model)
    params = plus_one(pure.init()[0])
    pure.write_back({n: oop.tensor(x) for n, x in params.items()})
    assert same(pure.init()[0], params)
    pure.write_back({n: x.astype(np.float64) for n, x in plus_one(params).items()})
    assert same(pure.init()[0], plus_one(params))


def test_45_a_scalar_that_was_rebound_is_written_to():
    model = Counter(False)
    model.count = model.count.sum()  # NumPy's own scalars have no memory to write to
    pure = purify(model)
    pure.write_back({}, {"count": np.array(5, np.float32)})
    assert model.count.item() == 5


def test_45_a_change_is_noticed_by_a_backward_pass_that_needs_the_old_value():
    model = nn.Linear(3, 2)
    loss = (model(oop.tensor(X, requires_grad=True)) ** 2).sum()
    purify(model).write_back(plus_one(purify(model).init()[0]))
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_18_a_buffer_registered_in_forward_is_registered_by_write_back():
    class Late(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("seen", None)

        def forward(self, x):
            self.seen = x.sum(0)
            self.register_buffer("count", x.mean(0))
            return x

    model = Late()
    pure = purify(model)
    _, state = pure.apply({}, {}, X)
    pure.write_back({}, state)
    assert same(dict(model.named_buffers()), state) and set(state) == {"seen", "count"}
