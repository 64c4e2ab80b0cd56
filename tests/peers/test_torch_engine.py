"""How torch's engine behaves: accumulation, graphs of graphs, hooks and their order, guards."""

import numpy as np
import pytest

from tests.peers.twins import LIBRARIES, both, tensor, value

pytestmark = [
    pytest.mark.peers,
    # torch's, on backward(create_graph=True), which makes a cycle there
    pytest.mark.filterwarnings("ignore:Using backward:UserWarning"),
]

RNG = np.random.default_rng(5)
X = RNG.standard_normal((2, 3))
V = RNG.standard_normal(3)


def same(program):
    """What the program returns is equal in both libraries, arrays to 1e-12."""
    mine, other = both(program)
    assert len(mine) == len(other)
    for a, b in zip(mine, other, strict=True):
        if hasattr(b, "detach") or isinstance(b, np.ndarray):
            np.testing.assert_allclose(value(a), value(b), rtol=1e-12, atol=1e-12)
        else:
            assert a == b


def accumulation(t):
    x = tensor(t, X)
    (x * x).sum().backward()
    (x * 3).sum().backward()
    first = x.grad.clone()
    x.grad = None
    x.sum().backward()
    return first, x.grad


def used_twice(t):
    x = tensor(t, X)
    y = x * 2
    (y * y + y.sum() * x).sum().backward()
    return (x.grad,)


def gradient_argument(t):
    x = tensor(t, X)
    (x @ tensor(t, V)).backward(gradient=t.tensor([2.0, -1.0], dtype=t.float64))
    return (x.grad,)


def one_entry_needs_no_gradient(t):
    x = tensor(t, X[:1, :1])
    (x * x).backward()
    return (x.grad,)


def retained_graph(t):
    x = tensor(t, X)
    z = (x**3).sum()
    z.backward(retain_graph=True)
    z.backward()
    return (x.grad,)


def second_order(t):
    x = tensor(t, X)
    (g,) = t.autograd.grad((x**3).sum(), x, create_graph=True)
    ((g**2).sum() + (g * x).sum()).backward()
    return g, x.grad


def backward_with_create_graph(t):
    x = tensor(t, X)
    (x**3).sum().backward(create_graph=True)
    g = x.grad
    x.grad = None
    (g * g).sum().backward()
    return g, x.grad


def gradient_of_an_intermediate(t):
    x = tensor(t, X)
    y = x * x
    z = (y * y).sum()
    return t.autograd.grad(z, [y, x])


def grad_does_not_accumulate(t):
    x = tensor(t, X)
    t.autograd.grad((x * x).sum(), x)
    return (x.grad is None,)


def unused_input(t):
    x, y = tensor(t, X), tensor(t, V)
    found = t.autograd.grad((x * x).sum(), [x, y], allow_unused=True)
    return found[0], found[1] is None


def several_outputs(t):
    x = tensor(t, X)
    y = x * 2
    return t.autograd.grad([y.sum(), (y * x).sum()], [x])


def retained_gradient(t):
    x = tensor(t, X)
    y = x * 2
    y.retain_grad()
    (y * y).sum().backward()
    return y.grad, x.grad, y.is_leaf, y.retains_grad


def modes(t):
    x = tensor(t, X)
    with t.no_grad():
        y = x * 2
        with t.enable_grad():
            z = x * 3
    w = t.no_grad()(lambda: x * 2)()
    return y.requires_grad, z.requires_grad, w.requires_grad, (x * 2).requires_grad


def set_grad_enabled(t):
    x = tensor(t, X)
    found = []
    with t.set_grad_enabled(False):
        found.append((x * 2).requires_grad)
        found.append(t.is_grad_enabled())
    return (*found, t.is_grad_enabled())


def detached(t):
    x = tensor(t, X)
    y = x.detach() * x
    y.sum().backward()
    return x.grad, x.detach().requires_grad


def requires_grad_later(t):
    x = t.tensor(V)
    y = x * 2
    x.requires_grad_()
    z = x * 3
    return y.requires_grad, z.requires_grad, x.is_leaf, z.is_leaf


def through_float32(t):
    x = tensor(t, X)
    y = (x.float() * 2).double() * x
    y.sum().backward()
    return (x.grad,)


def mixed_dtypes(t):
    x, y = tensor(t, X), t.tensor(V.astype(np.float32), requires_grad=True)
    (x * y).sum().backward()
    return x.grad, value(y.grad).dtype.name


PROGRAMS = [
    accumulation, used_twice, gradient_argument, one_entry_needs_no_gradient, retained_graph,
    second_order, backward_with_create_graph, gradient_of_an_intermediate,
    grad_does_not_accumulate, unused_input, several_outputs, retained_gradient, modes,
    set_grad_enabled, detached, requires_grad_later, through_float32, mixed_dtypes,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_programs(program):
    same(program)


def hooks_see_gradients_in_order(t):
    """Hooks of a leaf, of intermediates and of a shared value, in the order torch calls them."""
    log = []
    x = tensor(t, V)
    y = x * 2
    z = y * y
    for name, a in (("x", x), ("y", y), ("z", z)):
        a.register_hook(lambda g, name=name: log.append((name, 1, value(g).tolist())))
        a.register_hook(lambda g, name=name: log.append((name, 2, value(g).tolist())))
    (z + y).sum().backward()
    return (log,)


def a_hook_replaces_the_gradient(t):
    x = tensor(t, V)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 2)
    (y * y).sum().backward()
    return (x.grad,)


def a_hook_runs_once_on_the_sum(t):
    seen = []
    x = tensor(t, V)
    x.register_hook(lambda g: seen.append(value(g).tolist()))
    (x * 2 + x * 3 + x * x).sum().backward()
    return (seen,)


def a_removed_hook_does_not_run(t):
    seen = []
    x = tensor(t, V)
    y = x * 2
    for a in (x, y):
        a.register_hook(lambda g: seen.append(1)).remove()
    y.sum().backward()
    return (seen,)


def hooks_run_under_autograd_grad(t):
    seen = []
    x = tensor(t, V)
    y = x * 2
    x.register_hook(lambda g: seen.append("x"))
    y.register_hook(lambda g: (seen.append("y"), g * 3)[1])
    found = t.autograd.grad((y * x).sum(), [x, y])
    return *found, seen


def hooks_in_backward_of_backward(t):
    seen = []
    x = tensor(t, V)
    y = x * x
    y.register_hook(lambda g: seen.append(g.requires_grad))
    (g,) = t.autograd.grad((y * y).sum(), x, create_graph=True)
    g.sum().backward()
    return x.grad, seen


def a_hook_before_a_change_in_place(t):
    log = []
    x = tensor(t, V)
    y = x * 2
    y.register_hook(lambda g: log.append(value(g).tolist()))
    y.mul_(3)
    y.register_hook(lambda g: log.append(value(g).tolist()))
    (y * y).sum().backward()
    return log, x.grad


def retained_after_hooks(t):
    x = tensor(t, V)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.retain_grad()
    y.sum().backward()
    return y.grad, x.grad


HOOKS = [
    hooks_see_gradients_in_order, a_hook_replaces_the_gradient, a_hook_runs_once_on_the_sum,
    a_removed_hook_does_not_run, hooks_run_under_autograd_grad, hooks_in_backward_of_backward,
    a_hook_before_a_change_in_place, retained_after_hooks,
]  # fmt: skip


@pytest.mark.parametrize("program", HOOKS, ids=lambda f: f.__name__)
def test_hooks(program):
    same(program)


def custom_function(t):
    class Cube(t.autograd.Function):
        @staticmethod
        def forward(ctx, x, scale):
            ctx.save_for_backward(x)
            ctx.scale = scale
            return x**3 * scale

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 3 * x**2 * ctx.scale * g, None

    x = tensor(t, V)
    y = Cube.apply(x, 2.0)
    (g,) = t.autograd.grad((y * y).sum(), x, create_graph=True)
    g.sum().backward()
    return y, g, x.grad


def custom_function_of_two(t):
    class Both(t.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            return x * y, x + y

        @staticmethod
        def backward(ctx, ga, gb):
            x, y = ctx.saved_tensors
            return (ga * y + gb if ctx.needs_input_grad[0] else None), ga * x + gb

    x, y = tensor(t, V), tensor(t, V + 1)
    a, b = Both.apply(x, y)
    (a * b).sum().backward()
    return a, b, x.grad, y.grad


@pytest.mark.parametrize("program", [custom_function, custom_function_of_two])
def test_functions_of_the_user(program):
    same(program)


ERRORS = {
    "unused input without allow_unused": lambda t, x: t.autograd.grad((x * 2).sum(), tensor(t, V)),
    "grad of what needs none": lambda t, x: t.autograd.grad(t.ones(()), x),
    "hook on what needs none": lambda t, x: t.ones(2).register_hook(lambda g: g),
    "item of several": lambda t, x: x.item(),
    "bool of several": lambda t, x: bool(x > 0),
    "float of several": lambda t, x: float(x),
    "shapes that do not broadcast": lambda t, x: x + t.ones(4),
    "shapes that do not multiply": lambda t, x: x @ t.ones(4, 2, dtype=t.float64),
    "unknown axis": lambda t, x: x.sum(5),
    "index out of range": lambda t, x: x[7],
    "reshape that does not fit": lambda t, x: x.reshape(4, 4),
    "argument of a freed graph": lambda t, x: freed(t, x),
    "stop requiring midway": lambda t, x: (x * 2).requires_grad_(False),
}


def freed(t, x):
    z = (x * x).sum()
    t.autograd.grad(z, x)
    t.autograd.grad(z, x)


@pytest.mark.parametrize("name", ERRORS)
def test_what_torch_refuses_is_refused(name):
    for t in LIBRARIES:
        with pytest.raises((RuntimeError, ValueError, TypeError, IndexError)):
            ERRORS[name](t, tensor(t, X))
