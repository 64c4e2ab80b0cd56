"""A compiled model: the model's face, its bits, its gradients, and one capture for many calls."""

import copy
import threading

import numpy as np
import pytest

from tests.purify.models import Tied, Twice, X, bits, mlp, with_batch_norm, with_dropout
from wonderland import functional as wf
from wonderland import oop, purify
from wonderland.oop import nn, optim


def fast(model):
    return purify.compile(model, executor="numpy")


MODELS = {
    "mlp": mlp,
    "batch norm": with_batch_norm,
    "dropout": with_dropout,
    "tied": Tied,
    "twice": lambda: Twice(nn.Linear(3, 3)),
    "several": lambda: nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(0.3)),
}


def trained(model, call):
    """Everything after three steps around `call` and an evaluation."""
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    oop.manual_seed(3)
    found = []
    for i in range(3):
        optimizer.zero_grad()
        out = call(oop.tensor(X + i))
        (out**2).mean().backward()
        optimizer.step()
        found.append(bits(out))
        found += [bits(p.grad) for p in model.parameters()]
    model.eval()
    with oop.no_grad():
        found.append(bits(call(oop.tensor(X))))
    found.append({name: bits(t) for name, t in model.state_dict().items()})
    return found, oop.default_generator.get_state().tolist()


@pytest.mark.parametrize("name", MODELS)
def test_training_around_it_is_training(name):
    oop.manual_seed(0)
    model = MODELS[name]()
    twin = copy.deepcopy(model)
    call = fast(model)
    assert trained(model, call) == trained(twin, twin)
    assert call.captures == 2  # in training, and in evaluation without gradients


def test_it_has_the_face_of_the_model():
    model = with_batch_norm()
    call = purify.compile(model)
    assert list(call.parameters()) == list(model.parameters())
    assert call.state_dict().keys() == model.state_dict().keys()
    assert call[0] is model[0] and len(list(call)) == len(model)
    assert call.eval() is call and not model.training and call.train().training
    call.note = "set on the model"
    assert model.note == call.note
    del call.note
    with pytest.raises(AttributeError, match="has no attribute 'note'"):
        call.note  # noqa: B018
    assert "Sequential" in repr(call) and purify.compile(call) is call


def test_without_gradients_the_result_has_no_history():
    call = fast(mlp())
    with oop.no_grad():
        assert not call(X).requires_grad
    assert call(X).requires_grad and call.captures == 2
    for p in call.parameters():
        p.requires_grad_(False)
    assert not call(X).requires_grad


def test_gradients_of_the_input_and_of_the_gradient():
    model, results = mlp(), []
    for call in (model, fast(model)):
        model.zero_grad()
        x = oop.tensor(X, requires_grad=True)
        (g,) = oop.autograd.grad((call(x) ** 2).sum(), [x], create_graph=True)
        (g**2).sum().backward()
        results.append([g.detach().numpy(), *[p.grad.numpy() for p in model.parameters()]])
    for found, expected in zip(results[1], results[0], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


class Several(nn.Module):
    """Structured arguments and results, some of them without a gradient."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, batch, *, scale=1.0, name=None):
        h = self.linear(batch["x"]) * scale
        return {"h": h, "kept": h.detach(), "best": h.argmax(1), "name": name, "x": batch["x"]}


def test_structured_arguments_and_results():
    model = Several()
    call, batch = fast(model), {"x": oop.tensor(X)}
    for scale in (2.0, 3.0):
        out, expected = (f(batch, scale=scale, name="a") for f in (call, model))
        assert all(bits(out[k]) == bits(expected[k]) for k in ("h", "kept", "best"))
        assert [out[k].requires_grad for k in ("h", "kept", "best")] == [True, False, False]
        assert out["name"] == "a" and out["x"] is batch["x"] and list(out) == list(expected)
    assert call.captures == 1
    assert call(batch, name="b")["name"] == "b" and call.captures == 2


class Reading(nn.Module):
    """Reads attributes of every kind."""

    def __init__(self):
        super().__init__()
        self.linear, self.scale, self.flag = nn.Linear(3, 3), 2.0, "tanh"
        self.table, self.shifts = np.ones(3, np.float32), [1.0, 2.0]

    def forward(self, x):
        x = self.linear(x) * self.scale + self.table + self.shifts[0]
        return x.tanh() if self.flag == "tanh" else x


CHANGES = {
    "a number": lambda m: setattr(m, "scale", 3.0),
    "a string": lambda m: setattr(m, "flag", "no"),
    "an array": lambda m: m.table.__setitem__(0, 7),
    "a list": lambda m: m.shifts.__setitem__(0, 5.0),
    "a module": lambda m: setattr(m, "linear", nn.Linear(3, 3, bias=False)),
    "a mode": lambda m: m.linear.eval(),
    "a dtype": lambda m: m.double(),
    "a flag": lambda m: m.linear.weight.requires_grad_(False),
    "a hook": lambda m: m.linear.register_forward_hook(lambda module, args, out: out + 1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_forward_reads_is_captured_anew(name):
    model = Reading()
    call, x = fast(model), oop.tensor(X)
    for _ in range(3):
        assert bits(call(x)) == bits(model(x))
    assert call.captures == 1
    CHANGES[name](model)
    x = x.to(model.linear.weight.dtype)
    for _ in range(3):
        assert bits(call(x)) == bits(model(x))
    assert call.captures == 2


def test_a_number_that_keeps_changing_is_taken_by_value():
    model = Reading()
    call = fast(model)
    for i in range(20):
        model.scale = 1.0 + i
        assert bits(call(oop.tensor(X))) == bits(model(oop.tensor(X)))
    assert call.captures <= 3


def test_parameters_are_read_anew():
    model = mlp()
    call = fast(model)
    call(oop.tensor(X))
    with oop.no_grad():
        model[0].weight.mul_(2.0)
    model[0].bias.data = oop.ones(4)
    model.load_state_dict({k: t + 1 for k, t in model.state_dict().items()})
    assert bits(call(oop.tensor(X))) == bits(model(oop.tensor(X))) and call.captures == 1


def test_shapes_and_modes_come_and_go():
    model = with_batch_norm()
    call = fast(model)
    for _ in range(3):
        for count in (6, 4):
            call.train()(oop.tensor(X[:count]))
            call.eval()(oop.tensor(X[:count]))
    assert call.captures == 4


def test_eight_threads_share_it():
    model = mlp().eval()
    call, wrong = fast(model), []

    def work(i):
        x = oop.tensor(X + i)
        expected = bits(model_of_its_own(x))
        for _ in range(20):
            if bits(call(x)) != expected:
                wrong.append(i)

    model_of_its_own = copy.deepcopy(model)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong and call.captures == 1


def test_inside_of_transforms_it_is_the_model():
    model = mlp()
    call = fast(model)
    expected = wf.vmap(lambda x: model(x).value)(X)
    assert bits(wf.vmap(lambda x: call(x).value)(X)) == bits(expected)
    assert call.captures == 0


def test_a_compiled_model_in_a_compiled_step():
    results = []
    for compiled in (False, True):
        model = with_dropout()
        optimizer = optim.Adam(model.parameters())
        call = fast(model) if compiled else model

        def step(x, call=call, optimizer=optimizer):
            optimizer.zero_grad()
            loss = call(x).sum()
            loss.backward()
            optimizer.step()
            return loss

        run = purify.compile(step, executor="numpy") if compiled else step
        oop.manual_seed(3)
        results.append([bits(run(oop.tensor(X))) for _ in range(4)])
    assert results[0] == results[1] and call.captures == 0


def test_a_buffer_that_forward_rebinds():
    class Running(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("total", oop.zeros(3))

        def forward(self, x):
            self.total = self.total + x.sum(0)
            return x * self.total

    model = Running()
    twin, call, buffer = copy.deepcopy(model), fast(model), model.total
    for _ in range(3):
        assert bits(call(oop.tensor(X))) == bits(twin(oop.tensor(X)))
    assert bits(model.total) == bits(twin.total) and model.total is buffer and call.captures == 1


def test_lambdas_among_the_attributes_do_not_capture_again():
    """PURIFY 37, for the stateful face."""
    model = mlp()
    model.shift = lambda x: x + 1
    call = fast(model)
    for _ in range(100):
        call(oop.tensor(X))
        with oop.no_grad():
            model[0].weight.add_(0.01)
    assert call.captures == 1


def test_eval_is_respected():
    """PURIFY 26, for the stateful face."""
    model = with_dropout()
    call = fast(model)
    call(oop.tensor(X))
    model.eval()
    assert bits(call(oop.tensor(X))) == bits(model(oop.tensor(X)))
