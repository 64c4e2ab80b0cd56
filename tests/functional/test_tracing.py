import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import ShapeDtype

X = np.ones((4, 3), np.float32)


def test_shapes_flow_through_pytrees_without_arrays():
    def f(d, scale, *, name):
        assert name == "name"
        return {"a": (scale * d["x"]).sum(0), "b": d["x"] > 0, "c": np.ones(3)}

    assert wf.eval_shape(f, {"x": X}, 2.0, name="name") == {
        "a": ShapeDtype((3,), np.float32),
        "b": ShapeDtype((4, 3), bool),
        "c": ShapeDtype((3,), np.float64),
    }


def test_shapes_stand_for_arrays_too_large_to_make():
    huge = ShapeDtype((10**9, 3), np.float32)
    assert wf.eval_shape(lambda x: x @ x.T, huge) == ShapeDtype((10**9, 10**9), np.float32)
    gradient = wf.eval_shape(wf.grad(lambda x: np.tanh(x).sum()), huge)
    assert gradient == huge


def test_transforms_inside_and_outside():
    assert wf.eval_shape(wf.jacrev(lambda x: np.tanh(x @ x.T).sum(0)), X).shape == (4, 4, 3)
    assert wf.eval_shape(wf.vmap(lambda x: x * x), X).shape == (4, 3)
    inner = []
    wf.vmap(lambda x: (inner.append(wf.eval_shape(np.sin, x)), x)[1])(X)
    assert inner == [ShapeDtype((3,), np.float32)]


@pytest.mark.parametrize(
    "f",
    [lambda x: x if x > 0 else -x, lambda x: range(x.astype(int)), lambda x: x.astype(int).item()],
)
def test_python_cannot_decide_without_entries(f):
    with pytest.raises(
        TypeError, match=r"under `eval_shape` a .* no entries .* where\(condition, x, y\)"
    ):
        wf.eval_shape(f, 1.0)


def test_errors_of_shapes_teach_as_ever():
    with pytest.raises(ValueError, match="matmul"):
        wf.eval_shape(lambda x: x @ x, X)


def test_is_traced():
    assert not wf.is_traced({"a": X, "b": [1.0]})
    seen = []
    wf.grad(lambda x: (seen.append(wf.is_traced({"a": X, "b": x})), x)[1])(1.0)
    wf.vmap(lambda x: (seen.append(wf.is_traced(x)), x)[1])(X)
    assert seen == [True, True]


def test_traced_values_have_at():
    def f(x):
        return (x.at[1].set(2 * x[0]) + wf.at(x)[0].add(1.0)).sum()

    assert wf.grad(f)(np.ones(2)).tolist() == [4.0, 1.0]
    assert wf.at(np.zeros(2))[0].set(3.0).tolist() == [3.0, 0.0]
