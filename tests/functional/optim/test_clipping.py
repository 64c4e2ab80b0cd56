import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import optim


def test_updates_are_scaled_to_the_norm():
    clip = optim.clip_by_global_norm(1.0)
    g = {"a": np.array([3.0]), "b": np.array([4.0], np.float32)}
    updates, state = clip.update(g, clip.init(g))
    assert optim.global_norm(g) == 5.0
    np.testing.assert_allclose(optim.global_norm(updates), 1.0, rtol=1e-6)
    assert updates["b"].dtype == np.float32
    assert state == ()


def test_small_updates_stay():
    clip = optim.clip_by_global_norm(10.0)
    assert clip.update({"a": np.array([3.0])}, ())[0]["a"].tolist() == [3.0]
    assert clip.update({"a": np.zeros(2)}, ())[0]["a"].tolist() == [0, 0]
    assert clip.update({}, ())[0] == {}


def test_under_vmap_every_element_has_its_norm():
    clip = optim.clip_by_global_norm(1.0)
    found = wf.vmap(lambda g: clip.update(g, ())[0])(np.array([[3.0, 4.0], [0.3, 0.4]]))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0.3, 0.4]], rtol=1e-6)


def test_entries_are_clipped():
    found, _ = optim.clip(1.0).update({"a": np.array([-3.0, 0.5], np.float32)}, ())
    assert found["a"].tolist() == [-1.0, 0.5] and found["a"].dtype == np.float32
    with pytest.raises(ValueError, match="clip: max_delta is -1 but must not be negative"):
        optim.clip(-1)
