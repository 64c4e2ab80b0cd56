"""What every draw promises: its stream, its prefix, its batch, its dtype, its device."""

import hashlib
import inspect

import numpy as np
import pytest

from tests.standin import installed, lift, peek
from wonderland.shared import random

KEY = random.key(7)
KEYS = random.split(random.key(8), 3)
X = np.arange(12.0).reshape(3, 4)
COUNTS = np.arange(12).reshape(3, 4)
WEIGHTS = np.array([0.1, 0.2, 0.7])
UNIT = (X + 1) / 13

# name: (function, of (draw, key, on), where `on` puts an array on the key's device)
CALLS = {
    "bits": (random.bits, lambda draw, key, on: draw(key, (3, 2))),
    "bits of a byte": (random.bits, lambda draw, key, on: draw(key, (3, 5), np.uint8)),
    "uniform": (random.uniform, lambda draw, key, on: draw(key, (3, 2))),
    "uniform between": (random.uniform, lambda draw, key, on: draw(key, (), np.float16, -1, 3)),
    "uniform up to an array": (
        random.uniform,
        lambda draw, key, on: draw(key, (3, 4), np.float64, -1, on(X)),
    ),
    "normal": (random.normal, lambda draw, key, on: draw(key, (5, 9))),
    "normal in float64": (random.normal, lambda draw, key, on: draw(key, 9, np.float64)),
    "normal in the plane": (random.normal, lambda draw, key, on: draw(key, (3, 2), np.complex64)),
    "truncated_normal": (random.truncated_normal, lambda draw, key, on: draw(key, -1, 2, (9,))),
    "exponential": (random.exponential, lambda draw, key, on: draw(key, (9,))),
    "gumbel": (random.gumbel, lambda draw, key, on: draw(key, (9,))),
    "bernoulli": (random.bernoulli, lambda draw, key, on: draw(key, 0.3, (9,))),
    "bernoulli for sure": (random.bernoulli, lambda draw, key, on: draw(key, 1.0)),
    "bernoulli of an array": (random.bernoulli, lambda draw, key, on: draw(key, on(UNIT))),
    "rademacher": (random.rademacher, lambda draw, key, on: draw(key, (9,))),
    "randint": (random.randint, lambda draw, key, on: draw(key, (9,), -5, 100)),
    "one randint": (random.randint, lambda draw, key, on: draw(key, (), -5, 100, np.int8)),
    "randint below an array": (
        random.randint,
        lambda draw, key, on: draw(key, (3, 4), -5, on(COUNTS)),
    ),
    "permutation": (random.permutation, lambda draw, key, on: draw(key, 9)),
    "permutation of columns": (random.permutation, lambda draw, key, on: draw(key, on(X), 1)),
    "permutation of each": (random.permutation, lambda draw, key, on: draw(key, on(X), 1, True)),
    "choice": (random.choice, lambda draw, key, on: draw(key, 9, (2, 2))),
    "choice of columns": (
        random.choice,
        lambda draw, key, on: draw(key, on(X), (2,), False, axis=1),
    ),
    "choice by weight": (
        random.choice,
        lambda draw, key, on: draw(key, on(X), (2,), True, on(WEIGHTS)),
    ),
    "choice by weight, each once": (
        random.choice,
        lambda draw, key, on: draw(key, on(X), (2,), False, on(WEIGHTS)),
    ),
    "categorical": (random.categorical, lambda draw, key, on: draw(key, on(X))),
    "categorical along columns": (
        random.categorical,
        lambda draw, key, on: draw(key, on(X), 0, (5, 4)),
    ),
    "one categorical": (random.categorical, lambda draw, key, on: draw(key, on(X[0]))),
    "split": (random.split, lambda draw, key, on: draw(key, 5)),
    "fold_in": (random.fold_in, lambda draw, key, on: draw(key, "a", 5, 2**100)),
}
every_call = pytest.mark.parametrize(("draw", "call"), CALLS.values(), ids=CALLS)


def identity(x):
    return x


def test_every_draw_has_a_call_here():
    draws = {getattr(random, name) for name in random.__all__}
    batched = {draw for draw in draws if hasattr(draw, "batched")}
    assert batched == {draw for draw, _ in CALLS.values()}
    assert draws - batched == {random.key, random.Generator}


@every_call
def test_the_same_key_gives_the_same_bytes(draw, call):
    key = KEY.copy()
    key.flags.writeable = False
    first, second = call(draw, key, identity), call(draw, KEY, identity)
    assert isinstance(first, np.ndarray)
    assert first.tobytes() == second.tobytes()
    first[...] = 0  # the caller owns the result
    assert call(draw, KEY, identity).tobytes() == second.tobytes()


@every_call
def test_another_key_gives_something_else(draw, call):
    if call is not CALLS["bernoulli for sure"][1]:
        results = {call(draw, key, identity).tobytes() for key in random.split(KEY, 8)}
        assert len(results) > 1


@every_call
def test_batched_is_the_stack_of_single_draws(draw, call):
    batched = call(draw.batched, KEYS, identity)
    expected = np.stack([call(draw, key, identity) for key in KEYS])
    assert batched.dtype == expected.dtype
    np.testing.assert_array_equal(batched, expected)
    nested = call(draw.batched, KEYS[None, :, None], identity)
    np.testing.assert_array_equal(nested, expected[None, :, None])
    none = call(draw.batched, KEYS[:0], identity)
    assert none.shape == (0, *expected.shape[1:])


@every_call
def test_the_device_gives_the_same_bits(draw, call):
    host = [call(draw, KEY, identity), call(draw.batched, KEYS, identity)]
    with installed():
        device = [call(draw, lift(KEY), lift), call(draw.batched, lift(KEYS), lift)]
    for expected, found in zip(host, map(peek, device), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


PREFIXED = {
    "bits": lambda n: random.bits(KEY, n, np.uint16),
    "uniform": lambda n: random.uniform(KEY, n, np.float16),
    "normal": lambda n: random.normal(KEY, n),
    "normal in the plane": lambda n: random.normal(KEY, n, np.complex128),
    "truncated_normal": lambda n: random.truncated_normal(KEY, 1, 2, n),
    "exponential": lambda n: random.exponential(KEY, n, np.float64),
    "gumbel": lambda n: random.gumbel(KEY, n),
    "bernoulli": lambda n: random.bernoulli(KEY, 0.5, n),
    "rademacher": lambda n: random.rademacher(KEY, n),
    "randint": lambda n: random.randint(KEY, n, 0, 10),
    "choice": lambda n: random.choice(KEY, 10, n),
    "split": lambda n: random.split(KEY, n),
}


@pytest.mark.parametrize("draw", PREFIXED.values(), ids=PREFIXED)
def test_a_larger_shape_begins_with_the_smaller(draw):
    most = draw(40_000)  # beyond one piece of what is computed at once
    for n in (0, 1, 2, 7, 1000):
        np.testing.assert_array_equal(draw(n), most[:n])


FLOATS = {
    "uniform": random.uniform,
    "normal": random.normal,
    "exponential": random.exponential,
    "gumbel": random.gumbel,
    "truncated_normal": lambda key, shape, dtype: random.truncated_normal(key, -1, 1, shape, dtype),
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("draw", FLOATS.values(), ids=FLOATS)
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (3,), (2, 3), 4])
def test_shape_and_dtype(draw, dtype, shape):
    found = draw(KEY, shape, dtype)
    assert type(found) is np.ndarray
    assert found.dtype == dtype
    assert found.shape == (shape if isinstance(shape, tuple) else (shape,))
    assert np.isfinite(found).all()


def test_float32_and_int64_are_the_defaults():
    for name in ("uniform", "normal", "exponential", "gumbel"):
        assert getattr(random, name)(KEY, (2,)).dtype == np.float32
    assert random.truncated_normal(KEY, -1, 1).dtype == np.float32
    assert random.bernoulli(KEY).dtype == bool
    for found in (random.randint(KEY, (), 0, 5), random.permutation(KEY, 3), random.choice(KEY, 3)):
        assert found.dtype == np.int64
    assert random.categorical(KEY, X).dtype == np.int64
    assert random.rademacher(KEY).dtype == np.int64


def test_signatures_are_seen_through_the_wrapper():
    assert list(inspect.signature(random.normal).parameters) == ["key", "shape", "dtype"]
    assert random.normal.__name__ == "normal" and random.normal.__doc__


# blake2b of the bytes of 1,000 draws of key(2024). These never change: people publish their seeds.
GOLDEN = {
    "a3ec40ecdd39d29c": lambda key: random.bits(key, 1000),
    "d8ad1004ca508f76": lambda key: random.uniform(key, 1000),
    "bf5f119340331356": lambda key: random.uniform(key, 1000, np.float16, -1, 1),
    "b36860f15d19712b": lambda key: random.normal(key, 1000, np.float16),
    "8e108f29c96d5a66": lambda key: random.normal(key, 1000),
    "65cc1936d4e30e3c": lambda key: random.normal(key, 1000, np.float64),
    "025831ddbd533702": lambda key: random.exponential(key, 1000),
    "89cb692d55f50555": lambda key: random.gumbel(key, 1000),
    "978565c5b70223f2": lambda key: random.truncated_normal(key, -2, 2, 1000),
    "df54ccfce6aa19c4": lambda key: random.bernoulli(key, 0.3, 1000),
    "f4327b8731a31f11": lambda key: random.rademacher(key, 1000),
    "54dd8c8eabbd62b1": lambda key: random.randint(key, 1000, -7, 100),
    "cc61983d7e401761": lambda key: random.permutation(key, 1000),
    "cffd76b2843f5efa": lambda key: random.choice(key, 50, 1000),
    "2046bd7b99c0b1c6": lambda key: random.split(key, 100),
    "5729d7f76e00dcad": lambda key: random.fold_in(key, "encoder.0", 3),
}


@pytest.mark.parametrize(("digest", "draw"), GOLDEN.items(), ids=list(GOLDEN))
def test_golden_values(digest, draw):
    data = draw(random.key(2024)).tobytes()
    assert hashlib.blake2b(data, digest_size=8).hexdigest() == digest


@pytest.mark.parametrize(
    ("key", "error", "text"),
    [
        (7, TypeError, r"got int; make one with random.key\(seed\)"),
        (None, TypeError, r"got NoneType"),
        (
            np.array([1, 2]),
            ValueError,
            r"key must be a uint64 array .*, got int64 \(2,\); make one",
        ),
        (KEY[:1], ValueError, r"key must be a uint64 array of shape \(2,\), got uint64 \(1,\)"),
        (KEY[0].reshape(()), ValueError, r"got uint64 \(\)"),
        (
            KEYS,
            ValueError,
            r"key must have shape \(2,\), got \(3, 2\); use one of the keys, or vmap",
        ),
    ],
)
@every_call
def test_what_is_no_key(draw, call, key, error, text):
    with pytest.raises(error, match=rf"^random.{draw.__name__}: .*{text}"):
        call(draw, key, identity)
    if key is not KEYS:
        with pytest.raises(error, match=rf"^random.{draw.__name__}: .*{text}"):
            call(draw.batched, key, identity)


SHAPED = {name: random.__dict__[name] for name in ("bits", "uniform", "normal", "gumbel")}


@pytest.mark.parametrize("draw", SHAPED.values(), ids=SHAPED)
def test_shapes_that_are_none(draw):
    with pytest.raises(ValueError, match=r"shape must hold no negative numbers, got \(-1, 2\)"):
        draw(KEY, (-1, 2))
    for shape in ((2.0,), 1.5, "ab", None):
        with pytest.raises(TypeError, match=r"shape must be an integer or a tuple of them, got"):
            draw(KEY, shape)


@pytest.mark.parametrize("draw", FLOATS.values(), ids=FLOATS)
def test_dtypes_that_are_no_floats(draw):
    text = r"dtype must be float16, float32 or float64( or complex64, complex128)?, got int64"
    with pytest.raises(TypeError, match=text):
        draw(KEY, (2,), np.int64)
