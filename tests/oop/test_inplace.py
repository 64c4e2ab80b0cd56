"""In-place changes and views against a functional re-implementation with explicit index maps."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wonderland import functional as wf
from wonderland import oop

SIZE = 6


def tensor(x, requires_grad=True):
    return oop.tensor(np.array(x, float), requires_grad=requires_grad)


# Each view is a function of anything that can be indexed and reshaped: a Tensor or an index map.
VIEWS = {
    "row": lambda x: x[0],
    "last": lambda x: x[-1:],
    "step": lambda x: x[::2],
    "backwards": lambda x: x[::-1],
    "tail": lambda x: x[..., 1:],
    "flat": lambda x: x.reshape(-1),
    "column": lambda x: x.reshape(-1, 1),
    "transposed": lambda x: transpose(x),
    "new axis": lambda x: x[None],
    "itself": lambda x: x[...],
}

# What a place takes in place of its values; u is a leaf.
WRITES = {
    "scale": (lambda t, u: t.mul_(1.5), lambda x, u: x * 1.5),
    "add leaf": (lambda t, u: t.add_(u[0]), lambda x, u: x + u[0]),
    "times leaf": (lambda t, u: t.mul_(u[1]), lambda x, u: x * u[1]),
    "square": (lambda t, u: t.mul_(t), lambda x, u: x * x),
    "sine": (lambda t, u: t.sin_(), lambda x, u: np.sin(x)),
    "zero": (lambda t, u: t.zero_(), lambda x, u: x * 0),
    "fill": (lambda t, u: t.fill_(u[2]), lambda x, u: x * 0 + u[2]),
    "assign": (lambda t, u: assign(t, u[3]), lambda x, u: x * 0 + u[3]),
    "augmented": (lambda t, u: augmented(t, u[4]), lambda x, u: x + u[4]),
    "masked": (lambda t, u: mask(t, u[5]), lambda x, u: np.where(x > 0.5, u[5], x)),
}


def assign(t, value):
    t[...] = value


def augmented(t, value):
    t[...] += value


def mask(t, value):
    t[t > 0.5] = value


def transpose(x):
    axes = tuple(range(len(x.shape)))[::-1]
    return x.permute(axes) if isinstance(x, oop.Tensor) else x.transpose(axes)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("view"), st.integers(0, 5), st.sampled_from(list(VIEWS))),
        st.tuples(st.just("view no_grad"), st.integers(0, 5), st.sampled_from(list(VIEWS))),
        st.tuples(st.just("detach"), st.integers(0, 5), st.just("")),
        st.tuples(st.just("write"), st.integers(0, 5), st.sampled_from(list(WRITES))),
        st.tuples(st.just("write"), st.integers(0, 5), st.sampled_from(list(WRITES))),
        st.tuples(st.just("write no_grad"), st.integers(0, 5), st.sampled_from(list(WRITES))),
        st.tuples(st.just("read"), st.integers(0, 5), st.just("")),
    ),
    max_size=9,
)


class Stateful:
    """The program on Tensors."""

    def __init__(self, w, u):
        self.u, root = u, w * 1.0
        self.live, self.loss, self.refused = [root.reshape(2, 3)], 0.0, []

    def run(self, steps):
        for i, (kind, which, name) in enumerate(steps):
            t = self.live[which % len(self.live)]
            try:
                self.step(kind, t, name, i)
            except RuntimeError as error:
                assert "made within no_grad" in str(error)
                self.refused.append(i)
        total = self.loss
        for i, t in enumerate(self.live):
            total = total + (t.clone() * (i + 1)).sum()
        return total

    def step(self, kind, t, name, i):
        if kind.startswith("view") and t.shape:
            with oop.set_grad_enabled("no_grad" not in kind):
                self.live.append(VIEWS[name](t))
        elif kind == "detach":
            self.live.append(t.detach())
        elif kind.startswith("write"):
            with oop.set_grad_enabled("no_grad" not in kind):
                WRITES[name][0](t, self.u)
        elif kind == "read":
            self.loss = self.loss + (i + 2) * (t.clone() ** 2).sum()


class Functional:
    """The same program on vectors; a view is an array of places in one of them.

    vectors: (memory, values). A detached Tensor and what is made from it take their gradient from a
    vector of their own, which stands for the same memory. A reshape that NumPy cannot do without a
    copy has a memory of its own.
    """

    def __init__(self, w, u, refused):
        self.u, self.refused = u, refused
        self.vectors = [(0, w * 1.0)]
        self.live, self.loss = [(np.arange(SIZE).reshape(2, 3), 0, True)], 0.0

    def run(self, steps):
        for i, (kind, which, name) in enumerate(steps):
            if i not in self.refused:
                self.step(kind, *self.live[which % len(self.live)], name, i)
        total = self.loss
        for i, view in enumerate(self.live):
            total = total + np.sum(self.values(*view) * (i + 1))
        return total

    def values(self, places, family, tracked):
        x = self.vectors[family][1][places]
        return x if tracked else wf.stop_gradient(x)

    def step(self, kind, places, family, tracked, name, i):
        if kind.startswith("view") and places.shape:
            made = tracked and "no_grad" not in kind
            view = np.asarray(VIEWS[name](places))
            if name in ("flat", "column") and not np.shares_memory(view, places):
                values = self.values(places, family, made)
                self.vectors.append((i + 1, values.reshape(-1)))
                self.live.append(
                    (np.arange(view.size).reshape(view.shape), len(self.vectors) - 1, True)
                )
            else:
                self.live.append((view, family, made))
        elif kind == "detach":
            memory, x = self.vectors[family]
            self.vectors.append((memory, wf.stop_gradient(x)))
            self.live.append((places, len(self.vectors) - 1, True))
        elif kind.startswith("write"):
            new = WRITES[name][1](self.values(places, family, tracked), self.u)
            self.write(places, new, family, "no_grad" not in kind)
        elif kind == "read":
            self.loss = self.loss + (i + 2) * np.sum(self.values(places, family, tracked) ** 2)

    def write(self, places, new, family, recorded):
        """All vectors of the memory see the values; only the one that wrote sees the history."""
        written = self.vectors[family][0]
        for i, (memory, old) in enumerate(self.vectors):
            if memory == written:
                changed = wf.at(old)[places].set(new)
                if i != family or not recorded:
                    changed = old + wf.stop_gradient(changed - old)
                self.vectors[i] = memory, changed


W = np.array([0.3, -0.7, 1.1, 0.9, -0.2, 0.6])
U = np.array([0.8, -1.2, 0.4, 1.3, -0.5, 0.7])


@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(STEPS)
def test_random_programs_equal_their_functional_form(steps):
    w, u = tensor(W), tensor(U)
    stateful = Stateful(w, u)
    loss = stateful.run(steps)

    def function(w, u):
        functional = Functional(w, u, stateful.refused)
        return functional.run(steps), [functional.values(*view) for view in functional.live]

    (value, views), (gw, gu) = wf.value_and_grad(function, argnums=(0, 1), has_aux=True)(W, U)
    for t, expected in zip(stateful.live, views, strict=True):
        np.testing.assert_allclose(t.detach().numpy(), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(loss.item(), value, rtol=1e-9, atol=1e-9)
    loss.backward()
    for leaf, g in ((w, gw), (u, gu)):
        g_mine = 0 * g if leaf.grad is None else leaf.grad.numpy()
        np.testing.assert_allclose(g_mine, g, rtol=1e-8, atol=1e-8)


def read_only(values):
    array = np.array(values, float)
    array.flags.writeable = False
    return array


def test_read_only_memory_is_replaced():
    """As a traced value is; so a purified call leaves the arrays of its caller alone."""
    array = read_only([1, 2, 3])
    x = oop.from_numpy(array)
    v, d = x[1:], x.detach()
    v[0] = 10
    d += 1
    x *= 2
    assert array.tolist() == [1, 2, 3]
    assert (x.tolist(), v.tolist(), d.tolist()) == ([4, 22, 8], [22, 8], [4, 22, 8])
    w = tensor([1, 2])
    v *= w
    assert x.tolist() == [4, 22, 16]
    x.sum().backward()
    assert w.grad.tolist() == [22, 8]


def test_a_wrong_shape_or_dtype_changes_nothing():
    x, i = oop.zeros(2), oop.zeros(2, dtype=oop.int64)
    with pytest.raises(ValueError, match=r"add_: the result has shape \(3, 2\), but a change in"):
        x.add_(oop.ones(3, 2))
    with pytest.raises(TypeError, match=r"x \+= y: the result is float32\[2\], .* into int64\[2\]"):
        i += 0.5
    with pytest.raises(
        TypeError, match=r"mul_: the result is complex64\[2\], .* into float32\[2\]"
    ):
        x.mul_(1j)
    assert (x.tolist(), i.tolist()) == ([0, 0], [0, 0])
    assert x.version is None or not x.version.count
    x += oop.ones(2, dtype=oop.float64)
    assert (x.dtype, x.tolist()) == (np.float32, [1, 1])


def test_a_leaf_that_requires_a_gradient_is_not_changed():
    w = tensor([1, 2])
    for change in (lambda: w.add_(1), lambda: w[0].add_(1), lambda: w.reshape(2, 1).t().zero_()):
        with pytest.raises(RuntimeError, match=r"requires a gradient cannot be changed in place"):
            change()
    assert w.tolist() == [1, 2]
    with oop.no_grad():
        w += 1
        w[0].mul_(2)
    w.data.add_(1)
    assert w.tolist() == [5, 4]
    assert w.is_leaf and w.requires_grad


def test_a_constant_becomes_dependent():
    w = tensor([1, 2])
    x = oop.zeros(2, dtype=oop.float64)
    x += w
    x[0] *= w[1]
    assert not x.is_leaf
    x.sum().backward()
    assert w.grad.tolist() == [2, 2]


def test_numpy_memory_is_shared():
    array = np.zeros(2)
    x = oop.from_numpy(array)
    x += 1
    x[0] = 5
    assert array.tolist() == [5, 1]
    y = x.numpy()
    x.copy_(np.array([7, 8]))
    assert y.tolist() == [7, 8]


def test_unknown_operands_may_answer_for_themselves():
    class Answer:
        def __radd__(self, other):
            return "mine"

    x = oop.zeros(2)
    x += Answer()
    assert x == "mine"


def test_random_methods():
    oop.manual_seed(0)
    x = oop.zeros(1000)
    assert x.uniform_(2, 3) is x
    assert 2 <= x.min().item() < x.max().item() < 3
    assert abs(x.normal_(1, 2).std().item() - 2) < 0.2
    assert set(x.bernoulli_(0.5).tolist()) == {0, 1}
    g = oop.manual_seed(3)
    a = x.uniform_().clone()
    assert not oop.equal(a, x.uniform_(generator=g))
