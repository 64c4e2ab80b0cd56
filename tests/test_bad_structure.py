"""Bad input: values that cannot become plain, structures that differ, wrong leaves and axes."""

import math
import re

import numpy as np
import pytest

from tests.refusals import cases, ones, refused, tensors
from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import nn as fnn
from wonderland.functional import optim as foptim
from wonderland.oop import nn
from wonderland.purify import purify

# --- NumPy functions that cannot be traced

LOST = r"cannot become a plain number or array, as its derivative would be lost; "


def grad(f):
    return lambda x: wf.grad(f)(x)


@cases(
    ("float", grad(lambda x: float(x[0])), ((3,),), TypeError,
     r"float: a traced float32\[\] " + LOST + r"compute with NumPy's functions \(np\.sin, not "
     r"math\.sin\), write it into an array y by y = wf\.at\(y\)\[i\]\.set\(x\), or give the "),
    ("math.sin", grad(lambda x: math.sin(x[0])), ((3,),), TypeError, r"float: a traced float32\["),
    ("complex", grad(lambda x: complex(x[0])), ((3,),), TypeError,
     r"complex: a traced float32\[\] " + LOST),
    ("item", grad(lambda x: x[0].item()), ((3,),), TypeError, r"item: a traced float32\[\]"),
    ("tolist", grad(lambda x: x.tolist()[0]), ((3,),), TypeError, r"tolist: a traced float32\[3\]"),
    ("np.asarray", grad(lambda x: np.asarray(x).sum()), ((3,),), TypeError,
     r"np\.asarray: a traced float32\[3\] " + LOST + r"compute with the value itself, join a list "
     r"of values with np\.stack, write it into an array y by y = wf\.at\(y\)\[i\]\.set\(x\), or "),
    ("np.array of a list", grad(lambda x: np.array([x[0], x[1]]).sum()), ((3,),), TypeError,
     r"np\.asarray: a traced float32\[\] " + LOST),
    ("np.asarray under jvp", lambda x: wf.jvp(np.asarray, (x,), (x,)), ((3,),), TypeError,
     r"np\.asarray: a traced float32\[3\] " + LOST),
    ("np.asarray under vmap", lambda x: wf.vmap(np.asarray)(x), ((3,),), TypeError,
     r"np\.asarray: a traced float32\[\] " + LOST),
    ("float under vmap", lambda x: wf.vmap(float)(x), ((3,),), TypeError, r"float: a traced .*\["),
    ("bool under vmap", lambda x: wf.vmap(lambda x: x if x > 0 else -x)(x), ((3,),), TypeError,
     (r"bool: a traced bool\[\] under `vmap` has 3 values, one per element of the batch, and "
     r"Python can go only one way; choose by where\(condition, x, y\)$")),
    ("bool in vmap of grad", lambda x: wf.vmap(wf.grad(lambda x: x if x > 0 else -x))(x), ((3,),),
     TypeError, r"bool: a traced bool\[\] under `vmap` has 3 values"),
    ("bool of several", grad(lambda x: x.sum() if x else 0.0), ((3,),), ValueError,
     r"bool: a traced float32\[3\] has 3 truth values .*; reduce it with any\(\) or all\(\), or "),
    ("an index under vmap", lambda x: wf.vmap(lambda i: [1, 2, 3][i])(x.astype(int)), ((3,),),
     TypeError, r"index: a traced int64\[\] under `vmap` has 3 values"),
    ("bool under eval_shape", lambda x: wf.eval_shape(lambda x: x if x[0] > 0 else -x, x), ((3,),),
     TypeError, r"bool: under `eval_shape` a bool\[\] has a shape and a dtype but no entries"),
    ("without traced version", grad(lambda x: np.unpackbits(x).sum()), ((3,),), TypeError,
     r"np\.unpackbits: it has no traced version, so its derivative is unknown; build it from "),
    ("out=", grad(lambda x: np.add(x, x, out=ones(3)).sum()), ((3,),), TypeError,
     r"np\.add: out= overwrites an array, which cannot be traced; use the result instead: "),
    ("x[i] = v", grad(lambda x: x.__setitem__(0, 1.0)), ((3,),), TypeError,
     r"x\[i\] = v: a traced float32\[3\] is not changed in place; make a changed copy: x = wf\.at"),
)  # fmt: skip
def test_a_traced_value_that_cannot_become_plain(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    refused(bad, arrays, arrays)


def test_a_traced_value_written_into_an_array():
    y = np.zeros(2)
    with pytest.raises(ValueError, match="setting an array element") as caught:  # NumPy's own
        wf.grad(lambda x: y.__setitem__(0, x))(1.0)
    assert "write it into an array y by y = wf.at(y)[i].set(x)" in str(caught.value.__cause__)
    assert y.tolist() == [0, 0]


@cases(
    ("float", float, ((3,),), ValueError, r"item: a Tensor of shape \(3,\) has 3 entries"),
    ("bool", bool, ((3,),), ValueError,
     r"bool: a Tensor of shape \(3,\) has 3 truth values; use x\.any\(\) or x\.all\(\)"),
    ("numpy", lambda x: x.numpy(), ((3,),), RuntimeError,
     r"numpy: this Tensor requires a gradient, which NumPy would not see; use x\.detach\(\)\.nump"),
    ("np.asarray", np.asarray, ((3,),), RuntimeError, r"numpy: this Tensor requires a gradient, "),
    ("np.unpackbits", np.unpackbits, ((3,),), TypeError, r"np\.unpackbits: it has no traced versi"),
)  # fmt: skip
def test_a_tensor_that_cannot_become_plain(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    refused(bad, arrays, tensors(arrays))


# --- pytrees whose structures differ

W = {"layers": [{"w": ones(2), "b": ones(2)}, {"w": ones(2)}], "scale": 2.0}
SHORT = {"layers": [{"w": ones(2), "b": ones(2)}], "scale": 2.0}
OTHER = {"layers": [{"w": ones(2), "b": ones(2)}, {"v": ones(2)}], "scale": 2.0}
DIFFER = r"structures differ at 'layers': list of length 2 and list of length 1"
REVERSED = r"structures differ at 'layers': list of length 1 and list of length 2"
adam, momentum = foptim.adam(0.1), foptim.sgd(0.1, 0.9)


@cases(
    ("map", lambda: wf.tree.map(max, W, SHORT), (), ValueError, rf"tree\.map: {DIFFER}$"),
    ("map, keys", lambda: wf.tree.map(max, W, OTHER), (), ValueError,
     (r"tree\.map: structures differ at 'layers\.1': dict with keys \['w'\] and dict with keys "
     r"\['v'\]$")),
    ("map, kinds", lambda: wf.tree.map(max, {"a": (1, 2)}, {"a": [1, 2]}), (), ValueError,
     r"tree\.map: structures differ at 'a': tuple of length 2 and list of length 2$"),
    ("map, a leaf", lambda: wf.tree.map(max, {"a": (1, 2)}, {"a": 1}), (), ValueError,
     r"tree\.map: structures differ at 'a': tuple of length 2 and a leaf of type int$"),
    ("jvp", lambda: wf.jvp(lambda p: p["scale"], (W,), (SHORT,)), (), ValueError,
     r"jvp: the tangents: structures differ at '0\.layers': list of length 2 and list of length 1"),
    ("cotangent", lambda: wf.vjp(lambda p: p, W)[1](SHORT), (), ValueError,
     rf"vjp: the cotangent: {DIFFER}$"),
    ("a cotangent's shape", lambda: wf.vjp(lambda p: p, {"a": [ones(3)]})[1]({"a": [ones(4)]}), (),
     ValueError, r"vjp: the cotangent at 'a\.0' has shape \(4,\) but the output \(3,\)$"),
    ("in_axes", lambda: wf.vmap(lambda p: p, ({"a": 0},))({"b": ones(3)}), (), ValueError,
     r"vmap: in_axes is no prefix of what it maps: structures differ at '0': dict with keys \['a'"),
    ("mapped sizes", lambda: wf.vmap(lambda p: p)({"x": ones(3), "y": ones(4)}), (), ValueError,
     r"vmap: the mapped axes have different sizes: argument 0 at 'x' has 3, argument 0 at 'y' has"),
    ("apply_updates", lambda: foptim.apply_updates(W, SHORT), (), ValueError,
     rf"apply_updates: the updates: {DIFFER}$"),
    ("adam", lambda: adam.update(SHORT, adam.init(W)), (), ValueError,
     rf"adam: gradients and state: {REVERSED}$"),
    ("sgd", lambda: momentum.update(SHORT, momentum.init(W)), (), ValueError,
     rf"sgd: gradients and state: {REVERSED}$"),
    ("a gradient's shape", lambda: adam.update({"a": [ones(1)]}, adam.init({"a": [ones(4)]})), (),
     ValueError, r"adam: the gradient at 'a\.0' has shape \(1,\) but the state \(4,\); give leave"),
    ("an update's shape", lambda: foptim.apply_updates({"a": ones(4)}, {"a": ones(1)}), (),
     ValueError, r"apply_updates: the update at 'a' has shape \(1,\) but the parameter \(4,\); "),
)  # fmt: skip
def test_structures_that_differ(bad):
    refused(bad, wf.tree.leaves([W["layers"], SHORT["layers"]]), [])


# --- wrong leaves handed to apply or load_state_dict

layer = fnn.Sequential(fnn.Linear(4), fnn.Tanh(), fnn.Linear(1, bias=False))
params = layer.init(wf.random.key(0), ones(2, 3))
first, x = params["0"], ones(2, 3)
FIT = r"Linear: params do not fit the layer: "


@cases(
    ("missing", lambda: layer.apply({"0": first}, x), (), ValueError,
     FIT + r"missing 'weight' \(1, in\); take them from init\(key, x\)$"),
    ("missing leaf", lambda: fnn.Linear(4).apply({"bias": ones(4)}, x), (), ValueError,
     FIT + r"missing 'weight' \(4, in\); take them from init\(key, x\)$"),
    ("unexpected", lambda: layer.apply({**params, "9": first}, x), (), ValueError,
     r"Sequential: params do not fit the layers: unexpected '9' \(there are 3 layers: '0' to '2'"),
    ("unexpected leaf", lambda: fnn.Linear(4).apply({**first, "b": x}, x), (), ValueError,
     FIT + r"unexpected 'b'; take them from"),
    ("all faults at once", lambda: fnn.Linear(4).apply({"weight": ones(5, 3), "b": x}, x), (),
     ValueError, FIT + r"missing 'bias' \(4,\); 'weight' has shape \(5, 3\), not \(4, in\); "
     r"unexpected 'b'; take them from init\(key, x\)$"),
    ("no array", lambda: fnn.Linear(4).apply({**first, "weight": "no"}, x), (), ValueError,
     FIT + r"'weight' is str, not an array; "),
    ("a bias that does not fit", lambda: fnn.Linear(4).apply({**first, "bias": ones(5)}, x), (),
     ValueError, r"affine: w has 4 rows but b has 5 entries \(x: \(2, 3\), w: \(4, 3\), b: \(5,\)"),
    ("a dtype", lambda: fnn.Linear(4).apply({**first, "weight": np.ones((4, 3))}, x), (), TypeError,
     r"linear: x is float32 but weight is float64; convert x with astype\(float64\)"),
    ("a list", lambda: fnn.Linear(4).apply([x, x], x), (), TypeError,
     r"Linear: params is a list, but a dict with 'weight', 'bias' is needed; take it from init"),
    ("a list for several", lambda: layer.apply([x, x], x), (), TypeError,
     r"Sequential: params is a list, but a dict of dicts by the places of the layers "),
    ("for what has none", lambda: fnn.Tanh().apply({"weight": x}, x), (), ValueError,
     r"Tanh: the layer has no parameters but got 'weight'; pass \{\}$"),
    ("one array for what has none", lambda: fnn.Dropout().apply(x, x), (), ValueError,
     r"Dropout: the layer has no parameters but params is a ndarray; pass \{\}$"),
)  # fmt: skip
def test_wrong_leaves_for_a_functional_layer(bad):
    error = refused(bad, [first["weight"], first["bias"], x], [])
    if bad.label == "missing":
        assert error.__notes__ == ["in layer '2' of Sequential"]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(3, 4), nn.Linear(4, 1, bias=False)
        self.register_buffer("count", oop.zeros(2))

    def forward(self, x):
        return self.last(oop.tanh(self.first(x)))


WRONG = {
    "missing": (lambda p: p.pop("last.weight"), r"missing 'last\.weight' \(1, 4\)"),
    "unexpected": (lambda p: p.update(last=ones(2)), r"unexpected 'last'"),
    "a shape": (lambda p: p.update({"last.weight": ones(4)}),
                r"'last\.weight' has shape \(4,\), not \(1, 4\)"),
    "no array": (lambda p: p.update({"last.weight": "no"}), r"'last\.weight' is str, not an array"),
}  # fmt: skip
TAKERS = {
    "load_state_dict": (lambda net, p: net.load_state_dict({**p, "count": oop.zeros(2)}),
                        r"load_state_dict: the values do not fit Net: "),
    "purify apply": (lambda net, p: purify(net).apply(p, {"count": ones(2)}, x),
                     r"purify: params do not fit the model: "),
    "purify call": (lambda net, p: purify(net)(p, x), r"purify: params do not fit the model: "),
    "write_back": (lambda net, p: purify(net).write_back(p, {"count": ones(2)}),
                   r"purify: params do not fit the model: "),
}  # fmt: skip


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_leaves_for_a_module_change_nothing(taker, wrong):
    net = Net()
    before = {name: t.detach().numpy().tobytes() for name, t in net.state_dict().items()}
    given = {name: ones(*p.shape) for name, p in net.named_parameters()}
    spoil, fault = WRONG[wrong]
    spoil(given)
    take, beginning = TAKERS[taker]
    with pytest.raises(ValueError, match=f"^{beginning}.*{fault}"):
        take(net, given)
    assert {n: t.detach().numpy().tobytes() for n, t in net.state_dict().items()} == before


def test_what_is_no_dict_of_leaves():
    with pytest.raises(TypeError, match=r"^load_state_dict: a dict of names and tensors is needed"):
        Net().load_state_dict([1])
    with pytest.raises(
        TypeError, match=r"^purify: params is a list, but a dict of names and array"
    ):
        purify(Net()).apply([1], {}, x)


# --- unknown axis

NAMES = "sum mean max min prod std var argmax argmin cumsum cumprod any all sort flip squeeze"
JOINING = ("concatenate", "stack")
OF_ONE = {"softmax": fnn.softmax, "log_softmax": fnn.log_softmax, "norm": np.linalg.norm}
FUNCTIONAL = [*NAMES.split(), *JOINING, *OF_ONE]


@pytest.mark.parametrize("name", FUNCTIONAL)
@pytest.mark.parametrize("axis", [2, -3])
def test_an_unknown_axis_in_functional(name, axis):
    function = OF_ONE.get(name) or getattr(np, name)
    rank, axis = (3, axis * 2) if name == "stack" else (2, axis)

    def call(x):
        return function([x, x] if name in JOINING else x, axis=axis).sum()

    for run in (lambda: wf.grad(call)(ones(2, 3)), lambda: wf.vmap(call)(ones(4, 2, 3))):
        with pytest.raises(ValueError) as caught:
            run()
        text = str(caught.value)
        assert re.match(rf"{name}: .*\b(axis|no axis) {axis}\b.*x: \(2, 3\)", text), text
        assert name in OF_ONE or f"{rank} axes" in text


DIMS = """sum mean max min prod std var argmax argmin cumsum cumprod any all sort squeeze unsqueeze
softmax log_softmax norm median unbind""".split()


@pytest.mark.parametrize("name", DIMS)
def test_an_unknown_dim_in_oop(name):
    x = oop.Tensor(ones(2, 3), requires_grad=True)
    for call in (getattr(oop, name), getattr(oop.Tensor, name)):
        with pytest.raises((ValueError, IndexError)) as caught:
            call(x, dim=5)
        assert re.match(rf"{name}: .*(axis|dim) 5\b.*(2|3) axes|{name}: x has no axis 5 \(x: \(2, ",
                        str(caught.value)), str(caught.value)  # fmt: skip


@pytest.mark.parametrize("join", [oop.cat, oop.stack])
def test_an_unknown_dim_to_join_along(join):
    with pytest.raises(IndexError, match=r"^(concatenate|stack): axis 5 is out of range for the"):
        join([oop.ones(2, 3), oop.ones(2, 3)], dim=5)


def test_what_is_no_axis():
    with pytest.raises(TypeError, match=r"^sum: an axis is an integer, but 'rows' is a str$"):
        wf.grad(lambda x: np.sum(x, axis="rows"))(ones(2))
    with pytest.raises(
        ValueError, match=r"^sum: an axis is named twice \(axis: \(0, -1\), x: \(2,"
    ):
        oop.ones(2).sum((0, -1))
