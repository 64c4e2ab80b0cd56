"""Promises that need something from outside: another array module, or the other paradigm."""

import numpy as np

from ...batching import vmap
from ...forward import jvp
from ...tape import vjp
from ..closeness import VALUE, eps_of, first_other_bit, largest, require_close, require_dtype
from ..differences import cotangent_map
from ..sample import is_array, kind, listed
from .inputs import drawn

FIX = "write the kernel and rules in NumPy calls that other arrays dispatch on"


def devices(call, to_device, to_host):
    """Kernel, JVP, VJP and vmap on another module's arrays == on NumPy's; the number compared."""
    us, vs = drawn(call, 8)
    moved = call.replaced([to_device(a) if is_array(a) else a for a in call.args])
    far = runs(moved, [to_device(u) for u in us], [to_device(v) for v in vs])
    near = runs(call, us, vs)
    count = 0
    for what, z in near.items():
        name = f"{call.primitive.name}: devices: {what}"
        for a, b in zip(far[what], z, strict=True):
            if a is None or b is None:
                if a is not b:
                    raise AssertionError(f"{name}: a symbolic zero on one side only: {a} and {b}")
                continue
            if type(a) is not type(to_device(np.asarray(b))):
                raise AssertionError(f"{name}: the result is a {type(a).__name__}; {FIX}")
            a = to_host(a)
            unit = VALUE * eps_of(a) if kind(a) in "fc" else 0.0
            words = ("on the device the result", "on NumPy it", FIX)
            require_close(name, a, np.asarray(b), unit, unit * largest(b), words)
            require_dtype(name, "the dtype on the device", a.dtype, b.dtype, FIX)
            count += 1
    return count


def runs(call, us, vs):
    """What the kernel, each rule and vmap give, as lists that may hold None."""
    f, xs = call.of_inexact, call.inexact_args()
    found = {"kernel": call()}
    mapped = [is_array(a) for a in call.args]
    if any(mapped):
        batch = [a[None] if m else a for a, m in zip(call.args, mapped, strict=True)]
        found["vmap"] = vmap(call, batch, mapped, 1)[0]
    if xs and vs:
        found["jvp"] = jvp(f, xs, us)[1]
        found["vjp"] = vjp(f, xs)[1](vs)
        pulled = cotangent_map(f, len(xs))
        found["jvp of vjp"] = jvp(pulled, [*xs, *vs], [*us, *vs])[1]
    return found


def paradigms(call, tensor):
    """Tensors give the bits of the functional side: values and gradients; the number compared.

    tensor(array, requires_grad=...) makes a Tensor. Its gradients are torch's: the conjugates.
    """
    name = f"{call.primitive.name}: paradigms"
    vs = drawn(call, 9)[1]
    plain = call()
    require_bits(name, "a result", [z.detach().numpy() for z in as_tensors(call, tensor)[1]], plain)
    count = len(plain)
    places = [i for i, z in enumerate(plain) if kind(z) in "fc"] if call.inexact else []
    for place, v in zip(places, vs, strict=bool(places)):
        xs, z = as_tensors(call, tensor)
        _, pull = vjp(call.of_inexact, call.inexact_args())
        g = pull([v if p == place else None for p in places])
        if all(gx is None for gx in g):
            continue
        z[place].backward(tensor(np.conj(v)))
        grads = [None if x.grad is None else x.grad.numpy() for x in xs]
        require_bits(name, "a gradient", grads, [None if gx is None else np.conj(gx) for gx in g])
        count += len(grads)
    return count


def as_tensors(call, tensor):
    """(the inexact operands as Tensors, the results of the call on them)."""
    args, made = list(call.args), []
    for i in call.inexact:
        args[i] = tensor(args[i], requires_grad=True)
        made.append(args[i])
    for i in set(call.arrays) - set(call.inexact):
        args[i] = tensor(args[i])
    return made, listed(call.primitive, call.primitive(*args, **call.static))


def require_bits(name, what, found, wanted):
    """Equal bytes, shapes and dtypes."""
    for a, b in zip(found, wanted, strict=True):
        if a is None and b is None:
            continue
        given = [(x.dtype, x.shape) if is_array(x) else x for x in (a, b)]
        if given[0] == given[1]:
            index = first_other_bit(a, b)
            if index is None:
                continue
            given = [f"{x[index]!r} at {list(index)}" for x in (a, b)]
        raise AssertionError(
            f"{name}: {what} is {given[0]} as a Tensor but {given[1]} as an array; both must run "
            "the same kernels in the same order"
        )
