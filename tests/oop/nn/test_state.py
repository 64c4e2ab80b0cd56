import numpy as np
import pytest

from wonderland.oop import nn
from wonderland.oop.tensor import Tensor


def model():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU())


NAMES = [
    "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
    "1.num_batches_tracked",
]  # fmt: skip


def test_state_dict_holds_parameters_and_persistent_buffers():
    m = model()
    m.register_buffer("cache", Tensor([1.0]), persistent=False)
    m.register_buffer("nothing", None)
    state = m.state_dict()
    assert list(state) == NAMES
    assert not any(t.requires_grad for t in state.values())
    assert next(iter(m.state_dict(prefix="m."))) == "m.0.weight"
    assert m.state_dict(keep_vars=True)["0.weight"] is m[0].weight


def test_a_state_dict_shares_memory():
    m = model()
    state = m.state_dict()
    nn.init.ones_(m[0].weight)
    assert np.all(state["0.weight"].numpy() == 1)


def test_a_tied_parameter_is_there_under_each_name():
    m = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    m[1].weight = m[0].weight
    assert "0.weight" in m.state_dict() and "1.weight" in m.state_dict()


def test_the_round_trip_copies_in_place():
    a, b = model(), model()
    a(Tensor(np.ones((4, 2), np.float32)))
    before = dict(b.named_parameters())
    result = b.load_state_dict(a.state_dict())
    assert result == ([], []) and repr(result) == "<All keys matched successfully>"
    assert all(p is before[name] for name, p in b.named_parameters())
    for name, t in b.state_dict().items():
        assert t.numpy().tobytes() == a.state_dict()[name].numpy().tobytes()
        assert not np.shares_memory(t.numpy(), a.state_dict()[name].numpy())


def test_arrays_and_lists_are_loaded_too():
    m = nn.Linear(1, 2)
    m.load_state_dict({"weight": np.array([[1.0], [2.0]]), "bias": [3, 4]})
    assert m.weight.dtype == np.float32 and m.bias.detach().numpy().tolist() == [3.0, 4.0]


def test_one_error_lists_all_that_does_not_fit_and_nothing_has_changed():
    m = model()
    before = {name: t.numpy().copy() for name, t in m.state_dict().items()}
    wrong = {name: t for name, t in m.state_dict().items() if name != "1.bias"}
    wrong |= {"0.weight": np.zeros((2, 3)), "0.bais": np.zeros(3), "0.bias": np.zeros(3)}
    wrong["1.weight"] = "one"
    wrong["1.running_mean"] = np.zeros(3, complex)
    with pytest.raises(ValueError) as caught:
        m.load_state_dict(wrong)
    text = str(caught.value)
    assert text.startswith(
        "load_state_dict: the values do not fit Sequential: missing '1.bias' (3,)"
    )
    assert "unexpected '0.bais'" in text
    assert "'0.weight' has shape (2, 3), not (3, 2)" in text
    assert "'1.weight' is str, not an array" in text
    assert "'1.running_mean' is complex128, which does not fit float32" in text
    for name, t in m.state_dict().items():
        assert np.array_equal(t.numpy(), before[name])


def test_strict_false_returns_the_names():
    m = nn.Linear(1, 1)
    result = m.load_state_dict({"bias": [7.0], "other": [1.0]}, strict=False)
    assert result.missing_keys == ["weight"] and result.unexpected_keys == ["other"]
    assert m.bias.item() == 7.0
    assert repr(result) == "IncompatibleKeys(missing_keys=['weight'], unexpected_keys=['other'])"
    with pytest.raises(ValueError, match=r"'bias' has shape \(2,\), not \(1,\)"):
        m.load_state_dict({"bias": [1.0, 2.0]}, strict=False)


def test_a_state_must_be_a_dict():
    with pytest.raises(TypeError, match="load_state_dict: a dict of names and tensors is needed"):
        model().load_state_dict([1.0])


def test_loading_counts_as_a_change_in_place():
    m = nn.Linear(2, 1)
    loss = m(Tensor(np.ones((1, 2), np.float32), requires_grad=True)).sum()
    m.load_state_dict({"weight": [[1.0, 1.0]], "bias": [0.0]})
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()
