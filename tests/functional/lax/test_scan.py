import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import lax
from wonderland.shared.testing import check_grads

RNG = np.random.default_rng(0)
W, H, XS = RNG.normal(size=(3, 3)), RNG.normal(size=3), RNG.normal(size=(5, 3))
BATCH = RNG.normal(size=(4, 3, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=(4, 5, 3))
ALL = (0, 1, 2)


def compiled(f):
    return wf.jit(f, executor="numpy")


def cell(w, h, x):
    h = np.tanh(w @ h + x)
    return h, h.sum()


def loop(w, h, xs):
    h, ys = lax.scan(lambda h, x: cell(w, h, x), h, xs)
    return h.sum() * 2 + (ys * ys).sum()


def unrolled(w, h, xs):
    ys = []
    for i in range(5):
        h, y = cell(w, h, xs[i])
        ys.append(y)
    ys = np.stack(ys)
    return h.sum() * 2 + (ys * ys).sum()


def close(found, wanted, rtol=1e-11):
    wf.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol, 1e-12), found, wanted)


def same(found, wanted):
    def check(x, y):
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y, strict=False)

    wf.tree.map(check, found, wanted)


def test_eager_captured_and_compiled_have_the_bits_of_the_python_loop():
    wanted = unrolled(W, H, XS)
    for f in (loop, compiled(loop)):
        same(f(W, H, XS), wanted)
    same(wf.jvp(loop, (W, H, XS), (W, H, XS))[0], wanted)
    same(wf.value_and_grad(loop)(W, H, XS)[0], wanted)


NESTS = {
    "grad": lambda f: wf.grad(f, ALL),
    "jit of grad": lambda f: compiled(wf.grad(f, ALL)),
    "grad of jit": lambda f: wf.grad(compiled(f), ALL),
    "jvp": lambda f: lambda *xs: wf.jvp(f, xs, xs),
    "jit of jvp": lambda f: compiled(lambda *xs: wf.jvp(f, xs, xs)),
    "forward over reverse": lambda f: wf.hessian(f, 1),
    "jit of hessian": lambda f: compiled(wf.hessian(f, 1)),
    "reverse over reverse": lambda f: wf.jacrev(wf.grad(f, 1), 0),
    "reverse over forward": lambda f: wf.jacrev(wf.jacfwd(f, 2), 0),
    "checkpoint": lambda f: wf.grad(wf.checkpoint(f), ALL),
}


@pytest.mark.parametrize("nest", NESTS)
def test_derivatives_are_those_of_the_unrolled_function(nest):
    transform = NESTS[nest]
    close(transform(loop)(W, H, XS), transform(unrolled)(W, H, XS), 1e-10)


@pytest.mark.parametrize("axes", [(0, None, None), (None, 0, None), (None, None, 0), (0, 0, 0)])
@pytest.mark.parametrize("nest", ["values", "grad"])
def test_any_operand_may_be_batched(axes, nest):
    args = [b if a == 0 else x for a, b, x in zip(axes, BATCH, (W, H, XS), strict=True)]
    of = {"values": lambda f: f, "grad": lambda f: wf.grad(f, ALL)}[nest]
    wanted = wf.vmap(of(unrolled), axes)(*args)
    close(wf.vmap(of(loop), axes)(*args), wanted)
    close(compiled(wf.vmap(of(loop), axes))(*args), wanted)
    close(wf.vmap(compiled(of(loop)), axes)(*args), wanted)


def test_the_gradient_of_a_batched_scan():
    def total(f):
        return lambda w, hs: wf.vmap(lambda h: f(w, h, XS))(hs).sum()

    close(wf.grad(total(loop), (0, 1))(W, BATCH[1]), wf.grad(total(unrolled), (0, 1))(W, BATCH[1]))


def test_a_carry_that_becomes_batched_by_another():
    def f(x):
        return lax.scan(lambda c, _: ((c[1], c[0] + x), c[1]), (0.0, 1.0), None, length=3)

    (a, b), ys = wf.vmap(f)(np.arange(2.0))
    wanted = [f(x) for x in np.arange(2.0)]
    same(a, np.stack([w[0][0] for w in wanted]))
    same(b, np.stack([w[0][1] for w in wanted]))
    same(ys, np.stack([w[1] for w in wanted]))


@pytest.mark.parametrize("unroll", [1, 2, 3, 5, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_unrolling_changes_no_result(unroll, reverse):
    def f(w, unroll):
        body = lambda c, x: (np.tanh(c * w + x), c * x)  # noqa: E731
        return lax.scan(body, np.float64(0.1), np.arange(5.0), reverse=reverse, unroll=unroll)

    w = np.float64(2.0)
    same(compiled(lambda w: f(w, unroll))(w), f(w, 1))
    total = lambda w, unroll: sum(z.sum() for z in f(w, unroll))  # noqa: E731
    close(wf.grad(total)(w, unroll), wf.grad(total)(w, 1))


def test_reverse_is_the_loop_over_flipped_slices():
    def f(c, x):
        return c * 0.5 + x, c

    carry, ys = lax.scan(f, 0.0, XS[:, 0], reverse=True)
    flipped, flipped_ys = lax.scan(f, 0.0, XS[::-1, 0])
    same((carry, ys), (flipped, flipped_ys[::-1]))
    same(compiled(lambda xs: lax.scan(f, 0.0, xs, reverse=True))(XS[:, 0]), (carry, ys))


def test_pytrees_without_xs_and_without_ys():
    def f(c, x):
        assert x is None
        return {"n": c["n"] + 1, "v": c["v"] * 2}, None

    init = {"n": 0, "v": np.ones(2, np.float32)}
    carry, ys = lax.scan(f, init, None, length=3)
    assert ys is None and carry["n"] == 3
    same(carry["v"], np.full(2, 8, np.float32))
    carry, _ = compiled(lambda v: lax.scan(f, {"n": 0, "v": v}, length=3))(init["v"])
    same(carry, {"n": np.int64(3), "v": np.full(2, 8, np.float32)})


def test_a_number_takes_the_dtype_of_the_body():
    def f(x):
        return lax.scan(lambda c, x: (c + x, c), 0.0, x)

    x = np.ones(3, np.float32)
    for found in (f(x), compiled(f)(x), wf.vmap(f)(x[None]), wf.jvp(f, (x,), (x,))[1]):
        assert {z.dtype for z in wf.tree.leaves(found)} == {np.dtype(np.float32)}
    assert (
        compiled(lambda c, x: lax.scan(lambda c, x: (c + x, c), c, x))(0.0, x)[0].dtype == x.dtype
    )


def test_float32_stays_in_gradients():
    args = [x.astype(np.float32) for x in (W, H, XS)]
    assert {g.dtype for g in wf.grad(loop, ALL)(*args)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("run", [lambda f: f, compiled])
def test_no_steps(run):
    f = run(lambda h, xs: lax.scan(lambda h, x: cell(W, h, x), h, xs))
    h, ys = f(H, XS[:0])
    same(h, H)
    assert ys.shape == (0,) and ys.dtype == np.float64
    gradient = wf.grad(lambda h: f(h, XS[:0])[0].sum())(H)
    same(gradient, np.ones(3))


def test_a_scan_in_a_scan():
    def f(w):
        def outer(c, x):
            return lax.scan(lambda d, y: (np.tanh(d * w + y * x), d), c, np.arange(3.0))

        return lax.scan(outer, np.float64(0.1), np.arange(4.0))[1].sum()

    w = np.float64(1.3)
    check_grads(f, (w,))
    close(compiled(f)(w), f(w))
    close(compiled(wf.hessian(f))(w), wf.hessian(compiled(f))(w))


def test_the_body_may_be_recomputed():
    f = lambda w, h, xs: lax.scan(wf.checkpoint(lambda h, x: cell(w, h, x)), h, xs)[0].sum()  # noqa: E731
    g = lambda w, h, xs: lax.scan(lambda h, x: cell(w, h, x), h, xs)[0].sum()  # noqa: E731
    close(wf.grad(f, ALL)(W, H, XS), wf.grad(g, ALL)(W, H, XS))
    close(compiled(wf.grad(f, ALL))(W, H, XS), wf.grad(g, ALL)(W, H, XS))


def test_operands_without_derivative():
    def f(w, i):
        def body(c, x):
            j, x = x
            return (c[0] * w[j] + x, c[1] + 1), c[1]

        (c, n), counts = lax.scan(body, (np.float64(1.0), 0), (i, np.arange(4.0)))
        return c + 0 * counts.sum() + n

    i = np.array([0, 2, 1, 2])
    check_grads(lambda w: f(w, i), (H,))
    close(compiled(wf.grad(f))(H, i), wf.grad(f)(H, i))


def test_tensors_are_operands_and_may_be_closed_over():
    def run(scan):
        w = oop.Tensor(W.copy(), requires_grad=True)
        xs = oop.Tensor(XS.copy(), requires_grad=True)
        h, ys = scan(lambda h, x: ((w @ h + x).tanh(), h), oop.Tensor(H.copy()), xs)
        assert type(h) is oop.Tensor
        (h.sum() * 2 + (ys * ys).sum()).backward()
        return w.grad.value, xs.grad.value

    def python(f, h, xs):
        ys = []
        for i in range(5):
            h, y = f(h, xs[i])
            ys.append(y)
        return h, oop.stack(ys)

    close(run(lax.scan), run(python))


def test_tensors_in_the_closure_alone():
    w = oop.Tensor(W.copy(), requires_grad=True)
    h, _ = lax.scan(lambda h, x: ((w @ h).tanh() + x, None), H, XS)
    h.sum().backward()
    f = lambda w: lax.scan(lambda h, x: (np.tanh(w @ h) + x, None), H, XS)[0].sum()  # noqa: E731
    close(w.grad.value, wf.grad(f)(W))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 6), st.integers(1, 3), st.booleans(), st.booleans(),
    st.sampled_from([np.float32, np.float64, np.complex128]),
)  # fmt: skip
def test_any_scan_equals_its_loop(length, size, reverse, stacked, dtype):
    rng = np.random.default_rng(length * size)
    w, c = rng.normal(size=(2, size)).astype(dtype)
    xs = rng.normal(size=(length, size)).astype(dtype)

    def body(w):
        return lambda c, x: (np.tanh(w * c) - x, c * x if stacked else None)

    def python(w, c, xs):
        ys = []
        for i in range(length)[:: -1 if reverse else 1]:
            c, y = body(w)(c, xs[i])
            ys.append(y)
        return c, np.stack(ys[:: -1 if reverse else 1]) if stacked else None

    def found(w, c, xs):
        return lax.scan(body(w), c, xs, reverse=reverse)

    same(found(w, c, xs), python(w, c, xs))
    same(compiled(found)(w, c, xs), python(w, c, xs))
    pulls = [wf.vjp(f, w, c, xs) for f in (found, python)]
    wf.tree.map(
        lambda x, y: np.testing.assert_allclose(x, y, 1e-4, 1e-4),
        *[pull(out) for out, pull in pulls],
    )


def test_map_is_a_scan():
    def f(p):
        return {"y": p["a"] * p["b"]}

    p = {"a": W, "b": H}
    same(lax.map(f, p), wf.vmap(f)(p))
    same(compiled(lambda p: lax.map(f, p))(p), wf.vmap(f)(p))
    same(wf.grad(lambda p: lax.map(f, p)["y"].sum())(p)["b"], W.sum(1))
    same(lax.map(f, {"a": XS, "b": XS[:, 0]}, batch_size=2), wf.vmap(f)({"a": XS, "b": XS[:, 0]}))
    assert lax.map(lambda x: x[0] * 2, np.ones((0, 2))).shape == (0,)


ERRORS = [
    (lambda: lax.scan(lambda c, x: (c, x), 0.0), ValueError, "neither xs nor length tells"),
    (
        lambda: lax.scan(lambda c, x: (c, x), 0.0, {"a": W, "b": XS}),
        ValueError,
        r"leading sizes of xs differ: float64\[3,3\] at 'a', but float64\[5,3\] at 'b'",
    ),
    (lambda: lax.scan(lambda c, x: (c, x), 0.0, XS, length=3), ValueError, "length is 3, but .* 5"),
    (
        lambda: lax.scan(lambda c, x: (c, x), 0.0, (np.float64(1),)),
        ValueError,
        r"float64\[\] at '0', which has no leading axis",
    ),
    (
        lambda: lax.scan(lambda c, x: c, H, XS),
        TypeError,
        r"returns a pair .* returned float64\[3\]",
    ),
    (lambda: lax.scan(lambda c, x: (c, c, c), H, XS), TypeError, "returned a tuple of 3"),
    (lambda: lax.scan(3, H, XS), TypeError, "it takes a function but got int"),
    (
        lambda: lax.map(lambda p: p[0], (W, XS)),
        ValueError,
        "lax.map: the leading sizes of xs differ",
    ),
    (
        lambda: lax.scan(lambda c, x: ("no", x), H, XS),
        TypeError,
        "must return arrays and numbers, but it returned a leaf of type str",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), ERRORS)
def test_what_scan_refuses(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


CARRIES = [
    (lambda c: {"h": c["h"].astype(np.float32)}, r"at 'h': float64\[3\] goes in but float32\[3\]"),
    (lambda c: {"h": c["h"][:2]}, r"at 'h': float64\[3\] goes in but float64\[2\] comes out"),
    (lambda c: {"g": c["h"]}, "the carry changes .* structures differ"),
    (lambda c: {"h": (c["h"], c["h"])}, "the carry changes .* structures differ at 'h'"),
]


@pytest.mark.parametrize(("change", "text"), CARRIES)
@pytest.mark.parametrize("run", [lambda f: f, compiled, wf.grad])
def test_a_carry_that_changes_is_named(change, text, run):
    def f(h):
        return lax.scan(lambda c, x: (change(c), None), {"h": h}, XS)[0]["h"].sum()

    with pytest.raises((TypeError, ValueError), match=text):
        run(f)(H)
