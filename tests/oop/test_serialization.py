import io

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop


def test_a_round_trip(tmp_path):
    state = {
        "layer.weight": oop.tensor([[1.0, 2.0]], requires_grad=True),
        "nested": {0: [oop.ones(2, dtype=oop.int64), np.zeros(3)], "t": (1, 2.5, None, "x", True)},
        "z": 1 + 2j,
        "scalar": np.float64(3),
        "nan": float("nan"),
    }
    path = tmp_path / "model.npz"
    oop.save(state, path)
    back = oop.load(path)
    assert list(back) == list(state)
    weight = back["layer.weight"]
    assert isinstance(weight, oop.Tensor) and weight.requires_grad
    assert (weight.tolist(), weight.dtype) == ([[1, 2]], np.float32)
    assert back["nested"][0][0].dtype == np.int64
    assert isinstance(back["nested"][0][1], np.ndarray)
    assert back["nested"]["t"] == (1, 2.5, None, "x", True)
    assert back["z"] == 1 + 2j
    assert np.isnan(back["nan"])
    with np.load(path, allow_pickle=False) as file:
        assert file["layer.weight"].tolist() == [[1, 2]]
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]


def test_files_and_names_that_collide():
    file = io.BytesIO()
    oop.save([oop.ones(1), {"a.b": oop.ones(1), "a": {"b": oop.zeros(1)}}], file)
    file.seek(0)
    back = oop.load(file, map_location="cpu")
    assert back[1]["a.b"].tolist() == [1]
    assert back[1]["a"]["b"].tolist() == [0]
    file = io.BytesIO()
    oop.save(oop.ones(2), file)
    file.seek(0)
    assert oop.load(file).tolist() == [1, 1]


def test_refusals(tmp_path):
    path = tmp_path / "x.npz"
    with pytest.raises(TypeError, match=r"save: model\.0 is a set; Tensors, arrays, .* state_dict"):
        oop.save({"model": [{1, 2}]}, path)
    with pytest.raises(TypeError, match=r"save: the dict has a key of type tuple"):
        oop.save({(1, 2): 3}, path)
    with pytest.raises(TypeError, match="save: x holds a traced value"):
        wf.grad(lambda x: oop.save({"x": oop.Tensor(x)}, path))(1.0)
    assert list(tmp_path.iterdir()) == []
    np.savez(path, a=np.ones(2))
    with pytest.raises(ValueError, match=r"x\.npz was not written by oop\.save"):
        oop.load(path)
    np.save(tmp_path / "y.npy", np.array([{}], object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        oop.load(tmp_path / "y.npy")
