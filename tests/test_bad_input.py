"""Bad input: what has no value or no derivative is refused in both paradigms, by errors that teach.

With test_bad_structure.py and test_bad_setup.py a test for every kind: the class of the error, its
text, `operation: the fact, with both values`, and that nothing given was changed.
"""

import re

import numpy as np
import pytest

from tests.refusals import cases, ones, refused, tensors
from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import nn as fnn
from wonderland.oop import nn
from wonderland.purify import purify
from wonderland.shared.errors import NotDifferentiableError, TracerLeakError

# --- shapes that do not broadcast or multiply

SHAPES = cases(
    ("add", lambda x, y: x + y, ((2, 3), (4,)), ValueError,
     r"add: shapes do not broadcast: axis 1 has 3 and 4 \(x: \(2, 3\), y: \(1, 4\)\)$"),
    ("divide, numbers beside", lambda x, y: 2 * x / y, ((2, 3), (3, 3)), ValueError,
     r"div: shapes do not broadcast: axis 0 has 2 and 3 \(x: \(2, 3\), y: \(3, 3\)\)$"),
    ("maximum", np.maximum, ((2, 3), (2, 4)), ValueError,
     r"maximum: shapes do not broadcast: axis 1 has 3 and 4 \(x: \(2, 3\), y: \(2, 4\)\)$"),
    ("where", lambda x, y: np.where(x > 0, y, x), ((2, 3), (4,)), ValueError,
     r"where: shapes do not broadcast: axis 1 has 3 and 4 \(condition: \(2, 3\), x: \(1, 4\), "),
    ("matrix times matrix", lambda x, y: x @ y, ((2, 3), (4, 5)), ValueError,
     r"matmul: x has 3 columns but y has 4 rows \(x: \(2, 3\), y: \(4, 5\)\)$"),
    ("matrix times vector", lambda x, y: x @ y, ((2, 3), (4,)), ValueError,
     r"matmul: x has 3 columns but y has 4 rows \(x: \(2, 3\), y: \(4,\)\)$"),
    ("stacks of matrices", lambda x, y: x @ y, ((2, 2, 3), (4, 3, 2)), ValueError,
     r"matmul: the stacks do not broadcast: axis 0 has 2 and 4 \(x: \(2, 2, 3\), y: \(4, 3, 2\)"),
    ("einsum", lambda x, y: np.einsum("ij,jk->ik", x, y), ((2, 3), (4, 5)), ValueError,
     r"einsum: 'j' has size 3 and 4 in 'ij,jk->ik' \(\(2, 3\), \(4, 5\)\)$"),
    ("concatenate", lambda x, y: np.concatenate([x, y]), ((2, 3), (2, 4)), ValueError,
     r"concatenate: argument 1 does not fit argument 0 \(1: \(2, 4\), 0: \(2, 3\)\)$"),
    ("reshape", lambda x, y: x.reshape(4, 5), ((2, 3), ()), ValueError,
     r"reshape: 6 entries do not fill shape \(4, 5\) \(x: \(2, 3\)\)$"),
    ("linear", lambda x, y: nn.functional.linear(x, y), ((2, 5), (4, 3)), ValueError,
     r"linear: x has 5 features but weight takes 3 \(x: \(2, 5\), weight: \(4, 3\)\)$"),
)  # fmt: skip
UNDER = {
    "grad": lambda f, x, y: wf.grad(lambda x, y: f(x, y).sum(), (0, 1))(x, y),
    "jvp": lambda f, x, y: wf.jvp(f, (x, y), (x, y)),
    "vmap": lambda f, x, y: wf.vmap(f)(np.stack([x, x, x]), np.stack([y, y, y])),
    "grad of vmap": lambda f, x, y: wf.grad(
        lambda x: wf.vmap(f, (0, None))(np.stack([x, x]), y).sum()
    )(x),
    "eval_shape": wf.eval_shape,
}


@SHAPES
@pytest.mark.parametrize("transform", UNDER)
def test_shapes_that_do_not_fit_in_functional(bad, transform):
    arrays = [ones(*shape) for shape in bad.shapes]
    within = bad._replace(call=lambda x, y: UNDER[transform](bad.call, x, y))
    refused(within, arrays, arrays)


@SHAPES
def test_shapes_that_do_not_fit_in_oop(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    refused(bad, arrays, tensors(arrays))


@cases(
    ("add_", lambda x, y: x.add_(y), ((2, 3), (4,)), ValueError, r"add: shapes do not broadcast: "),
    ("+=", lambda x, y: x.__iadd__(y), ((2,), (4,)), ValueError, r"add: shapes do not broadcast: "),
    ("x[i] = v", lambda x, y: x.__setitem__(0, y), ((2, 3), (4,)), ValueError,
     (r"x\[i\] = v: the values have shape \(4,\), which does not broadcast to the place, of shape "
     r"\(3,\) \(x: \(2, 3\)\)$")),
    ("copy_", lambda x, y: x.copy_(y), ((2, 3), (4,)), ValueError,
     r".*: the values have shape \(4,\), .* of shape \(2, 3\)"),
)  # fmt: skip
def test_shapes_that_do_not_fit_in_place(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    refused(bad, arrays, [t.detach() for t in tensors(arrays)])


def test_the_note_names_the_primitive_its_arguments_and_the_users_line():
    def user(x):
        return wf.numpy.add(np.tanh(x), ones(4))  # the line

    line = user.__code__.co_firstlineno + 1
    for run in (
        lambda: wf.grad(lambda x: user(x).sum())(ones(2, 3)),
        lambda: wf.vmap(user)(ones(5, 2, 3)),
        lambda: user(oop.Tensor(ones(2, 3), requires_grad=True)),
        lambda: nn.Sequential(Calls(user))(oop.ones(2, 3)),
        lambda: purify(Calls(user))({}, ones(2, 3)),
        lambda: fnn.Sequential(fnn.Lambda(user)).apply({}, ones(2, 3)),
    ):
        with pytest.raises(ValueError, match=r"^add: shapes do not broadcast") as caught:
            run()
        (note,) = [n for n in caught.value.__notes__ if n.startswith("in primitive")]
        assert note == f"in primitive add(float32[2,3], float32[1,4]) called at {__file__}:{line}"


class Calls(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


# --- grad of what has none


def constant(out):
    return lambda x: wf.grad(lambda x: out)(x)


@cases(
    ("a vector", lambda x: wf.grad(np.tanh)(x), ((3,),), TypeError,
     (r"grad: the function must return one number, but it returned float32\[3\]; reduce it with sum"
     r" or mean, or use jacrev or vjp$")),
    ("a vector, in value_and_grad", lambda x: wf.value_and_grad(np.tanh)(x), ((3,),), TypeError,
     r"grad: the function must return one number, but it returned float32\[3\]; "),
    ("a vector, in hessian", lambda x: wf.hessian(np.tanh)(x), ((3,),), TypeError,
     r"grad: the function must return one number, but it returned float32\[3\]; "),
    ("integers", lambda x: wf.grad(np.sum)(x.astype(int)), ((3,),), NotDifferentiableError,
     (r"grad: argument 0 is int64\[3\], and only float and complex arrays have gradients; convert "
     r"it with astype\(float32\), or choose others with argnums$")),
    ("an integer", lambda x: wf.grad(lambda n: n * n)(3), ((),), NotDifferentiableError,
     r"grad: argument 0 is int64\[\], and only float "),
    ("integers in a pytree", lambda x: wf.grad(lambda p: p["w"][0].sum())({"w": [x.astype(bool)]}),
     ((3,),), NotDifferentiableError, r"grad: argument 0 at 'w\.0' is bool\[3\], and only float "),
    ("integers, in jacrev", lambda x: wf.jacrev(np.sin)(x.astype(int)), ((3,),),
     NotDifferentiableError, r"jacrev: argument 0 is int64\[3\], and only float "),
    ("integers, in hessian", lambda x: wf.hessian(np.sum)(x.astype(int)), ((3,),),
     NotDifferentiableError, r"hessian: argument 0 is int64\[3\], and only float "),
    ("None", constant(None), ((3,),), TypeError,
     (r"grad: the function must return an array with one number, but it returned None; end it with "
     r"`return`$")),
    ("text", constant("no"), ((3,),), TypeError,
     (r"grad: the function must return an array with one number, but it returned str; return "
     r"\(value, aux\) with has_aux=True for more$")),
    ("a tuple", constant((1.0, 2.0)), ((3,),), TypeError,
     r"grad: the function must return an array .* but it returned tuple; return \(value, aux\) "),
    ("an index", lambda x: wf.grad(np.argmax)(x), ((3,),), TypeError,
     r"grad: the function must return a float, but it returned int64\[\], whose derivative is zer"),
    ("a complex number", lambda x: wf.grad(lambda x: (x + 1j).sum())(x), ((3,),), TypeError,
     r"grad: the function must return a real float, but it returned complex64\[\]; take the real "),
    ("by keyword", lambda x: wf.grad(np.sum)(a=x), ((3,),), ValueError,
     (r"grad: argnums is 0 but the function got 0 positional argument\(s\); what is differentiated "
     r"is given by position$")),
    ("no array, in vjp", lambda x: wf.vjp(lambda x: "no", x), ((3,),), TypeError,
     r"vjp: the function must return arrays and numbers, but it returned a leaf of type str; "),
)  # fmt: skip
def test_grad_of_what_has_none(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    refused(bad, arrays, arrays)


@cases(
    ("several entries without gradient", lambda x: (x * 2).backward(), ((2, 3),), RuntimeError,
     (r"backward: a gradient is needed, as this Tensor has shape \(2, 3\) and no single entry; "
     r"reduce it to one, x\.sum\(\)\.backward\(\), or pass gradient=$")),
    ("a gradient that does not fit", lambda x: (x * 2).backward(oop.ones(4)), ((2, 3),), ValueError,
     r"backward: the gradient has shape \(4,\) but the Tensor \(2, 3\)$"),
    ("needs no gradient", lambda x: x.detach().sum().backward(), ((3,),), RuntimeError,
     r"backward: this Tensor needs no gradient: nothing it was made from requires one; set "),
    ("under no_grad", lambda x: oop.no_grad()(lambda: x.sum())().backward(), ((3,),), RuntimeError,
     r"backward: this Tensor needs no gradient: .* check for no_grad\(\) and detach\(\)$"),
    ("integers that require a gradient", lambda x: x.detach().int().requires_grad_(), ((3,),),
     TypeError, r"requires_grad: only float and complex Tensors have gradients, but this is int32"),
    ("no part of the outputs", lambda x: oop.autograd.grad(tensors([ones(2)])[0].sum(), x), ((3,),),
     RuntimeError, r"grad: the outputs do not depend on input 0; pass allow_unused=True "),
)  # fmt: skip
def test_backward_from_what_has_no_gradient(bad):
    arrays = [ones(*shape) for shape in bad.shapes]
    refused(bad, arrays, tensors(arrays))


def test_backward_twice_without_retain_graph():
    x = oop.tensor([1.0, 2.0], requires_grad=True)
    z = (x * x).sum()
    z.backward()
    text = (
        r"^backward: the values kept for sum were freed by an earlier backward pass; pass "
        r"retain_graph=True to the earlier one$"
    )
    with pytest.raises(RuntimeError, match=text):
        z.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    w = (x * x).sum()
    w.backward(retain_graph=True)
    w.backward()
    assert x.grad.tolist() == [6.0, 12.0]


# --- a tracer kept after its transform ended

KEEPERS = {
    "grad": lambda keep, x: wf.grad(keep)(x),
    "vjp": lambda keep, x: wf.vjp(keep, x),
    "jvp": lambda keep, x: wf.jvp(keep, (x,), (x,)),
    "vmap": lambda keep, x: wf.vmap(keep)(np.stack([x, x])),
    "eval_shape": lambda keep, x: wf.eval_shape(keep, x),
    "grad in vmap": lambda keep, x: wf.vmap(wf.grad(keep))(np.stack([x, x])),
}


USES = {
    "an operator": lambda x: x * 2,
    "another transform": lambda x: wf.grad(lambda y: (x * y).sum())(ones(3)),
    "a function": np.sum,
    "a Tensor": lambda x: oop.Tensor(ones(3)) * x,
}


@pytest.mark.parametrize("transform", KEEPERS)
@pytest.mark.parametrize("use", USES)
def test_a_leaked_tracer_says_where_it_was_made(transform, use):
    kept = []

    def keep(x):
        kept.append(x)
        return x.sum()

    KEEPERS[transform](keep, ones(3))
    made = transform.split()[0]
    with pytest.raises(TracerLeakError) as caught:
        USES[use](kept[0])
    text = (
        rf"(mul|sum): a traced float32\[3\] is used after the `{made}` that made it had ended "
        rf"\(made under `{made}` called at {re.escape(__file__)}:(\d+)\); return it from the "
        r"function, or keep its value with stop_gradient$"
    )
    found = re.match(text, str(caught.value))
    assert found, str(caught.value)
    assert int(found[2]) == KEEPERS[transform].__code__.co_firstlineno


def test_stop_gradient_keeps_a_value():
    kept = []
    wf.grad(lambda x: kept.append(wf.stop_gradient(x)) or x.sum())(ones(3))
    assert (kept[0] * 2).tolist() == [2, 2, 2]
