import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import random

key = random.key(7)
keys = random.split(key, 5)
table = np.arange(6.0).reshape(3, 2)

DRAWS = {
    "split": lambda k: random.split(k, 3),
    "fold_in": lambda k: random.fold_in(k, 3, "path", 4),
    "bits": lambda k: random.bits(k, 4, np.uint32),
    "uniform": lambda k: random.uniform(k, (3,)),
    "uniform from to": lambda k: random.uniform(k, 3, minval=-2.0, maxval=3),
    "uniform in arrays": lambda k: random.uniform(
        k, (3,), minval=np.float32([1, 2, 3]), maxval=4.0
    ),
    "normal": lambda k: random.normal(k, (3,)),
    "normal float64": lambda k: random.normal(k, (2, 2), np.float64),
    "normal complex": lambda k: random.normal(k, (2,), np.complex64),
    "truncated_normal": lambda k: random.truncated_normal(k, -1, 1, (3,)),
    "exponential": lambda k: random.exponential(k, (3,)),
    "gumbel": lambda k: random.gumbel(k, (3,)),
    "rademacher": lambda k: random.rademacher(k, (3,)),
    "randint": lambda k: random.randint(k, (3,), 0, 10),
    "bernoulli": lambda k: random.bernoulli(k, 0.3, (4,)),
    "bernoulli of array": lambda k: random.bernoulli(k, np.array([0.3, 0.4])),
    "bernoulli default": random.bernoulli,
    "categorical": lambda k: random.categorical(k, np.array([0.3, 0.4])),
    "categorical axis": lambda k: random.categorical(k, table, axis=0, shape=(3, 2)),
    "permutation": lambda k: random.permutation(k, 5),
    "permutation of rows": lambda k: random.permutation(k, table),
    "permutation independent": lambda k: random.permutation(k, table, axis=1, independent=True),
    "choice": lambda k: random.choice(k, 5, (3,), replace=False),
    "choice of rows": lambda k: random.choice(k, table, (2,)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_under_vmap_the_draws_are_those_of_each_key(name):
    draw = DRAWS[name]
    expected = np.stack([draw(k) for k in keys])
    found = wf.vmap(draw)(keys)
    assert found.dtype == expected.dtype
    assert found.tobytes() == expected.tobytes()
    twice = wf.vmap(wf.vmap(draw))(keys[:4].reshape(2, 2, 2))
    assert twice.tobytes() == expected[:4].tobytes()


@pytest.mark.parametrize("name", DRAWS)
def test_the_shape_of_a_draw_is_known_without_it(name):
    expected = DRAWS[name](key)
    found = wf.eval_shape(DRAWS[name], key)
    assert (found.shape, found.dtype) == (np.shape(expected), expected.dtype)


def test_traced_integers_are_folded_in():
    expected = np.stack([random.fold_in(key, i) for i in range(3)])
    assert (wf.vmap(lambda i: random.fold_in(key, i))(np.arange(3)) == expected).all()
    both = wf.vmap(random.fold_in)(keys[:3], np.arange(3))
    assert (
        both == np.stack([random.fold_in(k, i) for k, i in zip(keys, range(3), strict=False)])
    ).all()


def test_a_draw_is_a_constant_to_derivatives():
    def loss(w):
        return (random.normal(key, (3,)) * w).sum()

    z = random.normal(key, (3,))
    assert wf.grad(loss)(2.0) == z.sum()
    rows = wf.vmap(lambda k: wf.grad(lambda w: (random.normal(k, (3,)) * w).sum())(2.0))(keys)
    np.testing.assert_array_equal(rows, [random.normal(k, (3,)).sum() for k in keys])


def test_the_bounds_of_a_uniform_draw_have_derivatives_and_change_no_bits():
    def draw(low, high):
        return random.uniform(key, (3,), np.float64, low, high)

    low, high = np.float64(1.0), np.float64(2.5)
    u = random.uniform(key, (3,), np.float64)
    z, (dlow, dhigh) = draw(low, high), wf.jacrev(draw, (0, 1))(low, high)
    traced = wf.jvp(draw, (low, high), (1.0, 1.0))[0]
    assert traced.tobytes() == z.tobytes()
    np.testing.assert_allclose(dlow, 1 - u)
    np.testing.assert_allclose(dhigh, u)


def test_traced_logits_and_probabilities():
    logits = np.log(np.array([[0.1, 0.9], [0.5, 0.5]]))
    found = wf.vmap(random.categorical)(keys[:2], logits)
    assert found.tolist() == [random.categorical(keys[i], logits[i]) for i in range(2)]
    p = np.array([0.2, 0.8])
    found = wf.vmap(random.bernoulli)(keys[:2], p)
    assert found.tolist() == [bool(random.bernoulli(keys[i], p[i : i + 1])[0]) for i in range(2)]


def test_what_a_traced_key_does_not_take():
    with pytest.raises(
        TypeError, match=r"random.randint: .* minval must be a number but is int64\[3\]"
    ):
        wf.vmap(lambda k: random.randint(k, (3,), np.arange(3), 9))(keys)
    with pytest.raises(TypeError, match=r"weights p and a traced key .* use categorical"):
        wf.vmap(lambda k: random.choice(k, 2, p=np.array([0.5, 0.5])))(keys)
