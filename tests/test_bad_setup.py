"""Bad input: devices that are mixed, primitives declared in part, model files that are none."""

import re

import numpy as np
import pytest

from tests import standin
from tests.refusals import cases, ones, refused, tensors
from wonderland import functional as wf
from wonderland import oop
from wonderland.compare.cli import main
from wonderland.functional import nn as fnn
from wonderland.functional import optim as foptim
from wonderland.oop import nn
from wonderland.shared.primitives import Primitive, bilinear, elementwise, linear, registry

adam, layer = foptim.adam(0.1), fnn.Linear(4)
params = layer.init(wf.random.key(0), ones(2, 3))

# --- mixed devices

MOVE = r"; move (\w|\[|\]| )+: to_device\(array, 'cuda'\), or tensor\.to\('cuda'\)$"
MIXED = cases(
    ("multiply", lambda x, y: x * y, ((2, 3), (2, 3)), ValueError,
     r"mul: x is on cpu but y is on cuda:0; move x: to_device\(array, 'cuda'\), or tensor\.to\('"),
    ("matmul", lambda x, y: x @ y, ((2, 3), (3, 2)), ValueError,
     r"matmul: x is on cpu but y is on cuda:0" + MOVE),
    ("maximum", lambda x, y: np.maximum(y, x), ((2, 3), (2, 3)), ValueError,
     r"maximum: x is on cuda:0 but y is on cpu" + MOVE),
    ("where", lambda x, y: np.where(x > 0, x, y), ((2, 3), (2, 3)), ValueError,
     r"where: condition is on cpu but y is on cuda:0" + MOVE),
    ("concatenate", lambda x, y: np.concatenate([x, y]), ((2, 3), (2, 3)), ValueError,
     r"concatenate: xs\[0\] is on cpu but xs\[1\] is on cuda:0" + MOVE),
    ("mse_loss", lambda x, y: fnn.mse_loss(x, y), ((2, 3), (2, 3)), ValueError,
     r"mse: x is on cpu but y is on cuda:0" + MOVE),
    ("cross_entropy", lambda x, y: fnn.cross_entropy(y, x.astype(int)), ((2,), (2, 3)), ValueError,
     r"cross_entropy: x is on cuda:0 but labels is on cpu" + MOVE),
    ("linear", lambda x, y: nn.functional.linear(x, y), ((2, 3), (4, 3)), ValueError,
     r"matmul: x is on cpu but y is on cuda:0" + MOVE),
)  # fmt: skip


def placed(arrays):
    """The first array on the host, the second on the device."""
    return [arrays[0], standin.lift(arrays[1])]


@MIXED
def test_mixed_devices_in_functional(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    with standin.installed(), standin.transfers.exactly():
        x, y = placed(arrays)
        refused(bad._replace(call=lambda: wf.vjp(bad.call, x, y)), arrays, [])
        refused(bad._replace(call=lambda: wf.grad(lambda y: bad.call(x, y).sum())(y)), arrays, [])


@MIXED
def test_mixed_devices_in_oop(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    with standin.installed(), standin.transfers.exactly():
        given = [oop.Tensor(a, requires_grad=True) for a in placed(arrays)]
        refused(bad, arrays, given)


@cases(
    ("a tangent", lambda x, y: wf.jvp(np.sin, (x,), (y,)), ((3,), (3,)), ValueError,
     r"jvp: leaf 0 is on cpu but its tangent is on cuda:0; move leaf 0: "),
    ("a cotangent", lambda x, y: wf.vjp(np.sin, x)[1](y), ((3,), (3,)), ValueError,
     r"vjp: the output is on cpu but its cotangent is on cuda:0; move the output: "),
    ("adam", lambda x, y: adam.update({"a": y}, adam.init({"a": x})), ((3,), (3,)), ValueError,
     r"adam: the gradient at 'a' is on cuda:0 but the state at 'a' is on cpu; move the state at "),
    ("apply_updates", foptim.apply_updates, ((3,), (3,)), ValueError,
     r"apply_updates: the update is on cuda:0 but the parameter is on cpu; move the parameter: "),
    ("at", lambda x, y: wf.at(x)[0].set(y), ((2, 3), (3,)), ValueError,
     r"update: x is on cpu but v is on cuda:0; move x: "),
    ("a layer", lambda x, y: layer.apply(params, y), ((2, 3), (2, 3)), ValueError,
     r"affine: x is on cuda:0 but w is on cpu; move w: "),
    ("a module", lambda x, y: nn.Linear(3, 2)(oop.Tensor(y)), ((2, 3), (2, 3)), ValueError,
     r"affine: x is on cuda:0 but w is on cpu; move w: "),
    ("x += y", lambda x, y: oop.Tensor(x).__iadd__(oop.Tensor(y)), ((3,), (3,)), ValueError,
     r"add: x is on cpu but y is on cuda:0; move x: "),
    ("x[i] = v", lambda x, y: oop.Tensor(x).__setitem__(0, oop.Tensor(y)), ((2, 3), (3,)),
     ValueError, r"x\[i\] = v: x is on cpu but the values is on cuda:0; move x: "),
    ("backward", lambda x, y: (tensors([x])[0] * 2).backward(oop.Tensor(y)), ((3,), (3,)),
     ValueError, r"backward: the Tensor is on cpu but the gradient is on cuda:0; move the "),
    ("numpy", lambda x, y: oop.Tensor(y).numpy(), ((3,), (3,)), TypeError,
     r"numpy: this Tensor is on cuda:0; use x\.cpu\(\)\.numpy\(\)$"),
)  # fmt: skip
def test_mixed_devices_elsewhere(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    with standin.installed():
        refused(bad, arrays, placed(arrays))


# --- a primitive declared without a part

WHOLE = {"shape": lambda x: x.shape, "jvp": {"x": 1}, "vjp": {"x": 1}, "batch": lambda a, b: a[0]}
DERIVED = r", or use a kind that derives it: elementwise, linear, bilinear$"


def declared(**changed):
    kernel = changed.pop("kernel", np.positive)
    return lambda: Primitive("half_done", kernel, **{**WHOLE, **changed}, operands=("x",))


@cases(
    ("kernel", declared(kernel=None), (), TypeError,
     r"Primitive 'half_done': it has no kernel; declare kernel=, the NumPy function that computes"),
    ("shape", declared(shape=None), (), TypeError,
     r"Primitive 'half_done': it has no shape; declare shape=, a function that gives the shape of "
     r"the result" + DERIVED),
    ("jvp", declared(jvp=None), (), TypeError,
     (r"Primitive 'half_done': it has no jvp; declare jvp= \(0 for a derivative that is zero "
      r"everywhere\)" + DERIVED)),
    ("vjp", declared(vjp=None), (), TypeError,
     (r"Primitive 'half_done': it has no vjp; declare vjp= \(0 for a derivative that is zero "
      r"everywhere\)" + DERIVED)),
    ("batch", declared(batch=None), (), TypeError,
     (r"Primitive 'half_done': it has no batch; declare batch=, the rule for operands with a "
      r"leading batch axis" + DERIVED)),
    ("transpose", lambda: linear("half_done", np.positive, shape=WHOLE["shape"], batch=max), (),
     TypeError, r"linear 'half_done': it has no transpose; declare transpose=, which takes a cota"),
    ("derivative", lambda: elementwise("half_done", np.tanh), (), TypeError,
     (r"elementwise 'half_done': the kernel takes 1 operand\(s\) but rules are given for none; "
     r"declare one for each, by its name \(x=0 where there is no derivative\)$")),
    ("second derivative", lambda: elementwise("half_done", np.multiply, x=lambda y: y), (),
     TypeError, r"elementwise 'half_done': the kernel takes 2 operand\(s\) but rules are given "),
    ("bilinear", lambda: bilinear("half_done", np.matmul, x=lambda gz, y: gz, shape=max, batch=max),
     (), TypeError, r"bilinear 'half_done': the kernel takes 2 operand\(s\) but rules are given f"),
    ("a name that is nobody's", declared(vjp={"x": lambda gz, w: gz}), (), TypeError,
     r"Primitive 'half_done': the rule for x asks for 'w', which is no operand \('x',\), not z, n"),
    ("an operand that is not there", declared(vjp={"w": 1}), (), TypeError,
     r"Primitive 'half_done': a rule is given for 'w', but the operands are \('x',\)$"),
    ("a name that is taken", lambda: elementwise("mul", np.positive, x=1), (), ValueError,
     r"Primitive 'mul': this name is declared already; choose another$"),
)  # fmt: skip
def test_a_primitive_declared_without_a_part(bad):
    refused(bad, [], [])
    assert "half_done" not in registry


def test_a_primitive_called_with_too_many_operands():
    with pytest.raises(TypeError, match=r"^tanh: it takes 1 operand\(s\), x, but got 2"):
        wf.grad(lambda x: registry["tanh"](x, x))(1.0)


# --- a model file for `compare`

FILES = {
    "no file": ("nowhere.py:Net", r"there is no file '.*nowhere\.py'"),
    "no name": ("model.py", r"'model\.py' names no model; write path/to/file\.py:Model$"),
    "nothing of this name": (
        "model.py:Other", r".*model\.py does not define 'Other'; its models are: Net$"),
    "no module": ("model.py:example", r"'example' in .*model\.py is no nn\.Module but function"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_model_file_that_compare_cannot_use(case, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(
        "from wonderland.oop import nn\n\nclass Net(nn.Linear):\n    pass\n\ndef example(): pass\n"
    )
    target, text = FILES[case]
    assert main(["compare", target]) == 2
    out, error = capsys.readouterr()
    assert not out.strip() and re.match(f"wonderland compare: {text}", error.strip()), error
