import gc
import tracemalloc
import weakref
from functools import partial

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.shared import tree

X = np.array([0.5, 1.5, 2.0])


def close(a, b):
    tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6), a, b)


def test_checkpoint_finds_what_the_function_closes_over():
    w = np.array([1.0, 2.0, 3.0])

    def loss(x, w, layer):
        return layer(x, w).sum()

    def direct(x, w):
        return np.sin(x * w) * w

    def closed(x, w):
        return wf.checkpoint(lambda x: np.sin(x * w) * w)(x)

    def partially(x, w):
        return wf.checkpoint(partial(direct, w=w))(x)

    def nested(x, w):
        params = {"w": [w]}

        def inner(x):
            return np.sin(x * params["w"][0])

        return wf.checkpoint(lambda x: inner(x) * params["w"][0])(x)

    def by_default(x, w):
        return wf.checkpoint(lambda x, w=w: np.sin(x * w) * w)(x)

    def all_closed(x, w):
        return wf.checkpoint(lambda: np.sin(x * w) * w)()

    def in_vmap(x, w):
        return wf.vmap(lambda x, w: wf.checkpoint(lambda x: np.sin(x * w) * w)(x))(x, w)

    expected = wf.grad(loss, (0, 1))(X, w, direct)
    for layer in (closed, partially, nested, by_default, all_closed, in_vmap):
        close(wf.grad(loss, (0, 1))(X, w, layer), expected)
        close(wf.hessian(loss, 1)(X, w, layer), wf.hessian(loss, 1)(X, w, direct))


@pytest.mark.parametrize("policy", [None, wf.checkpoint_policies.dots_saveable])
def test_checkpoint_refuses_what_it_cannot_find(policy):
    class Model:
        w = None

        def apply(self, x):
            return x * self.w

    def loss(w):
        model = Model()
        model.w = w
        return wf.checkpoint(model.apply, policy=policy)(w)

    with pytest.raises(TypeError, match=r"checkpoint: the function uses a traced .* no argument"):
        wf.grad(loss)(1.0)


def test_checkpoint_keeps_keywords_and_what_is_no_array():
    f = wf.checkpoint(lambda x, how, *, scale: (x * scale if how == "times" else x, how))
    assert f(2.0, "times", scale=3.0) == (6.0, "times")

    def loss(x):
        out, _ = wf.checkpoint(lambda x, how, *, scale: (x * scale if how else x, x))(
            x, True, scale=x
        )
        return out

    assert wf.grad(loss)(3.0) == 6.0


def chain(step, x, n):
    for _ in range(n):
        x = step(x)
    return x.sum()


def alive_after_forward(step, n=8):
    """How many of the intermediate arrays of a chain are alive between forward and backward."""
    made = []

    def seen(x):
        y = np.sin(np.cos(x))
        base = y
        while not isinstance(base, np.ndarray):
            base = base.value
        made.append(weakref.ref(base))
        return np.exp(y) * y

    _, pull = wf.vjp(lambda x: chain(step(seen), x, n), np.ones(100))
    gc.collect()
    alive = sum(r() is not None for r in made)
    runs = len(made)
    pull(1.0)
    return alive, runs, len(made)


def test_checkpoint_holds_no_intermediate_values_and_computes_them_once_again():
    assert alive_after_forward(lambda f: f) == (8, 8, 8)
    assert alive_after_forward(wf.checkpoint) == (0, 8, 16)


def test_checkpoint_in_forward_mode_runs_once():
    count = []

    def f(x):
        count.append(1)
        return np.sin(x)

    wf.jvp(wf.checkpoint(f), (1.0,), (1.0,))
    assert len(count) == 1


def test_a_function_that_keeps_count_still_does():
    count = 0

    def loss(x):
        def step(y):
            nonlocal count
            count += 1
            return y * x

        return wf.checkpoint(step)(x)

    wf.grad(loss)(2.0)
    assert count == 2


def test_checkpoint_takes_a_function():
    with pytest.raises(TypeError, match="checkpoint: it takes a function but got int"):
        wf.checkpoint(3)


def test_with_arguments_it_is_a_decorator():
    @wf.remat(policy=wf.checkpoint_policies.dots_saveable)
    def f(x):
        """The doc."""
        return np.sin(x)

    assert (f.__name__, f.__doc__) == ("f", "The doc.")
    assert wf.grad(f)(np.float64(0.5)) == np.cos(0.5)
    assert wf.checkpoint()(np.sin)(0.5) == np.sin(0.5)


def test_under_a_policy_only_what_it_keeps_is_alive_after_the_forward_pass():
    def kept(policy, n=4):
        """How many arrays of the size of x the pull-back of a chain of n blocks holds."""

        @wf.checkpoint(policy=policy)
        def block(x):
            return np.tanh(wf.checkpoint_name(np.sin(x), "sine"))

        x = np.ones(100_000)
        gc.collect()
        before = allocated()
        _, pull = wf.vjp(lambda x: chain(block, x, n), x)
        gc.collect()
        held = (allocated() - before) / x.nbytes
        pull(1.0)
        return round(held)

    tracemalloc.start()
    try:
        policies = wf.checkpoint_policies
        assert kept(policies.nothing_saveable) == 3  # the arguments of all blocks but the first
        assert kept(policies.save_only_these_names("sine")) == 3 + 4
    finally:
        tracemalloc.stop()


def allocated():
    return tracemalloc.get_traced_memory()[0]


def test_under_a_policy_closures_keywords_and_tensors_work_too():
    everything = wf.checkpoint_policies.everything_saveable

    def f(x, w):
        return wf.checkpoint(lambda x, *, scale: np.sin(x * w) * scale, policy=everything)(
            x, scale=w
        ).sum()

    close(wf.grad(f, (0, 1))(X, X), wf.grad(lambda x, w: (np.sin(x * w) * w).sum(), (0, 1))(X, X))
    x = oop.tensor(X, requires_grad=True)
    y = wf.checkpoint(np.sin, policy=everything)(x).sum()
    (g,) = oop.autograd.grad(y, x, create_graph=True)
    g.sum().backward()
    np.testing.assert_array_equal(g.detach().numpy(), np.cos(X))
    np.testing.assert_array_equal(x.grad.numpy(), -np.sin(X))


def test_under_a_policy_python_cannot_branch_on_values():
    f = wf.checkpoint(lambda x: x if x > 0 else -x, policy=wf.checkpoint_policies.dots_saveable)
    with pytest.raises(TypeError, match=r"bool: under `checkpoint` a bool\[\] has no value yet"):
        wf.grad(f)(1.0)


@pytest.mark.parametrize("policy", [None, wf.checkpoint_policies.dots_saveable])
def test_of_a_number_under_jit(policy):
    f = wf.checkpoint(lambda x: x * 2 * x, policy=policy)
    assert wf.jit(wf.grad(lambda x: f(x)))(1.5) == 6.0


def test_a_policy_is_a_function():
    with pytest.raises(TypeError, match=r"checkpoint: policy is a function .* but it is str"):
        wf.checkpoint(np.sin, policy="dots_saveable")


def test_names():
    named = wf.checkpoint_name({"a": X, "b": (2.0, None)}, "both")
    assert named["a"] is X and named["b"] == (2.0, None)
    with pytest.raises(TypeError, match="checkpoint_name: the name is a string, but it is int"):
        wf.checkpoint_name(X, 3)
