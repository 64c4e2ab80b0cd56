import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import lax

X = np.array([1.0, -1.0, 0.0, 2.0])
HOW = [lambda f: f, lambda f: wf.jit(f, executor="numpy")]


def compiled(f):
    return wf.jit(f, executor="numpy")


def close(found, wanted):
    wf.tree.map(lambda x, y: np.testing.assert_allclose(x, y, 1e-12, 1e-14), found, wanted)


def log_or_square(x, w):
    """log is no good for the elements that do not choose it."""
    return lax.cond(x > 0, lambda x: np.log(w * x), lambda x: x * x * w, x)


W = np.float64(2.0)
NESTS = {
    "value": lambda f: f,
    "grad": lambda f: wf.grad(f, (0, 1)),
    "jvp": lambda f: lambda x, w: wf.jvp(f, (x, w), (x, w)),
    "second order": lambda f: wf.jacfwd(wf.grad(f, (0, 1)), (0, 1)),
    "reverse twice": lambda f: wf.jacrev(wf.grad(f, (0, 1)), (0, 1)),
    "checkpoint": lambda f: wf.grad(wf.checkpoint(f), (0, 1)),
}


@pytest.mark.parametrize("nest", NESTS)
@pytest.mark.parametrize("x", X)
def test_the_chosen_branch_and_its_derivatives(nest, x):
    python = (lambda x, w: np.log(w * x)) if x > 0 else lambda x, w: x * x * w
    wanted = NESTS[nest](python)(x, W)
    close(NESTS[nest](log_or_square)(x, W), wanted)
    close(compiled(NESTS[nest](log_or_square))(x, W), wanted)
    close(NESTS[nest](compiled(log_or_square))(x, W), wanted)


@pytest.mark.parametrize("nest", NESTS)
@pytest.mark.parametrize("run", HOW)
def test_a_batch_in_which_each_element_chooses(nest, run):
    of = NESTS[nest](log_or_square)
    wanted = [of(x, W) for x in X]
    found = run(wf.vmap(of, (0, None)))(X, W)
    close(found, wf.tree.map(lambda *z: np.stack(z), *wanted))


@pytest.mark.parametrize("run", HOW)
def test_the_branch_not_taken_gives_an_exact_zero_and_no_nan(run):
    """0 · NaN of an element that goes the other way would reach the shared w."""

    def f(x, w):
        return lax.cond(x > 0, lambda x: (np.log(x) * w).sum(), lambda x: np.float64(0.0), x)

    gx, gw = run(wf.grad(lambda x, w: wf.vmap(f, (0, None))(x, w).sum(), (0, 1)))(X, W)
    assert (gx[1:3] == 0).all()
    close(gw, np.log(2.0))
    gx, gw = run(wf.grad(lambda x, w: wf.vmap(f, (0, None))(x, w).sum(), (0, 1)))(-abs(X), W)
    assert (gx == 0).all() and gw == 0


def test_only_what_is_chosen_runs():
    ran = []

    def note(name):
        def f(x):
            ran.append(name)
            return x

        return f

    lax.cond(True, note("yes"), note("no"), 1.0)
    assert ran == ["yes"]
    lax.switch(5, [note("a"), note("b")], 1.0)
    assert ran == ["yes", "b"]


BRANCHES = [lambda x: x * 1, lambda x: x * x, lambda x: np.exp(x)]


@pytest.mark.parametrize("run", HOW)
def test_switch_clamps_its_index(run):
    index = np.array([0, 1, 2, 7, -3])
    x = np.arange(5.0)
    f = lambda i, x: lax.switch(i, BRANCHES, x)  # noqa: E731
    wanted = [BRANCHES[min(max(i, 0), 2)](v) for i, v in zip(index, x, strict=True)]
    close([run(f)(i, v) for i, v in zip(index, x, strict=True)], wanted)
    close(run(wf.vmap(f))(index, x), wanted)
    close(run(wf.vmap(f, (0, None)))(index, x[3]), [f(i, x[3]) for i in index])
    close(run(wf.vmap(f, (None, 0)))(1, x), x * x)
    slopes = [wf.grad(f, 1)(i, v) for i, v in zip(index, x, strict=True)]
    close(run(wf.vmap(wf.grad(f, 1)))(index, x), slopes)


def test_branches_that_keep_different_residuals():
    def f(i, x, m):
        return lax.switch(i, [lambda x: np.sin(x).sum(), lambda x: (m @ np.exp(x)).sum() * x[0],
                              lambda x: x[0] * 0 + 3], x)  # fmt: skip

    m = np.arange(12.0).reshape(3, 4) / 10
    for i in range(3):
        wanted = wf.grad(f, (1, 2))(i, X, m)  # a known index: the branch itself
        close(compiled(wf.grad(f, (1, 2)))(i, X, m), wanted)
        close(wf.grad(compiled(f), (1, 2))(i, X, m), wanted)
        hessian = wf.hessian(f, 1)(i, X, m)
        close(compiled(wf.hessian(f, 1))(i, X, m), hessian)


@pytest.mark.parametrize("run", HOW)
def test_a_branch_inside_a_loop_and_a_loop_inside_a_branch(run):
    def f(x):
        def step(c, x):
            return lax.cond(x > 0, lambda c: c * x, lambda c: c + x, c), None

        return lax.scan(step, np.float64(0.5), x)[0]

    def python(x):
        c = 0.5
        for i in range(4):
            c = c * x[i] if X[i] > 0 else c + x[i]
        return c

    close(run(wf.value_and_grad(f))(X), wf.value_and_grad(python)(X))
    g = lambda x: lax.cond(x.sum() > 0, f, lambda x: x[0], x)  # noqa: E731
    close(run(wf.grad(g))(X), wf.grad(python)(X))
    close(run(wf.vmap(wf.grad(g)))(np.stack([X, -X])), [wf.grad(g)(X), wf.grad(g)(-X)])


def test_a_number_takes_the_dtype_of_the_other_branch():
    f = lambda x: lax.cond(x.sum() > 0, lambda: 0.0, lambda: x.sum())  # noqa: E731
    x = np.ones(2, np.float32)
    assert compiled(f)(x) == 0 and compiled(f)(x).dtype == np.float32
    assert compiled(f)(-x) == -2


def test_predicates_of_all_kinds():
    for yes, no in (
        (True, False),
        (np.True_, np.False_),
        (3, 0),
        (1.5, 0.0),
        (np.array(2), np.array(0)),
    ):
        for run in HOW:
            f = run(lambda p: lax.cond(p, lambda: 1, lambda: 2))
            assert (f(yes), f(no)) == (1, 2)


def test_tensors_choose_and_are_chosen():
    x = oop.tensor([1.0, 2.0], requires_grad=True)
    z = lax.cond(x.sum() > 0, lambda x: (x * x).sum(), lambda x: x.sum(), x)
    z.backward()
    assert (x.grad.value == [2, 4]).all()


def index_of(x):
    return (x > 0).astype(int)


ERRORS = [
    (lambda x: lax.cond(X > x, abs, abs, x), r"pred is a scalar boolean, but it is .*bool\[4\]"),
    (lambda x: lax.cond("yes", abs, abs, x), "pred is a scalar boolean, but it is str"),
    (lambda x: lax.cond(x > 0, 3, abs, x), "takes a function but got int"),
    (lambda x: lax.switch(1.0, [abs], x), "index is a scalar integer, but it is float"),
    (lambda x: lax.switch(x, [abs, abs], x), r"index is a scalar integer, but it is .*float64\[\]"),
    (lambda x: lax.switch(0, [], x), "there are no branches"),
]


@pytest.mark.parametrize(("call", "text"), ERRORS)
@pytest.mark.parametrize("run", HOW)
def test_what_branches_refuse(call, text, run):
    with pytest.raises((TypeError, ValueError), match=text):
        run(call)(W)


DIFFERENT = [
    (
        lambda x: lax.cond(x > 0, lambda x: {"a": X}, lambda x: {"a": X[:2]}, x),
        r"cond: .* at 'a': false_fun gives float64\[2\], but true_fun float64\[4\]",
    ),
    (
        lambda x: lax.switch(index_of(x), [lambda x: x, lambda x: x.astype(np.float32)], x),
        r"switch: .*: branch 0 gives float64\[\], but branch 1 float32\[\]",
    ),
    (
        lambda x: lax.cond(x > 0, lambda x: (x, x), lambda x: [x, x], x),
        "cond: what true_fun returns differs from what false_fun returns",
    ),
    (
        lambda x: lax.switch(index_of(x), [lambda x: {"a": x}, lambda x: {"a": (x, x)}], x),
        "branch 1 returns differs from what branch 0 returns: structures differ at 'a'",
    ),
]


@pytest.mark.parametrize(("call", "text"), DIFFERENT)
def test_branches_return_the_same_types(call, text):
    for run, x in ((compiled(call), W), (wf.vmap(call), X)):
        with pytest.raises((TypeError, ValueError), match=text):
            run(x)
