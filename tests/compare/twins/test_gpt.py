import numpy as np
import pytest

from wonderland.compare.twins import TWINS, gpt
from wonderland.functional import random
from wonderland.oop import no_grad, tensor
from wonderland.shared import tree

twin = TWINS["gpt"]
x = np.arange(2 * gpt.T).reshape(2, gpt.T) % gpt.V


def test_the_twins_have_the_same_parameters():
    params = twin.layer().init(random.key(0), x)
    module = dict(twin.module().named_parameters())
    flat = {tree.path_string(path): p for path, p in tree.leaves_with_path(params)}
    assert {n: p.shape for n, p in flat.items()} == {n: p.shape for n, p in module.items()}
    assert flat["blocks.1.up.weight"].shape == (gpt.HIDDEN, gpt.W)
    assert not np.array_equal(flat["blocks.0.qkv.weight"], flat["blocks.1.qkv.weight"])


def test_no_character_sees_those_after_it():
    layer = twin.layer()
    params = layer.init(random.key(0), x)
    other = x.copy()
    other[:, 5:] += 1
    one, two = (layer.apply(params, given) for given in (x, other))
    assert one.shape == (2, gpt.T, gpt.V)
    np.testing.assert_allclose(one[:, :5], two[:, :5], rtol=1e-4, atol=1e-5)
    assert not np.allclose(one[:, 5], two[:, 5])


def test_shorter_windows_are_taken():
    with no_grad():
        assert twin.module()(tensor(x[:, :3])).shape == (2, 3, gpt.V)


def test_windows_longer_than_the_position_table():
    longer = np.zeros((2, gpt.T + 1), np.int64)
    text = (
        rf"GPT: the windows have {gpt.T + 1} characters but the position table only {gpt.T} rows "
        rf"\(x: \(2, {gpt.T + 1}\)\); cut them, or make a larger table"
    )
    layer = twin.layer()
    with pytest.raises(ValueError, match=text):
        layer.apply(layer.init(random.key(0), x), longer)
    with pytest.raises(ValueError, match=text):
        twin.module()(tensor(longer))
