"""What cannot be compiled says so, shows the line, and leaves everything as it was."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.purify.models import X, bits, mlp
from wonderland import functional as wf
from wonderland import oop, purify
from wonderland.oop import nn, optim
from wonderland.shared.errors import TracerLeakError


def parts():
    model = mlp(nn.BatchNorm1d(4), nn.Dropout(0.5))
    return model, optim.Adam(model.parameters(), lr=0.1)


def state(model, optimizer):
    """Everything that a failed step must leave as it was."""
    return (
        {name: (id(t), bits(t)) for name, t in model.state_dict(keep_vars=True).items()},
        [(p.grad is None, p.version and p.version.count, p.level) for p in model.parameters()],
        repr(optimizer.state),
        repr(optimizer.param_groups),
        oop.default_generator.get_state().tolist(),
        {name: list(m.__dict__) for name, m in model.named_modules()},
    )


def item(model, optimizer, x):
    loss = model(x).sum()
    loss.backward()
    optimizer.step()
    return loss.item()


def branch(model, optimizer, x):
    loss = model(x).sum()
    loss.backward()
    optimizer.step()
    if loss > 0:  # the line that is shown
        loss = 2 * loss
    return loss


def indices(model, optimizer, x):
    optimizer.step()
    return x[x > 0]


def numbers(model, optimizer, x):
    return model(x) * float(np.random.default_rng().random() * 0 + np.random.rand())


def fault(model, optimizer, x):
    optimizer.zero_grad()
    model(x).sum().backward()
    model.note = x
    optimizer.param_groups[0]["lr"] = 7.0
    optimizer.step()
    raise KeyError("of the user's")


def reshaped(model, optimizer, x):
    model[0].bias.data = oop.zeros(5)
    return x


HERE = r"at .*test_errors.py:\d+"
FROZEN = "compile: the function draws numbers from NumPy's or Python's random generators"
ERRORS = {
    item: (TypeError, rf"item: .*float32\[\] has no value yet, {HERE}: .* return it from the func"),
    branch: (TypeError, rf"bool: .* has no value yet, {HERE}, and Python can go only one way"),
    indices: (TypeError, "the shape of the result would depend on it; keep the shape: where"),
    numbers: (ValueError, f"{FROZEN}, which would be the same in every call; draw by oop.rand"),
    fault: (KeyError, "of the user's"),
    reshaped: (TypeError, r"compile: the function turns a Tensor float32\[4\] into float32\[5\]"),
}


@pytest.mark.parametrize("step", ERRORS, ids=lambda f: f.__name__)
def test_an_error_leaves_everything_as_it_was(step):
    model, optimizer = parts()
    for p in model.parameters():
        p.grad = oop.ones_like(p)
    optimizer.step()
    before = state(model, optimizer)
    error, text = ERRORS[step]
    run = purify.compile(step)
    for _ in range(2):
        with pytest.raises(error, match=text):
            run(model, optimizer, oop.tensor(X))
        assert state(model, optimizer) == before


def test_the_line_that_branches_is_shown():
    with pytest.raises(TypeError) as caught:
        purify.compile(branch)(*parts(), oop.tensor(X))
    line = int(re.search(r"test_errors.py:(\d+)", str(caught.value))[1])
    assert "the line that is shown" in Path(__file__).read_text().split("\n")[line - 1]


def test_an_error_while_it_runs_leaves_everything_as_it_was():
    model, optimizer = parts()

    def step(x):
        optimizer.zero_grad()
        loss = model(x).sum()
        loss.backward()
        optimizer.step()
        return loss

    run = purify.compile(step)
    for _ in range(3):
        run(oop.tensor(X))
    before = state(model, optimizer)

    def broken(leaves):
        raise FloatingPointError("in a kernel")

    run.bound.entry.program.run = broken
    with pytest.raises(FloatingPointError, match="in a kernel"):
        run(oop.tensor(X))
    assert state(model, optimizer) == before


def test_the_first_nan_is_found():
    model, optimizer = parts()

    def step(x):
        loss = (model(x) * 0).sum().log()
        loss.backward()
        optimizer.step()
        return loss

    before = state(model, optimizer)
    with pytest.raises(FloatingPointError, match=r"log.*test_errors\.py:\d+"):
        purify.compile(step, check_nan=True)(oop.tensor(X))
    assert state(model, optimizer) == before


def test_a_value_that_leaks_into_an_outer_list_raises_when_used():
    model, losses = mlp(), []

    def step(x):
        loss = model(x).sum()
        losses.append(loss)
        return loss

    run = purify.compile(step)
    results = [run(oop.tensor(X)) for _ in range(3)]
    assert len({bits(x) for x in results}) == 1 and run.captures == 2 and len(losses) == 1
    for use in (lambda x: x + 1, lambda x: x.item(), bool):
        with pytest.raises(TracerLeakError, match="is used after the `compile` that made it had"):
            use(losses[0])


@pytest.mark.parametrize(
    "read", [lambda x: x.numpy(), lambda x: x.detach().cpu().numpy(), np.asarray, list]
)
def test_numpy_has_nothing_to_see(read):
    model = mlp()

    def step(x):
        return model(x).sum(), [float(v) for v in read(model(x))]

    operation = "item" if read is list else "numpy"
    text = (
        rf"^{operation}: under `compile` a float32\[.*\] has no value yet, {HERE}: .* return it f"
    )
    with pytest.raises(TypeError, match=text):
        purify.compile(step)(oop.tensor(X))


def test_printing_shows_the_kind_of_value(capsys):
    def step(x):
        print(x.sum())
        return x.sum()

    run = purify.compile(step)
    run(oop.tensor(X))
    run(oop.tensor(X))
    assert re.fullmatch(r"tensor\(<traced float32\[\] under compile.*\)\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (3, "but this is int; wrap it in a function"),
        (nn.Linear, "but this is the class Linear; make an instance of it"),
        (oop.ones(3), "but this is float32\\[3\\]"),
    ],
)
def test_what_is_no_model_and_no_function(given, text):
    with pytest.raises(TypeError, match=f"compile: an nn.Module or a function is needed, {text}"):
        purify.compile(given)


def test_tensors_made_outside_with_a_history():
    model = mlp()
    h = model(oop.tensor(X)).sum()
    with pytest.raises(
        TypeError, match=r"uses a Tensor float32\[1,1\] that was made by reshape outside"
    ):
        purify.compile(lambda x: x * h)(oop.tensor(X))


class Slotted:
    __slots__ = ("t",)


def test_tensors_that_cannot_be_found():
    holder = Slotted()
    holder.t = oop.ones(3)
    with pytest.raises(TypeError, match="reaches by a way that cannot be followed; pass it as an"):
        purify.compile(lambda x: x * holder.t)(oop.tensor(X))


def test_tensors_that_share_memory():
    p = oop.zeros(4, requires_grad=True)
    part = p.detach()[:2]

    def step(x):
        with oop.no_grad():
            p.add_(x)
        return part + 1

    with pytest.raises(ValueError, match="share memory, and the function changes one of them"):
        purify.compile(step)(oop.ones(4))


def test_a_read_only_parameter():
    array = np.zeros(2, np.float32)
    array.flags.writeable = False
    p = nn.Parameter(array)

    def step():
        with oop.no_grad():
            p.add_(1.0)

    with pytest.raises(ValueError, match=r"a Tensor float32\[2\] whose array is read-only"):
        purify.compile(step)()


def test_what_changes_in_every_capture():
    restless = {str(i): i + 1 for i in range(9)}

    def step(x):
        for name, number in restless.items():
            if number.__class__ is int:
                restless[name] += 1
                break
        return x

    text = r"was changed by each of 8 captures; keep counters, logs and caches out of it"
    with pytest.raises(RuntimeError, match=text):
        purify.compile(step)(oop.ones(1))


def test_what_is_new_in_every_call_is_named():
    model = mlp()
    run = purify.compile(model)
    for i in range(16):
        model.note = f"note {i}"
        run(oop.tensor(X))
    model.note = "note 16"
    text = r"captured for the 17th time.*\(this time: .*'note 15'.*now .*'note 16'.*pass that as an"
    with pytest.warns(RuntimeWarning, match=text):
        run(oop.tensor(X))


def test_a_live_model_inside_of_jit_is_an_error():
    """PURIFY 38."""
    model = mlp()
    model(X).sum().backward()
    optim.SGD(model.parameters(), lr=0.1).step()
    with pytest.raises(TypeError, match=r"that is no argument.*purify\(model\)"):
        wf.jit(lambda x: model(x).value)(X)
