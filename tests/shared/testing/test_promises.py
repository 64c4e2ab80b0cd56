"""Each promise catches the fault planted for it, and which others see the same fault is known."""

import re
from itertools import count

import numpy as np
import pytest

from wonderland.oop.tensor import Tensor
from wonderland.shared.dispatch import bottom
from wonderland.shared.primitives import Primitive, mul, neg, reshape, tanh
from wonderland.shared.testing import PROMISES, Sample
from wonderland.shared.testing.promises import devices, paradigms

X = np.array([[0.3, -1.2, 0.7], [2.0, 0.9, -0.4]])


def shape(x):
    return x.shape


def faulty(kernel, rule, vjp=None, **parts):
    """An unregistered primitive of one operand: `rule(d, x)` serves both modes."""
    parts = {"shape": shape, "batch": lambda args, batched: primitive(args[0]), **parts}
    primitive = Primitive(
        "faulty", kernel, jvp={"x": rule}, vjp={"x": vjp or rule}, register=False, **parts
    )
    return primitive


def square(x):
    return x * x


def doubled(d, x):
    return d * (2.0 * x)


# cos, but its derivative is declared to be zero, or its batch rule is of the other element
frozen = Primitive(
    "frozen", lambda x: np.cos(x), shape=shape, jvp=0, vjp=0,
    batch=lambda args, batched: frozen(args[0]), register=False,
)  # fmt: skip
turned = Primitive(
    "turned", lambda x: x * 2.0, shape=shape, jvp={"x": 2.0}, vjp={"x": 2.0},
    batch=lambda args, batched: mul(turned(args[0]), 1.5), register=False,
)  # fmt: skip


def writes(x):
    x[...] = x
    return x * x


def forgets_order(x):
    return np.reshape(np.ravel(x, order="K"), x.shape) * 1.0


def wrong_for_nested(args, batched):
    x = args[0]
    flat = reshape(x, shape=(bottom(x).shape[0], *x.shape[1:]))
    return mul(flat, flat)


FAULTS = {
    "reference": faulty(lambda x: x * x + 1e-3, doubled),
    "abstract": faulty(square, doubled, dtype=np.dtype(np.float64)),
    "jvp": faulty(square, lambda d, x: d * x),
    "vjp": faulty(square, doubled, vjp=lambda d, x: d * x),
    "second_order": faulty(lambda x: np.sin(x), lambda d, x: d * frozen(x)),
    "dtypes": faulty(square, lambda d, x: d * (np.float64(2.0) * x)),
    "nested_batches": faulty(square, doubled, batch=wrong_for_nested),
    "batched_derivatives": faulty(square, lambda d, x: d * turned(x)),
    "zero_size": faulty(lambda x: x * x + 0.0 * np.max(x), doubled),
    "zero_dim": faulty(lambda x: x[..., :] * x, doubled),
    "layouts": faulty(forgets_order, 1),
    "untouched": faulty(writes, doubled),
    "view": faulty(lambda x: x, 1),
    "primitives_only": faulty(lambda x: np.sin(x), lambda d, x: d * np.cos(x)),
    "batches": faulty(square, doubled, batch=lambda args, batched: neg(mul(args[0], args[0]))),
}
# The derivatives of each operand are halved where they are wanted alone.
FAULTS["separately"] = Primitive(
    "faulty", lambda x, y: x * y, shape=lambda x, y: x.shape, register=False,
    jvp=lambda dx, dy, x, y: (dx * y + dy * x) * (0.5 if is_zero(dx) or is_zero(dy) else 1.0),
    vjp={"x": lambda y: y, "y": lambda x: x}, batch=lambda args, batched: mul(*args),
)  # fmt: skip


def is_zero(d):
    return type(d) is np.ndarray and not d.any()


# A wrong batch rule is wrong under derivatives too, and a batch may be empty; nothing else sees the
# fault planted for another.
ALSO = {"batches": {"batched_derivatives"}, "zero_size": {"batches"}}


def sample_of(name, primitive):
    reference = np.sin if name in ("second_order", "primitives_only") else np.square
    if name in ("layouts", "view"):
        reference = np.array
    if name == "separately":
        return Sample(primitive, X, X + 1, reference=np.multiply, dtypes="f")
    return Sample(primitive, X, reference=reference, entrywise=name == "zero_dim", dtypes="f")


def broken(sample):
    """The names of the promises that do not hold."""
    found = set()
    for name, promise in PROMISES.items():
        try:
            promise.hold(sample)
        except Exception:
            found.add(name)
    return found


def test_each_promise_has_a_fault():
    assert set(FAULTS) == set(PROMISES)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught_by_its_promise_alone(name):
    sample = sample_of(name, FAULTS[name])
    assert broken(sample) == {name} | ALSO.get(name, set())


def test_a_sound_primitive_breaks_none():
    assert broken(Sample(tanh, X, reference=np.tanh)) == set()


MESSAGES = {
    "reference": r"faulty: reference: the kernel is 0.09\S* but the reference is 0.09\S* at "
    r"\[0, 0\] \(float\d\d, tolerance .*\); mend the kernel or the reference",
    "abstract": "faulty: abstract: the kernel's dtype is float16, but must be float64; mend",
    "jvp": r"faulty: jvp: the JVP is \S+ but the central difference is \S+ at \[0, 0\]",
    "vjp": r"faulty: vjp: <jvp\(u\), v> is \S+ but <u, vjp\(v\)> is \S+ \(float64",
    "second_order": "faulty: second_order: jvp of jvp: the JVP is .* is the rule of its jvp",
    "separately": r"faulty: separately: jvp by operand: the sum of the parts is \S+ but the",
    "dtypes": "faulty: dtypes: a derivative's dtype is float64, but must be float16; mend",
    "batches": r"faulty: batches: vmap over operands \[0\]: vmap is \S+ but the loop is \S+ at",
    "untouched": "faulty: untouched: it writes into an operand .*read-only.*; write a copy",
    "view": "faulty: view: the result shares memory with operand 0 .* declare view=True",
    "layouts": r"faulty: layouts: with \w+ operands the result is \S+ but with contiguous ones",
    "primitives_only": "faulty: primitives_only: jvp: np.cos is called on a value inside a rule",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_error_names_primitive_promise_and_both_values(name):
    with pytest.raises(AssertionError) as caught:
        PROMISES[name].hold(sample_of(name, FAULTS[name]))
    assert re.match(MESSAGES[name], str(caught.value)), str(caught.value)
    assert f"the promise {name!r} of faulty(" in caught.value.__notes__[-1]


def test_a_rule_that_raises_is_told_apart_by_a_note():
    def refuses(d, x):
        raise KeyError("no such thing")

    with pytest.raises(KeyError) as caught:
        PROMISES["jvp"].hold(Sample(faulty(square, refuses), X, reference=None))
    assert "the promise 'jvp' of faulty(float64[2,3])" in caught.value.__notes__[-1]


def test_bytes_are_compared_where_a_kernel_unlocks_its_operand():
    def unlocks(x):
        x.flags.writeable = True
        x += 1
        return x * x

    with pytest.raises(
        AssertionError, match=r"faulty: untouched: an operand was \[.* and is now \["
    ):
        PROMISES["untouched"].hold(Sample(faulty(unlocks, doubled), X, reference=None))


def test_a_batch_of_no_elements_is_tried():
    def at_least_one(args, batched):
        return mul(args[0], args[0]) if args[0].shape[0] else np.zeros((1, 2, 3))

    row = Sample(faulty(square, doubled, batch=at_least_one), X, reference=None)
    text = r"faulty: batches: vmap over no elements has shape \(1, 2, 3\) but \(0, 2, 3\) is wanted"
    with pytest.raises(AssertionError, match=text):
        PROMISES["batches"].hold(row)


def test_a_shape_rule_that_disagrees_with_the_kernel():
    row = Sample(faulty(square, doubled, shape=lambda x: (*x.shape, 1)), X, reference=None)
    with pytest.raises(
        AssertionError, match=r"the shape rule says \(2, 3, 1\) but .* returns \(2, 3\)"
    ):
        PROMISES["abstract"].hold(row)


def test_a_number_of_results_that_disagrees():
    two = Primitive(
        "two", lambda x: (x, x), shape=lambda x: [x.shape], jvp=0, vjp=0, batch=0, outputs="many",
        register=False,
    )  # fmt: skip
    with pytest.raises(
        AssertionError, match="the shape rule says 1 results but the kernel returns 2"
    ):
        PROMISES["abstract"].hold(Sample(two, X, reference=None))


def test_an_operand_whose_rule_is_missing_is_found():
    forgetful = Primitive(
        "forgetful", lambda x, y: x * y, shape=lambda x, y: x.shape, jvp={"x": lambda y: y},
        vjp={"x": lambda y: y}, batch=0, register=False,
    )  # fmt: skip
    with pytest.raises(AssertionError, match="forgetful: jvp: the JVP is"):
        PROMISES["jvp"].hold(Sample(forgetful, X, X + 1, reference=None))


def test_a_row_opts_out_of_a_promise_with_a_reason():
    row = Sample(FAULTS["view"], X, reference=None, without={"view": "it is the point of the test"})
    assert PROMISES["view"].hold(row) == 0


class Elsewhere(np.ndarray):
    """Another array module's array, as far as the test of `devices` needs one."""


def to_elsewhere(a):
    return np.asarray(a).view(Elsewhere)


def test_devices_compares_kernel_rules_and_vmap():
    call = Sample(tanh, X, reference=None).call("float64")
    assert devices(call, to_elsewhere, np.asarray) == 5


def test_devices_finds_a_kernel_that_returns_to_numpy():
    home = faulty(lambda x: np.asarray(x) * np.asarray(x), doubled)
    call = Sample(home, X, reference=None).call("float64")
    with pytest.raises(AssertionError, match="devices: kernel: the result is a ndarray; write"):
        devices(call, to_elsewhere, np.asarray)


def test_devices_finds_another_value():
    tells = faulty(lambda x: x * (1.0 if type(x) is Elsewhere else 2.0), 1)
    call = Sample(tells, X, reference=None).call("float64")
    with pytest.raises(AssertionError, match=r"on the device .* is 0\.3 but on NumPy it is 0\.6"):
        devices(call, to_elsewhere, np.asarray)


def test_paradigms_finds_one_bit():
    calls = count()
    drifts = faulty(lambda x: np.nextafter(x, next(calls) % 2), 1)
    call = Sample(drifts, X, reference=None).call("float64")
    with pytest.raises(AssertionError, match=r"a result is \S+ at \[0, 0\] as a Tensor but"):
        paradigms(call, Tensor)


def test_paradigms_finds_another_dtype():
    calls = count()
    widens = faulty(lambda x: x.astype("f2" if next(calls) % 2 else "f4"), 1)
    call = Sample(widens, X, reference=None).call("float16")
    with pytest.raises(
        AssertionError, match=r"a result is \(.*float32.* as a Tensor but \(.*float16"
    ):
        paradigms(call, Tensor)
