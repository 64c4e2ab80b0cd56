"""Calls over leaves, and with Tensors; for pytrees and transforms see functional/test_custom."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.shared import custom

X, Y = np.array([0.5, 1.5]), np.array([3.0, -1.0])
sin, cos = np.sin, np.cos


def plain(x, y):
    return np.sin(x) * y


def forward_rule(x, y):
    def rule(args, tangents):
        (x, y), (dx, dy) = args, tangents
        return [plain(x, y), x], [cos(x) * y * dx + sin(x) * dy, None]

    return custom.ForwardRule("forward", lambda x, y: [plain(x, y), x], rule)(x, y)[0]


def reverse_rule(x, y):
    def ahead(x, y):
        return [plain(x, y)], [x, y], "note"

    def back(note, residuals, gz):
        assert note == "note"
        x, y = residuals
        return [cos(x) * y * gz[0], sin(x) * gz[0]]

    return custom.ReverseRule("reverse", lambda x, y: [plain(x, y)], ahead, back)(x, y)[0]


def recomputed(x, y):
    return custom.Recomputed("recomputed", lambda x, y: [plain(x, y)])(x, y)[0]


CALLS = [forward_rule, reverse_rule, recomputed]


@pytest.fixture
def tensors():
    return [oop.Tensor(a.copy(), requires_grad=True) for a in (X, Y)]


@pytest.mark.parametrize("call", CALLS)
def test_tensors_record_a_call(call, tensors):
    x, y = tensors
    z = call(x, y)
    assert z.requires_grad and (z.value == plain(X, Y)).all()
    z.sum().backward()
    np.testing.assert_allclose(x.grad.value, cos(X) * Y)
    np.testing.assert_allclose(y.grad.value, sin(X))


@pytest.mark.parametrize("call", CALLS)
def test_a_recorded_backward_pass_reaches_the_operands(call, tensors):
    x, y = tensors
    call(x, y).sum().backward(create_graph=True)
    gx, x.grad, y.grad = x.grad, None, None
    (gx * gx).sum().backward()
    np.testing.assert_allclose(x.grad.value, -2 * cos(X) * Y * sin(X) * Y)
    np.testing.assert_allclose(y.grad.value, 2 * cos(X) ** 2 * Y)


@pytest.mark.parametrize("call", CALLS)
def test_without_recording_there_is_no_node(call, tensors):
    with oop.no_grad():
        assert not call(*tensors).requires_grad
    assert not call(tensors[0].detach(), Y).requires_grad


@pytest.mark.parametrize("call", CALLS)
def test_an_operand_changed_in_place_is_noticed(call, tensors):
    x, y = tensors
    z = call(x, y).sum()
    with oop.no_grad():
        x += 1
    with pytest.raises(RuntimeError, match="changed in place"):
        z.backward()


@pytest.mark.parametrize("call", CALLS)
def test_a_tensor_inside_a_transform_holds_its_values(call):
    def loss(x):
        return call(oop.Tensor(x), Y).sum()

    np.testing.assert_allclose(wf.grad(loss)(X), cos(X) * Y)
    np.testing.assert_allclose(wf.jvp(loss, (X,), (np.ones(2),))[1], (cos(X) * Y).sum())


@pytest.mark.parametrize("call", CALLS)
def test_a_transform_sees_a_closed_over_tensor_as_a_constant_that_still_records(call):
    y = oop.Tensor(Y.copy(), requires_grad=True)
    gradient = wf.grad(lambda x: call(x, y).sum())(X)
    np.testing.assert_allclose(gradient.detach().numpy(), cos(X) * Y)
    gradient.sum().backward()
    np.testing.assert_allclose(y.grad.value, cos(X))


@pytest.mark.parametrize("call", CALLS)
def test_shapes_are_known_without_arrays(call):
    assert wf.eval_shape(call, X, Y).shape == (2,)
    assert wf.eval_shape(wf.grad(lambda x: call(x, Y).sum()), X).shape == (2,)


@pytest.mark.parametrize("call", CALLS)
def test_an_error_inside_is_the_users(call):
    def fails(x, y):
        raise KeyError("mine")

    broken = custom.Recomputed("recomputed", fails)
    with pytest.raises(KeyError, match="mine"):
        wf.grad(lambda x: broken(x, Y)[0].sum())(X)


def test_a_closed_over_tensor_of_the_same_tape_is_refused(tensors):
    x, y = tensors
    call = custom.Recomputed("recomputed", lambda x: [x * y])
    with pytest.raises(TypeError, match=r"recomputed: .* float64\[2\] that is no argument"):
        call(x)
    with pytest.raises(TypeError, match="that is no argument"):
        call(x.detach())
