import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.oop.autograd import Function, grad
from wonderland.shared.errors import NotDifferentiableError


def leaf(*values):
    return oop.tensor([float(v) for v in values], dtype=oop.float64, requires_grad=True)


class Cube(Function):
    """x³, with a factor of two in its backward pass, so that one sees who runs."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * g * 3 * x**2


class Exp(Function):
    @staticmethod
    def forward(ctx, x, scale):
        z = (x * scale).exp()
        ctx.scale = scale
        ctx.save_for_backward(z, None)
        return z

    @staticmethod
    def backward(ctx, g):
        z, nothing = ctx.saved_tensors
        assert nothing is None
        return g * z * ctx.scale, None


class Split(Function):
    @staticmethod
    def forward(ctx, x, y):
        assert ctx.needs_input_grad == (True, False)
        order = x.argsort()
        rank = x * 0 + 1
        ctx.mark_non_differentiable(rank)
        return x + y, x * y, order, rank

    @staticmethod
    def backward(ctx, a, b, order, rank):
        assert not order.any() and not rank.any()
        return a + 10 * b, None


class Reversed(Function):
    """The gradient reversal layer: it returns its input."""

    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, g):
        return -g


def test_backward_is_the_users():
    x = leaf(1, 2)
    Cube.apply(x).sum().backward()
    assert x.grad.tolist() == [6, 24]


def test_it_is_not_recorded_where_nothing_requires_a_gradient():
    assert not Cube.apply(oop.ones(2)).requires_grad
    with oop.no_grad():
        assert not Cube.apply(leaf(1)).requires_grad


def test_saved_outputs_and_arguments_that_are_no_tensors():
    x = leaf(1, 2)
    z = Exp.apply(x, 3.0)
    z.sum().backward()
    assert np.allclose(x.grad.numpy(), 3 * np.exp([3, 6]))


def test_several_results():
    x, y = leaf(3, 1), oop.ones(2, dtype=oop.float64)
    a, b, order, rank = Split.apply(x, y)
    assert order.tolist() == [1, 0]
    assert not order.requires_grad and not rank.requires_grad
    (a.sum() + 3 * b.sum()).backward()
    assert x.grad.tolist() == [31, 31]
    x.grad = None
    Split.apply(x, y)[1].sum().backward()
    assert x.grad.tolist() == [10, 10]


def test_a_result_is_in_memory_of_its_own():
    x = leaf(1, 2)
    z = Reversed.apply(x)
    with oop.no_grad():
        z += 1
    assert x.tolist() == [1, 2]
    z.sum().backward()
    assert x.grad.tolist() == [-1, -1]


def test_backward_is_differentiable():
    x = leaf(1, 2)
    (g,) = grad(Cube.apply(x).sum(), x, create_graph=True)
    g.sum().backward()
    assert x.grad.tolist() == [12, 24]
    x = leaf(1, 2)
    (g,) = grad(Exp.apply(x, 2.0).sum(), x, create_graph=True)
    (h,) = grad(g.sum(), x)
    assert np.allclose(h.numpy(), 4 * np.exp([2, 4]))


def test_a_saved_tensor_that_was_changed_is_noticed():
    w = leaf(1, 2)
    x = w * 1
    y = Cube.apply(x)
    x += 1
    with pytest.raises(RuntimeError, match=r"Cube .* changed in place"):
        y.sum().backward()
    z = Exp.apply(w, 1.0)
    z *= 2
    with pytest.raises(RuntimeError, match=r"Exp .* changed in place"):
        z.sum().backward()


def test_functional_transforms_use_its_backward_too():
    def f(x):
        return Cube.apply(oop.Tensor(x)).sum().value

    x = np.array([1.0, 2.0])
    assert wf.grad(f)(x).tolist() == [6, 24]
    assert wf.vmap(lambda row: Cube.apply(oop.Tensor(row)).value)(x[:, None]).tolist() == [[1], [8]]
    assert wf.vmap(wf.grad(f))(x[:, None]).tolist() == [[6], [24]]
    assert wf.jacrev(wf.grad(f))(x).tolist() == [[12, 0], [0, 24]]
    with pytest.raises(NotDifferentiableError, match=r"Cube: .* has no forward-mode derivative"):
        wf.jvp(f, (x,), (x,))


def test_vmap_around_a_live_tensor():
    w = leaf(1, 2)
    z = wf.vmap(lambda row: Cube.apply(w * row))(np.array([[1.0, 1], [2, 2]]))
    z.sum().backward()
    assert w.grad.tolist() == [6 + 6 * 8, 24 + 24 * 8]


def test_forward_mode_by_its_jvp():
    class Square(Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.x = x
            return x * x + y

        @staticmethod
        def jvp(ctx, dx, dy):
            assert dy is None
            return 2 * ctx.x * dx

    def f(x):
        return Square.apply(oop.Tensor(x), 1.0).value

    x = np.array([3.0])
    assert [z.tolist() for z in wf.jvp(f, (x,), (np.ones(1),))] == [[10], [6]]


def test_complex_gradients_are_torchs():
    class Times(Function):
        @staticmethod
        def forward(ctx, z):
            return z * (3 + 4j)

        @staticmethod
        def backward(ctx, g):
            return g * (3 - 4j)

    z = oop.tensor([1 + 1j], requires_grad=True)
    Times.apply(z).real.sum().backward()
    assert z.grad.tolist() == [3 - 4j]
    z.grad = None
    (z * (3 + 4j)).real.sum().backward()
    assert z.grad.tolist() == [3 - 4j]


def test_what_a_function_may_not_do():
    class Few(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, g):
            return g

    class Odd(Cube):
        @staticmethod
        def backward(ctx, g):
            return 1.0

    class Bare(Function):
        @staticmethod
        def forward(ctx, x):
            return x.numpy()

    class Dirty(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)

    x = leaf(1, 2)
    with pytest.raises(
        RuntimeError, match="Few: backward returned 1 gradients for the 2 arguments"
    ):
        Few.apply(x, x).sum().backward()
    with pytest.raises(TypeError, match=r"Odd: backward must return Tensors .* is a float"):
        Odd.apply(x).sum().backward()
    with pytest.raises(
        TypeError, match="Bare: forward must return Tensors, but result 0 is a ndarray"
    ):
        Bare.apply(oop.ones(2))
    with pytest.raises(NotImplementedError, match="mark_dirty: a Function that changes its inputs"):
        Dirty.apply(x)
    with pytest.raises(TypeError, match="Cube: apply needs one Tensor at least"):
        Cube.apply(1.0)
    with pytest.raises(NotImplementedError, match=r"define backward\(ctx, \*grads\)"):
        Exp.__base__.backward(None)
    with pytest.raises(ValueError, match=r"Cube: vmap of an autograd.Function needs a batch"):
        wf.vmap(lambda row: Cube.apply(oop.Tensor(row)).value)(np.ones((0, 1)))


def test_an_error_in_forward_is_the_users_own():
    class Broken(Function):
        @staticmethod
        def forward(ctx, x):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        Broken.apply(leaf(1))
    assert any("forward of the autograd.Function Broken" in n for n in caught.value.__notes__)
    assert oop.is_grad_enabled()
