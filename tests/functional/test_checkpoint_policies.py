"""Which equations each policy keeps, and what is computed twice in compiled code."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import checkpoint_policies as policies
from wonderland.functional import lax
from wonderland.shared.schedule.passes.dead import without_dead
from wonderland.shared.schedule.passes.inline import inlined
from wonderland.shared.schedule.passes.repetition import without_repetition

rng = np.random.default_rng(3)
X, W, V = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 2))


def block(x, w, v):
    h = wf.checkpoint_name(np.sin(x @ w), "hidden")
    return np.tanh(np.tanh(h * h) @ v)


def loss(f):
    return lambda *args: np.sum(f(*args) ** 2)


POLICIES = {  # what is computed once in value and gradient together, and what twice
    "everything_saveable": (policies.everything_saveable, 2, 1, 2),
    "nothing_saveable": (policies.nothing_saveable, 4, 2, 4),
    "dots_saveable": (policies.dots_saveable, 2, 2, 4),
    "checkpoint_dots": (policies.checkpoint_dots, 2, 2, 4),
    "no batch dims": (policies.dots_with_no_batch_dims_saveable, 2, 2, 4),
    "only hidden": (policies.save_only_these_names("hidden"), 4, 1, 4),
    "only others": (policies.save_only_these_names("other"), 4, 2, 4),
    "all but hidden": (policies.save_anything_except_these_names("hidden"), 2, 2, 2),
    "none": (None, 4, 2, 4),
}
BACKWARD_PRODUCTS = 4  # two for each product, none of which is computed twice


def merged(f, *args):
    """What runs: the graph after the passes that could undo a recomputation."""
    return without_dead(without_repetition(without_dead(inlined(wf.make_graph(f)(*args)))))


def counts(f, *args):
    names = [e.primitive.name for e in merged(f, *args).equations]
    return tuple(names.count(n) for n in ("matmul", "sin", "tanh"))


@pytest.mark.parametrize("name", POLICIES)
def test_what_compiled_code_computes_again(name):
    policy, matmuls, sines, tanhs = POLICIES[name]
    f = loss(wf.checkpoint(block, policy=policy))
    grads = wf.value_and_grad(f, (0, 1, 2))
    assert counts(grads, X, W, V) == (matmuls + BACKWARD_PRODUCTS, sines, tanhs)


@pytest.mark.parametrize("name", POLICIES)
def test_values_and_gradients_have_the_bits_of_the_function(name):
    f = wf.checkpoint(block, policy=POLICIES[name][0])
    expected = wf.value_and_grad(loss(block), (0, 1, 2))(X, W, V)
    for g in (
        wf.value_and_grad(loss(f), (0, 1, 2)),
        wf.jit(wf.value_and_grad(loss(f), (0, 1, 2)), executor="numpy"),
        wf.value_and_grad(wf.jit(loss(f), executor="numpy"), (0, 1, 2)),
    ):
        value, gradients = g(X, W, V)
        assert value == expected[0]
        for a, b in zip(gradients, expected[1], strict=True):
            assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize(
    "transform",
    [
        lambda f: wf.hessian(loss(f))(X, W, V),
        lambda f: wf.grad(lambda x: np.sum(np.sin(wf.grad(loss(f))(x, W, V))))(X),
        lambda f: wf.vmap(wf.grad(loss(f), 1), (0, None, None))(X[:, None], W, V),
        lambda f: wf.grad(lambda w: loss(wf.vmap(f, (0, None, None)))(X[:, None], w, V))(W),
        lambda f: wf.jvp(wf.grad(loss(f)), (X, W, V), (X, W, V))[1],
        lambda f: wf.grad(lambda x: wf.jvp(loss(f), (x, W, V), (X, W, V))[1])(X),
        lambda f: wf.jit(wf.grad(wf.jit(wf.grad(lambda s: loss(f)(X * s, W, V)))))(1.5),
    ],
    ids=[
        "hessian", "grad of grad", "vmap of grad", "grad of vmap", "jvp of grad", "grad of jvp",
        "jit of grad of jit of grad",
    ],
)  # fmt: skip
def test_nested_transforms(transform, name):
    found = transform(wf.checkpoint(block, policy=POLICIES[name][0]))
    np.testing.assert_allclose(found, transform(block), rtol=1e-10, atol=1e-12)


def test_a_product_with_a_name_is_still_a_product():
    f = wf.checkpoint(
        lambda x, w: np.tanh(np.sin(wf.checkpoint_name(x @ w, "h"))), policy=policies.dots_saveable
    )
    assert counts(wf.value_and_grad(loss(f), (0, 1)), X, W) == (1 + 2, 2, 2)


def test_products_of_stacks_have_batch_axes():
    def f(x):  # a product of stacks, one of matrices, one with a batch axis and one without
        y = np.sin(np.matmul(x, np.swapaxes(x, 1, 2)))
        z = np.sin(wf.numpy.einsum("bij,bjk->bik", y, y))
        return np.sum(np.sin(z[0] @ z[1]) ** 2)

    shape = np.ones((2, 3, 3))
    every = counts(wf.value_and_grad(f), shape)[0]
    some = policies.dots_with_no_batch_dims_saveable
    found = {p: counts(wf.value_and_grad(wf.checkpoint(f, policy=p)), shape)[0]
             for p in (policies.dots_saveable, some, None)}  # fmt: skip
    assert every == found[policies.dots_saveable] < found[some] < found[None] + 1


def test_in_the_body_of_a_loop():
    def f(c, x):
        return np.tanh(np.sin(c @ W[:, :3] * x)), None

    def run(step):
        return lambda c: np.sum(lax.scan(step, c, np.linspace(0, 1, 4))[0] ** 2)

    for policy in (policies.dots_saveable, policies.everything_saveable):
        found = wf.jit(wf.grad(run(wf.checkpoint(f, policy=policy))))(X)
        np.testing.assert_allclose(found, wf.grad(run(f))(X), rtol=1e-10)
        whole = wf.grad(wf.checkpoint(run(f), policy=policy))(X)
        np.testing.assert_allclose(whole, wf.grad(run(f))(X), rtol=1e-10)


def test_names_are_strings():
    for make in (policies.save_only_these_names, policies.save_anything_except_these_names):
        with pytest.raises(TypeError, match=f"{make.__name__}: names are strings, but one is int"):
            make("hidden", 3)


def test_a_policy_that_was_not_made_yet():
    f = wf.checkpoint(np.sin, policy=policies.save_only_these_names)
    with pytest.raises(TypeError, match="names are strings, but one is Primitive"):
        wf.grad(lambda x: f(x))(1.0)
