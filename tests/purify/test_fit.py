"""Number 31 of PURIFY.md: one error lists every leaf that does not fit."""

import re

import numpy as np
import pytest

from tests.purify.models import Tied, X, bits, mlp, same, snapshot, with_batch_norm
from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import nn as fnn
from wonderland.oop import nn
from wonderland.purify import purify


def raises(model, params, state, text, error=ValueError):
    """Calling with these leaves, plainly or under a transform, and writing them back all raise."""
    pure, before = purify(model), snapshot(model)
    calls = [
        lambda: pure.apply(params, state, X),
        lambda: wf.vmap(lambda x: pure.apply(params, state, x))(X[None]),
        lambda: pure.write_back(params, state),
    ]
    for call in calls:
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            call()
    assert snapshot(model) == before


def leaves(model, **changes):
    """(params, state) with {name with __ for dots: other leaf, or ... to leave it out}."""
    tables = purify(model).init()
    for name, x in changes.items():
        name = name.replace("__", ".").lstrip("_")
        table = tables[name not in tables[0] and name in tables[1]]
        table[name] = x
    return tuple({n: x for n, x in table.items() if x is not ...} for table in tables)


def test_31_all_faults_are_listed_in_one_error():
    model = mlp()
    params, state = leaves(model, _0__bias=..., _2__weight=np.ones((2, 5), np.float32),
                           _2__bias=np.ones(2, np.int64), _0__b=np.ones(4, np.float32),
                           other=1.0)  # fmt: skip
    text = (
        "purify: params do not fit the model: unexpected '0.b' (did you mean '0.bias'?); "
        "unexpected 'other'; missing '0.bias' (4,); '2.weight' has shape (2, 5), not (2, 4); "
        "'2.bias' is int64, not float32"
    )
    raises(model, params, state, text)


def test_31_of_params_and_state_together():
    model = with_batch_norm()
    params, state = leaves(model, _0__bias=..., _1__running_var=np.ones(3, np.float32),
                           _1__num_batches_tracked=np.int32(1))  # fmt: skip
    text = (
        "purify: params do not fit the model: missing '0.bias' (4,); state does not fit the model: "
        "'1.running_var' has shape (3,), not (4,); '1.num_batches_tracked' is int32, not int64 "
        "(pass on the state that init() and apply() return)"
    )
    raises(model, params, state, text)


ODD = {
    "a list": ({"0__bias": [0.0] * 4}, "'0.bias' is list, not an array"),
    "a number": ({"0__bias": 1.0}, "'0.bias' is float, not an array"),
    "nothing": ({"0__bias": None}, "'0.bias' is NoneType, not an array"),
    "another dtype": (
        {"0__bias": np.ones(4)},
        "'0.bias' is float64, but other leaves are float32",
    ),
    "complex": ({"0__bias": np.ones(4, np.complex64)}, "'0.bias' is complex64, not float32"),
}


@pytest.mark.parametrize("name", ODD)
def test_31_each_fault(name):
    changes, text = ODD[name]
    params, state = leaves(mlp(), **{f"_{n}": x for n, x in changes.items()})
    raises(mlp(), params, state, f"purify: params do not fit the model: {text}")


def test_31_leaves_in_the_wrong_dict():
    model = with_batch_norm()
    params, state = purify(model).init()
    swapped = {**params, "1.running_mean": state["1.running_mean"]}
    text = (
        "purify: params do not fit the model: unexpected '1.running_mean' (a buffer: it belongs "
        "into the state)"
    )
    raises(model, swapped, state, text)
    text = (
        "purify: state does not fit the model: unexpected '0.bias' (a parameter: it belongs into "
        "params) (pass on the state that init() and apply() return)"
    )
    raises(model, params, {**state, "0.bias": params["0.bias"]}, text)


def test_31_what_is_no_dict():
    model = mlp()
    text = (
        "purify: params is a list, but a dict of names and arrays is needed; take it from init(), "
        "or make a pytree one by pure.flatten(params)"
    )
    raises(model, list(purify(model).init()[0].values()), {}, text, TypeError)
    raises(
        model,
        {},
        (),
        text.replace("params is a list", "state is a tuple").replace("(params)", "(state)"),
        TypeError,
    )


def test_31_tied_leaves_that_contradict():
    params = purify(Tied()).init()[0]
    params["a.weight"] = params["b.weight"] + 1
    text = (
        "purify: params do not fit the model: 'b.weight' and 'a.weight' are one tied leaf, but "
        "have different values"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        purify(Tied())(params, X)


def test_nested_params_are_accepted_and_their_gradients_have_their_structure():
    model = mlp()
    pure = purify(model)
    params, _ = pure.init()
    nested = pure.unflatten(params)
    assert nested["2"]["bias"] is params["2.bias"] and same(pure.flatten(nested), params)
    assert bits(pure(nested, X)) == bits(pure(params, X))
    loss = lambda p: (pure(p, X) ** 2).sum()  # noqa: E731
    assert same(pure.flatten(wf.grad(loss)(nested)), wf.grad(loss)(params))
    pure.write_back(wf.tree.map(lambda p: 2 * p, nested))
    assert bits(model[0].weight) == bits(2 * params["0.weight"])


def test_the_params_of_a_functional_layer_fit_its_twin():
    layer = fnn.Sequential(fnn.Linear(4), fnn.Tanh(), fnn.Linear(2))
    params = layer.init(wf.random.key(0), X)
    assert bits(purify(mlp())(params, X)) == bits(layer.apply(params, X))


def test_a_nested_fault_is_named_by_its_path():
    pure = purify(mlp())
    nested = pure.unflatten(pure.init()[0])
    del nested["0"]["bias"]
    with pytest.raises(ValueError, match=r"missing '0.bias' \(4,\)$"):
        pure(nested, X)


def test_params_may_come_in_any_order_and_any_dict():
    class Own(dict):
        pass

    pure = purify(mlp())
    params, _ = pure.init()
    turned = Own(reversed(params.items()))
    assert bits(pure(turned, X)) == bits(pure(params, X))


class Everything(nn.Module):
    """Parameters of several dtypes, which a cast of the tree changes together."""

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(np.ones(2, np.float32))
        self.b = nn.Parameter(np.ones(2, np.float32))
        self.c = nn.Parameter(np.ones(2, np.float64))

    def forward(self):
        return self.a, self.b, self.c


def test_leaves_of_one_dtype_are_cast_together_or_not_at_all():
    pure = purify(Everything())
    params, _ = pure.init()
    half = wf.tree.map(lambda x: x.astype(np.float16), params)
    assert [x.dtype for x in pure(half)] == [np.float16] * 3
    with pytest.raises(ValueError, match="'b' is float16, but other leaves are float32"):
        pure({**params, "b": half["b"]})
    assert pure({**params, "c": half["c"]})[2].dtype == np.float16


def test_what_cannot_be_purified():
    for given, text in {
        "a class": (nn.Linear, "the class Linear; make an instance of it"),
        "a function": (abs, "builtin_function_or_method; functions are pure already"),
        "a tensor": (oop.tensor(1.0), "Tensor; functions are pure already"),
    }.values():
        with pytest.raises(TypeError, match=f"purify: an nn.Module is needed, but this is {text}"):
            purify(given)
    with pytest.raises(TypeError, match="purify: Linear has no method 'encode'"):
        purify(nn.Linear(1, 1), "encode")
    with pytest.raises(TypeError, match="purify: Linear has no method 'in_features'"):
        purify(nn.Linear(1, 1), "in_features")
