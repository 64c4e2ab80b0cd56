import inspect

import numpy as np
import pytest

from wonderland import oop
from wonderland.oop.optim import SGD, Adam, AdamW, Optimizer


def tensor(*values, dtype=np.float64):
    return oop.Tensor(np.array(values, dtype), requires_grad=True)


@pytest.fixture
def p():
    return tensor(1.0, 2.0)


def with_gradient(p, *values):
    p.grad = oop.Tensor(np.array(values, p.dtype))
    return p


# ---- groups


def test_options_of_a_group_replace_the_defaults(p):
    q = tensor(1.0)
    optimizer = SGD([{"params": [p]}, {"params": q, "lr": 1.0}], lr=0.1)
    assert [g["lr"] for g in optimizer.param_groups] == [0.1, 1.0]
    with_gradient(p, 1, 1), with_gradient(q, 1)
    optimizer.step()
    np.testing.assert_allclose(p.value, [0.9, 1.9])
    assert q.value.tolist() == [0.0]
    assert isinstance(optimizer, Optimizer)


def test_a_group_can_be_added(p):
    optimizer, q = SGD([p], lr=0.1), tensor(1.0)
    optimizer.add_param_group({"params": [q]})
    assert [len(g["params"]) for g in optimizer.param_groups] == [1, 1]


def test_named_parameters_keep_their_names(p):
    (group,) = SGD([("w", p)]).param_groups
    assert group["param_names"] == ["w"]
    assert group["params"][0] is p


def test_repr_shows_the_options(p):
    assert repr(SGD([p], lr=0.5)).startswith(
        "SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.5\n"
    )


# ---- steps


def test_parameters_change_in_their_own_memory_and_views_see_it(p):
    memory, view = p.value, p.detach()
    SGD([with_gradient(p, 1, 1)], lr=0.5).step()
    assert p.value is memory
    assert view.numpy().tolist() == [0.5, 1.5]


def test_without_a_gradient_a_parameter_is_left_alone(p):
    q = tensor(1.0)
    for kind in (SGD, Adam, AdamW):
        optimizer = kind([q, with_gradient(p, 1, 1)])
        optimizer.step()
        assert q.value.tolist() == [1.0]
        assert q not in optimizer.state


def test_zero_grad(p):
    optimizer = SGD([with_gradient(p, 1, 1)])
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.numpy().tolist() == [0, 0]
    optimizer.zero_grad()
    assert p.grad is None


def test_a_closure_computes_the_loss_with_gradients(p):
    optimizer = SGD([p], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with oop.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 5.0
    assert p.value.tolist() == [0.5, 1.0]


def test_a_step_between_forward_and_backward_is_noticed(p):
    loss = (p * p).sum()
    with_gradient(p, 1, 1)
    optimizer = SGD([p])
    line = inspect.currentframe().f_lineno + 1
    optimizer.step()
    with pytest.raises(RuntimeError, match=f"changed in place since, last at .*:{line}"):
        loss.backward()


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
def test_training_reaches_the_minimum(kind):
    p = tensor(3.0, -2.0, dtype=np.float32)
    optimizer = kind([p], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        ((p - 1) ** 2).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(p.detach().numpy(), 1.0, atol=0.02)
    assert p.dtype == np.float32


def test_a_step_is_a_function_of_traced_payloads_too():
    """A purified optimizer runs on a transform's values: nothing is changed in place then."""
    from wonderland import functional as wf

    x = np.array([1.0, 2.0])

    def after(x, g):
        p = oop.Tensor(x, requires_grad=True)
        p.grad = oop.Tensor(g)
        Adam([p], lr=0.1).step()
        return p.value

    rows = wf.vmap(after)(np.stack([x, x]), np.stack([x, -x]))
    np.testing.assert_allclose(rows, [x - 0.1, x + 0.1], rtol=1e-6)
    assert x.tolist() == [1, 2]


# ---- dictionaries


@pytest.mark.parametrize(
    "make",
    [
        lambda ps: SGD(ps, 0.1, 0.9),
        lambda ps: Adam(ps, 0.1, amsgrad=True),
        lambda ps: AdamW(ps, 0.1),
    ],
)
def test_training_goes_on_from_a_state_dict(make):
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((6, 3))

    def run(p, optimizer, gradients):
        for g in gradients:
            with_gradient(p, *g)
            optimizer.step()

    whole = tensor(1.0, 2.0, 3.0)
    run(whole, make([whole]), gradients)
    first = tensor(1.0, 2.0, 3.0)
    optimizer = make([first])
    run(first, optimizer, gradients[:3])
    second = oop.Tensor(first.value.copy(), requires_grad=True)
    restored = make([second])
    restored.load_state_dict(optimizer.state_dict())
    run(second, restored, gradients[3:])
    assert second.value.tobytes() == whole.value.tobytes()
    before = first.value.copy()
    assert (first.value == before).all()  # what was loaded is a copy
    run(first, optimizer, gradients[3:])
    assert first.value.tobytes() == whole.value.tobytes()


def test_a_state_dict_names_parameters_by_number(p):
    optimizer = Adam([with_gradient(p, 1, 1)])
    optimizer.step()
    saved = optimizer.state_dict()
    assert saved["param_groups"][0]["params"] == [0]
    assert sorted(saved["state"][0]) == ["exp_avg", "exp_avg_sq", "step"]
    assert saved["param_groups"][0]["betas"] == (0.9, 0.999)


def test_a_state_dict_that_does_not_fit_changes_nothing(p):
    optimizer = Adam([with_gradient(p, 1, 1)])
    optimizer.step()
    saved = optimizer.state_dict()
    saved["param_groups"][0]["lr"] = 9.0
    other = Adam([tensor(1.0), tensor(2.0)])
    with pytest.raises(ValueError, match=r"the groups have \[1\] parameters but this .* \[2\]"):
        other.load_state_dict(saved)
    other = Adam([tensor(1.0)])
    with pytest.raises(
        ValueError, match=r"'exp_avg' of parameter 0 has shape \(2,\) but .* \(1,\)"
    ):
        other.load_state_dict(saved)
    assert other.param_groups[0]["lr"] == 1e-3 and not other.state


# ---- bad input

BAD = [
    (lambda p: SGD([]), ValueError, r"SGD: there are no parameters; pass model.parameters\(\)"),
    (lambda p: SGD(iter(())), ValueError, "SGD: there are no parameters"),
    (lambda p: Adam(p), TypeError, r"Adam: params is one Tensor, not several; pass \[tensor\]"),
    (lambda p: Adam(3), TypeError, "Adam: params is a int but must be a list of Tensors"),
    (lambda p: SGD([p, p]), ValueError, r"parameter 1 of group 0 .* is there already"),
    (
        lambda p: SGD([{"params": [p]}, {"params": [p]}]),
        ValueError,
        r"parameter 0 of group 1 \(float64\[2\]\) is there already",
    ),
    (lambda p: SGD([np.ones(2)]), TypeError, r"parameter 0 of group 0 is no Tensor but float64"),
    (lambda p: SGD([p * 2]), ValueError, "parameter 0 of group 0 is no leaf but the result of mul"),
    (lambda p: SGD([{"lr": 1.0}]), TypeError, "SGD: a group is a dict with 'params'"),
    (lambda p: SGD([{"params": [p]}, p]), TypeError, "SGD: a group is a dict with 'params', not"),
    (lambda p: SGD([p], lr=-0.1), ValueError, "SGD: lr is -0.1 but must not be negative"),
    (lambda p: SGD([p], momentum=-1), ValueError, "SGD: momentum is -1 but must not be negative"),
    (lambda p: AdamW([p], weight_decay=-1), ValueError, "AdamW: weight_decay is -1"),
    (lambda p: Adam([p], eps=float("nan")), ValueError, "Adam: eps is nan"),
    (lambda p: Adam([p], betas=(0.9, 1.0)), ValueError, r"Adam: betas must lie in \[0, 1\)"),
    (lambda p: SGD([p], nesterov=True), ValueError, "SGD: nesterov needs momentum and no"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "message"), BAD, ids=[row[2][:40] for row in BAD])
def test_what_is_refused(p, make, error, message):
    with pytest.raises(error, match=message):
        make(p)


def test_an_optimizer_of_ones_own_says_how_a_group_takes_its_step(p):
    with pytest.raises(NotImplementedError):
        Optimizer([with_gradient(p, 1, 1)], {}).step()
