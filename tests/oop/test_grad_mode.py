import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop


def leaf():
    return oop.tensor([1.0, 2.0], requires_grad=True)


def test_modes_nest():
    x = leaf()
    with oop.no_grad():
        assert not (x * 2).requires_grad
        with oop.enable_grad():
            assert (x * 2).requires_grad
        with oop.set_grad_enabled(True):
            assert oop.is_grad_enabled()
        assert not oop.is_grad_enabled()
    assert oop.is_grad_enabled() is True


def test_an_exception_leaves_nothing_behind():
    with pytest.raises(KeyError), oop.no_grad():
        raise KeyError
    assert oop.is_grad_enabled()


def test_decorators():
    x = leaf()

    @oop.no_grad()
    def first():
        return x * 2

    @oop.no_grad
    def second():
        return x * 2

    @oop.set_grad_enabled(False)
    def third():
        """Its docstring."""
        return x * 2

    @oop.inference_mode()
    def fourth():
        return oop.enable_grad(lambda: x * 2)()

    assert not any(f().requires_grad for f in (first, second, third))
    assert fourth().requires_grad
    assert third.__doc__ == "Its docstring."
    assert oop.is_grad_enabled()


def test_set_grad_enabled_as_a_statement():
    oop.set_grad_enabled(False)
    try:
        assert not oop.is_grad_enabled()
    finally:
        oop.set_grad_enabled(True)
    assert oop.is_grad_enabled()


def test_a_mode_may_be_entered_again():
    mode = oop.no_grad()
    with mode, mode:
        pass
    assert oop.is_grad_enabled()


def test_no_grad_inside_of_a_transform_stops_its_derivative():
    """So that a purified model has the gradients of the model itself."""

    def f(x):
        t = oop.Tensor(x)
        with oop.no_grad():
            constant = t * t
        return (t * constant).sum().value

    x = np.array([2.0, 3.0])
    assert wf.grad(f)(x).tolist() == [4, 9]
    assert wf.jvp(f, (x,), (np.ones(2),))[1] == 13
    assert wf.vmap(wf.grad(f))(x[:, None]).tolist() == [[4], [9]]


def test_no_grad_around_a_transform_leaves_its_derivative():
    with oop.no_grad():
        assert wf.grad(lambda x: (oop.Tensor(x) ** 3).value)(2.0) == 12


def test_in_place_within_no_grad_inside_of_a_transform():
    def f(x):
        t = oop.Tensor(x)
        state = oop.zeros(2, dtype=oop.float64)
        with oop.no_grad():
            state.add_(t)
            state[0] = t[1] * 2
        return (t * state).sum().value

    assert wf.grad(f)(np.array([2.0, 3.0])).tolist() == [6, 3]
