import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.errors import NotDifferentiableError, TracerLeakError

X = np.array([1.0, 2.0, 3.0])


def close(a, b):
    wf.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6), a, b)


# ---- grad and value_and_grad


def test_the_gradient_has_the_structure_of_the_argument():
    def loss(params, x):
        hidden = np.tanh(params["w"] @ x + params["b"][0])
        return (hidden**2).sum()

    params = {"w": np.ones((2, 3)), "b": (np.zeros(2),), "none": None}
    value, gradient = wf.value_and_grad(loss)(params, X)
    z = np.tanh(6.0)
    slope = 2 * z * (1 - z * z)
    assert value == pytest.approx(2 * z * z)
    close(gradient, {"w": slope * np.stack([X, X]), "b": (np.full(2, slope),), "none": None})


def test_argnums_chooses_the_arguments():
    def f(x, y, z=1.0):
        return (x * y * z).sum()

    close(wf.grad(f)(X, 2 * X), 2 * X)
    close(wf.grad(f, 1)(X, 2 * X), X)
    close(wf.grad(f, -1)(X, 2 * X), X)
    close(wf.grad(f, (1, 0))(X, 2 * X), (X, 2 * X))
    close(wf.grad(f, (0, -1))(X, 2 * X), (2 * X, X))
    close(wf.grad(f, [0])(X, 2 * X), (2 * X,))
    close(wf.grad(f)(X, 2 * X, z=3.0), 6 * X)


def test_has_aux_returns_what_else_was_computed():
    def f(x):
        return (x * x).sum(), {"double": 2 * x, "name": "aux"}

    (value, aux), gradient = wf.value_and_grad(f, has_aux=True)(X)
    assert value == 14.0 and aux["name"] == "aux" and aux["double"].tolist() == [2, 4, 6]
    assert type(aux["double"]) is np.ndarray
    gradient, aux = wf.grad(f, has_aux=True)(X)
    close((gradient, aux["double"]), (2 * X, 2 * X))
    out, pull, aux = wf.vjp(f, X, has_aux=True)
    close((out, pull(1.0)[0], aux["double"]), (14.0, 2 * X, 2 * X))


def test_numbers_are_float32_and_arrays_stay_what_they_are():
    assert wf.grad(lambda x: x * x)(3.0).dtype == np.float32
    for dtype in (np.float16, np.float32, np.float64):
        value, gradient = wf.value_and_grad(lambda x: (np.exp(x) * 2).sum())(X.astype(dtype))
        assert (value.dtype, gradient.dtype) == (dtype, dtype)


def test_plain_numpy_code_is_differentiated():
    def f(x):
        y = np.concatenate([np.sin(x), np.cos(x)]).reshape(2, -1)
        return np.sum(np.where(y > 0, y, 0.1 * y)) + np.max(x) + np.mean(np.exp(-x)) + np.dot(x, x)

    gradient, h = wf.grad(f)(X), 1e-6
    expected = [(f(X + d) - f(X - d)) / (2 * h) for d in h * np.eye(3)]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_control_flow_is_pythons():
    def power(x, n):
        result = 1.0
        while n > 0:
            result = result * x if n % 2 else result
            x, n = x * x, n // 2
        return result if x > 0 else 0 * result

    assert wf.grad(power)(np.float64(3.0), 5) == 5 * 3**4


def test_a_deep_graph_needs_no_recursion():
    def f(x):
        for _ in range(20_000):
            x = x + 1.0
        return x

    assert wf.grad(f)(1.0) == 1.0


def test_what_does_not_depend_on_the_argument_has_gradient_zero():
    assert wf.grad(lambda x: 2.0)(3.0) == 0.0
    assert wf.grad(lambda x, y: (y * y).sum())(X, X).tolist() == [0, 0, 0]
    assert wf.grad(lambda x: wf.stop_gradient(x) * x)(3.0) == 3.0
    assert wf.grad(lambda x: np.floor(x))(3.5) == 0.0


def test_complex_gradients_are_conjugates_of_the_ascent():
    z = np.complex128(3 + 4j)
    assert wf.grad(lambda z: (z * z.conj()).real)(z) == 2 * z.conj()
    assert wf.grad(lambda z: z * z, holomorphic=True)(z) == 2 * z


def test_threads_do_not_meet():
    from concurrent.futures import ThreadPoolExecutor

    def run(n):
        return float(wf.grad(wf.grad(lambda x: x**n))(2.0))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, range(2, 22)))
    assert found == pytest.approx([n * (n - 1) * 2.0 ** (n - 2) for n in range(2, 22)])


# ---- vjp and linear_transpose


def test_pull_may_be_called_again():
    out, pull = wf.vjp(lambda x, y: {"p": x * y, "s": (x.sum(),)}, X, 2 * X)
    assert out["s"][0] == 6.0
    for _ in range(2):
        close(pull({"p": X, "s": (0.0,)}), (2 * X * X, X * X))
    close(pull({"p": np.zeros(3), "s": (2,)}), (np.full(3, 2.0), np.zeros(3)))


def test_the_cotangent_of_an_integer_is_zero():
    _, pull = wf.vjp(lambda x, i: x * i, X, np.arange(3))
    gx, gi = pull(X)
    close((gx, gi), (X * np.arange(3), np.zeros(3)))


def test_linear_transpose():
    matrix = np.arange(6.0).reshape(2, 3)
    transposed = wf.linear_transpose(lambda x: matrix @ x, X)
    close(transposed(np.array([1.0, 2.0])), (matrix.T @ [1.0, 2.0],))
    shape = wf.ShapeDtype((3,), np.float64)
    close(wf.linear_transpose(lambda x: matrix @ x, shape)(np.ones(2)), (matrix.sum(0),))
    (number,) = wf.linear_transpose(lambda x: 3 * x, 0.0)(2.0)
    assert number == 6.0 and number.dtype == np.float32
    close(wf.linear_transpose(lambda p: p["a"] + 2 * p["b"], {"a": X, "b": X})(X)[0]["b"], 2 * X)


# ---- bad input


def with_aux(f):
    return lambda x: wf.grad(f, has_aux=True)(x)


BAD = [
    (
        lambda: wf.grad(lambda x: x)(X),
        TypeError,
        r"must return one number, but it returned float64\[3\]; reduce it",
    ),
    (lambda: wf.grad(lambda x: "no")(X), TypeError, "must return an array .* but it returned str"),
    (
        lambda: wf.grad(lambda x: None)(X),
        TypeError,
        "must return an array .* but it returned None; end it with `return`",
    ),
    (
        lambda: wf.grad(lambda x: (x.sum(), x))(X),
        TypeError,
        "it returned tuple; return .* has_aux=True",
    ),
    (
        lambda: wf.grad(lambda x: x.sum().astype(int))(X),
        TypeError,
        r"must return a float, but it returned int64\[\], whose derivative is zero",
    ),
    (
        lambda: wf.grad(lambda x: (1j * x).sum())(X),
        TypeError,
        "must return a real float, but it returned complex128.* holomorphic=True",
    ),
    (
        lambda: wf.grad(lambda x: x.sum(), has_aux=True)(X),
        TypeError,
        r"grad: with has_aux=True the function returns \(out, aux\), but it returned float64\[\]",
    ),
    (
        lambda: wf.grad(lambda x: x.sum())(np.arange(3)),
        NotDifferentiableError,
        r"grad: argument 0 is int64\[3\], and only float .* astype\(float32\)",
    ),
    (
        lambda: wf.grad(lambda p: p["a"].sum())({"a": np.arange(3)}),
        NotDifferentiableError,
        "argument 0 at 'a' is int64",
    ),
    (
        lambda: wf.grad(lambda x: x)("text"),
        TypeError,
        "grad: the arguments must be arrays and numbers, but a leaf is str; close over it instead",
    ),
    (
        lambda: wf.grad(lambda x: x, 1)(X),
        ValueError,
        r"argnums is 1 but the function got 1 positional",
    ),
    (
        lambda: wf.grad(lambda x: x, (0, -1))(X),
        ValueError,
        r"argnums is \(0, -1\), which names one argument twice",
    ),
    (
        lambda: wf.grad(lambda x: x, 0.5)(X),
        TypeError,
        "argnums is an integer or a tuple of them, but it is 0.5",
    ),
    (lambda: wf.grad(3), TypeError, "grad: it takes a function but got int"),
    (
        lambda: wf.vjp(lambda x: "no", X),
        TypeError,
        "vjp: the function must return arrays and numbers, but it returned a leaf of type str",
    ),
    (
        lambda: wf.grad(lambda x: float(x))(1.0),
        TypeError,
        "float: a traced float32.* cannot become a plain number",
    ),
    (lambda: wf.grad(lambda x: np.asarray(x).sum())(X), TypeError, "np.asarray: a traced float64"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[row[2][:40] for row in BAD])
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("cotangent", "message"),
    [
        ({"a": X}, "structures differ at the root: dict with keys"),
        (
            {"a": X, "b": X},
            r"vjp: the cotangent: structures differ at 'b': tuple of length 2 and a leaf",
        ),
        (
            {"a": X, "b": (X, (X, X))},
            r"differ at 'b\.1': a leaf is needed there, but it is a tuple",
        ),
        (
            {"a": X, "b": (X, X[:2])},
            r"the cotangent at 'b\.1' has shape \(2,\) but the output \(3,\)",
        ),
        ({"a": X, "b": (X, 1.0)}, r"the cotangent at 'b\.1' has shape \(\) but the output \(3,\)"),
    ],
)
def test_a_cotangent_that_does_not_fit_is_named_by_its_path(cotangent, message):
    _, pull = wf.vjp(lambda x: {"a": x, "b": (x, 2 * x)}, X)
    with pytest.raises(ValueError, match=message):
        pull(cotangent)


@pytest.mark.parametrize("transform", ["grad", "vmap", "jvp"])
def test_a_tracer_kept_after_its_transform_says_where_it_was_made(transform):
    kept = []

    def f(x):
        kept.append(x)
        return x.sum()

    run = {
        "grad": lambda: wf.grad(f)(X),
        "vmap": lambda: wf.vmap(f)(X[None]),
        "jvp": lambda: wf.jvp(f, (X,), (X,)),
    }[transform]
    run()
    message = f"mul: a traced .* is used after the `{transform}` .* called at .*test_reverse.py:"
    with pytest.raises(TracerLeakError, match=message):
        kept[0] * 2
    with pytest.raises(TracerLeakError, match=message):
        wf.grad(lambda y: (y * kept[0]).sum())(X)
