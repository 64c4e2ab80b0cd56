import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import lax
from wonderland.shared.errors import NotDifferentiableError
from wonderland.shared.testing import check_grads

A = np.array([2.0, 7.0, 100.0, 1.5])
ONE = np.float64(1.0)


def compiled(f):
    return wf.jit(f, executor="numpy")


def close(found, wanted, rtol=1e-11):
    wf.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol, 1e-12), found, wanted)


def newton(a, max_steps=None):
    """√a by Newton's method, and the number of steps."""

    def going(c):
        return abs(c[0] * c[0] - a) > 1e-10

    def body(c):
        return 0.5 * (c[0] + a / c[0]), c[1] + 1

    return lax.while_loop(going, body, (ONE, 0), max_steps=max_steps)


def python_newton(a):
    x, n = ONE, 0
    while abs(x * x - a) > 1e-10:
        x, n = 0.5 * (x + a / x), n + 1
    return x, np.int64(n)


def root(a):
    return newton(a, 20)[0]


@pytest.mark.parametrize(
    "run", [lambda f: f, compiled, lambda f: lambda a: wf.jvp(f, (a,), (a,))[0]]
)
@pytest.mark.parametrize("a", A)
def test_a_while_loop_has_the_bits_of_pythons(run, a):
    assert run(newton)(a) == python_newton(a)
    assert run(newton)(ONE) == (ONE, 0)


def test_forward_mode_takes_any_loop():
    close(wf.jvp(lambda a: newton(a)[0], (A[1],), (ONE,))[1], 0.5 / np.sqrt(A[1]))
    close(compiled(wf.jacfwd(lambda a: newton(a)[0]))(A[1]), 0.5 / np.sqrt(A[1]))
    close(wf.jacfwd(wf.jacfwd(root))(A[1]), -0.25 * A[1] ** -1.5)


REVERSE = {
    "grad": wf.grad,
    "jit of grad": lambda f: compiled(wf.grad(f)),
    "grad of jit": lambda f: wf.grad(compiled(f)),
    "checkpoint": lambda f: wf.grad(wf.checkpoint(f)),
}


@pytest.mark.parametrize("nest", REVERSE)
def test_reverse_mode_with_a_bound(nest):
    close(REVERSE[nest](root)(A[1]), 0.5 / np.sqrt(A[1]))


def test_second_order_of_a_bounded_loop():
    wanted = -0.25 * A[1] ** -1.5
    for second in (wf.hessian(root), wf.grad(wf.grad(root)), compiled(wf.grad(wf.grad(root)))):
        close(second(A[1]), wanted)


def test_a_bound_stops_the_loop():
    count = lambda n: lax.while_loop(lambda c: c < 100, lambda c: c + 1, 0, max_steps=n)  # noqa: E731
    assert count(0) == 0 and count(7) == 7 and count(1000) == 100
    assert compiled(lambda: count(7))() == 7
    assert (wf.vmap(lambda x: lax.while_loop(lambda c: c < x, lambda c: c + 1.0, 0.0, max_steps=3))(
        np.array([0.0, 2.0, 9.0])
    ) == [0, 2, 3]).all()  # fmt: skip
    close(
        wf.grad(lambda x: lax.while_loop(lambda c: c < 100, lambda c: c * x, x, max_steps=3))(2.0),
        32,
    )


def test_without_a_bound_reverse_mode_says_what_to_do():
    text = "nothing bounds the number of steps; give .*max_steps=N.*fori_loop.*scan"
    for f in (wf.grad(lambda a: newton(a)[0]), compiled(wf.grad(lambda a: newton(a)[0]))):
        with pytest.raises(NotDifferentiableError, match=text):
            f(A[1])
    with pytest.raises(NotDifferentiableError, match="fori_loop: reverse mode"):
        wf.grad(compiled(lambda x, n: lax.fori_loop(0, n, lambda i, c: c * x, x)))(ONE, 3)


def test_elements_of_a_batch_take_as_many_steps_as_each_needs():
    wanted = [python_newton(a) for a in A]
    for run in (wf.vmap(newton), compiled(wf.vmap(newton)), wf.vmap(compiled(newton))):
        x, n = run(A)
        assert (x == [w[0] for w in wanted]).all() and (n == [w[1] for w in wanted]).all()
    assert len({int(w[1]) for w in wanted}) > 1


@pytest.mark.parametrize("run", [lambda f: f, compiled])
def test_derivatives_of_a_batch_of_loops(run):
    wanted = [wf.grad(root)(a) for a in A]
    close(wanted, list(0.5 / np.sqrt(A)), 1e-9)
    close(list(run(wf.vmap(wf.grad(root)))(A)), wanted)
    close(list(run(wf.grad(lambda a: wf.vmap(root)(a).sum()))(A)), wanted)
    found = run(lambda a: wf.jvp(wf.vmap(lambda a: newton(a)[0]), (a,), (np.ones(4),))[1])(A)
    close(list(found), wanted)


def test_what_has_ended_is_not_computed_with_any_more():
    """The body is no good for finished values (√ of negatives), and what comes of it stays out."""

    def f(x, w):
        return lax.while_loop(lambda c: c > 0.5, lambda c: np.sqrt(c - 0.5) * w, x, max_steps=5)

    x, w = np.array([0.4, 0.9, 1.9]), np.float64(1.0)
    batch = wf.vmap(f, (0, None))
    close(batch(x, w), [f(v, w) for v in x])
    gx, gw = wf.grad(lambda x, w: batch(x, w).sum(), (0, 1))(x, w)
    singles = [wf.grad(f, (0, 1))(v, w) for v in x]
    close(gx, [g[0] for g in singles])
    close(gw, sum(g[1] for g in singles))


def test_an_unbatched_test_keeps_unbatched_carries():
    def f(x):
        return lax.while_loop(lambda c: c[0] < 4, lambda c: (c[0] + 1, c[1] * x), (0, x))

    n, y = wf.vmap(f)(A)
    assert (n == 4).all()
    close(y, A**5)


def fori(x, unroll=None):
    return lax.fori_loop(1, 6, lambda i, c: c * x + i, x, unroll=unroll)


def python_fori(x):
    c = x
    for i in range(1, 6):
        c = c * x + i
    return c


@pytest.mark.parametrize("unroll", [None, 2, 3, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fori_loop_is_pythons_loop(unroll, dtype):
    x = dtype(1.1)
    for run in (fori, compiled(lambda x: fori(x, unroll))):
        assert run(x) == python_fori(x) and run(x).dtype == dtype
    gradient = wf.grad(lambda x: fori(x, unroll))(x)
    assert gradient.dtype == dtype
    close(gradient, wf.grad(python_fori)(x), 1e-6)
    close(wf.vmap(lambda x: fori(x, unroll))(np.array([x, 2 * x])), [fori(x), fori(2 * x)], 1e-6)


def test_fori_loop_with_bounds_that_are_traced():
    f = lambda x, n: lax.fori_loop(1, n, lambda i, c: c * x + i, x)  # noqa: E731
    x = np.float32(1.1)
    for n in (1, 6, 9):
        found = compiled(f)(x, n)
        assert found == f(x, n) and found.dtype == np.float32
    counts = np.array([0, 6, 3])
    found = wf.vmap(f, (None, 0))(x, counts)
    assert found.dtype == np.float32 and (found == [f(x, int(n)) for n in counts]).all()
    close(wf.jacfwd(lambda x: compiled(f)(x, 6))(x), wf.grad(python_fori)(x), 1e-6)
    assert (
        compiled(lambda n: lax.fori_loop(0, n, lambda i, c: c + 0.5 * x, 0.0))(4).dtype
        == np.float32
    )


def test_fori_loop_may_not_run_at_all_and_index_arrays():
    assert lax.fori_loop(3, 1, lambda i, c: c + 1, 5) == 5
    assert compiled(lambda c: lax.fori_loop(3, 1, lambda i, c: c + 1, c))(5) == 5
    f = lambda x: lax.fori_loop(0, 4, lambda i, c: c + x[i] ** 2 * i, np.float64(0.0))  # noqa: E731
    close(f(A), (A**2 * np.arange(4)).sum())
    close(compiled(f)(A), f(A))
    check_grads(f, (A,))


def test_numbers_take_the_dtype_of_the_body():
    f = lambda x: lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, c[1] + x), (0, 0.0))  # noqa: E731
    for found in (
        f(np.float32(1)),
        compiled(f)(np.float32(1)),
        wf.jvp(f, (np.float32(1),) * 1, (np.float32(1),))[0],
    ):
        assert found[0].dtype == np.int64 and found[1].dtype == np.float32
    never = lambda x: lax.while_loop(lambda c: c < 0, lambda c: c + x, 0.0)  # noqa: E731
    assert never(np.float64(1)).dtype == compiled(never)(np.float64(1)).dtype == np.float64


def test_tensors_are_operands():
    a = oop.tensor(7.0, dtype=oop.float64, requires_grad=True)
    x = lax.while_loop(
        lambda x: (x * x - a).abs() > 1e-10, lambda x: 0.5 * (x + a / x), a * 1, max_steps=20
    )
    assert type(x) is oop.Tensor
    x.backward()
    close(a.grad.value, 0.5 / np.sqrt(7.0))


ERRORS = [
    (
        lambda x: lax.while_loop(lambda c: c, lambda c: c, x),
        r"scalar boolean, but it gave float64\[",
    ),
    (lambda x: lax.while_loop(lambda c: A > c, lambda c: c, x), r"but it gave bool\[4\]"),
    (
        lambda x: lax.while_loop(
            lambda c: c[0] < 3, lambda c: (c[0] + 1.5, c[1]), (np.int64(0), x)
        ),
        r"at '0': int64\[\] goes in but float64\[\] comes out",
    ),
    (lambda x: lax.while_loop(lambda c: c[0] < 9, lambda c: c[0] + 1, (x,)), "structures differ"),
    (lambda x: lax.fori_loop(0, 3, lambda i, c: c * A, x), r"float64\[\] goes in but float64\[4\]"),
    (lambda x: lax.fori_loop(0, 1.5, lambda i, c: c, x), "upper is an integer, but it is float"),
    (lambda x: lax.fori_loop(x, 2, lambda i, c: c, x), r"lower is an integer, but it is .*float64"),
    (lambda x: lax.while_loop(lambda c: c < 1, lambda c: c, x, max_steps=-1), "it is -1"),
    (lambda x: lax.while_loop(lambda c: c < 1, None, x), "takes a function but got NoneType"),
]


@pytest.mark.parametrize(("call", "text"), ERRORS)
@pytest.mark.parametrize("run", [lambda f: f, compiled, wf.grad])
def test_what_loops_refuse(call, text, run):
    with pytest.raises((TypeError, ValueError), match=text):
        run(call)(ONE)
