import numpy as np
import pytest

from wonderland import oop
from wonderland.compare.equivalence import train_side_by_side
from wonderland.compare.styles import on_arrays, styles_of_model, styles_of_twin
from wonderland.compare.twins import TWINS
from wonderland.compare.user_model import UserModel
from wonderland.functional import nn as fnn
from wonderland.oop import nn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3)).astype(np.float32)
Y = RNG.integers(0, 4, 8)


def cross_entropy(out, y):
    return nn.CrossEntropyLoss()(out, y)


def user_of(module, **parts):
    given = {"name": "Net", "path": "net.py", "x": X, "y": Y, "loss": cross_entropy}
    return UserModel(**{**given, "module": module, "learning_rate": 0.01, **parts})


def trained(user, steps=12):
    oop.manual_seed(3)
    styles = styles_of_model(user, "cpu")
    training = train_side_by_side(styles, [(user.x, user.y)] * steps, user.x, lambda: None)
    return styles, training


def holds(training):
    assert [f.difference for f in training.findings] == [""] * 4
    assert all(f.compared for f in training.findings)
    losses = list(training.losses.values())
    assert losses[0] == losses[1] and losses[0][-1] < losses[0][0]


def sequential(*middle):
    return nn.Sequential(nn.Linear(3, 6), *middle, nn.Linear(6, 4))


class Tied(nn.Module):
    """One weight used twice, and one layer frozen."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.out = nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 4)
        self.b.weight = self.a.weight
        self.frozen = nn.Linear(3, 3)
        self.frozen.requires_grad_(False)
        self.unused = nn.Linear(2, 2)

    def forward(self, x):
        return self.out(self.frozen(oop.tanh(self.b(oop.tanh(self.a(x))))))


MODELS = [
    (sequential(nn.Tanh()), False),
    (sequential(nn.BatchNorm1d(6), nn.ReLU()), False),
    (sequential(nn.Dropout(0.3), nn.GELU(), nn.Dropout(0.5)), True),
    (Tied(), False),
]


@pytest.mark.parametrize(("module", "draws"), MODELS)
def test_a_module_and_its_purified_self_are_the_same(module, draws):
    styles, training = trained(user_of(module, draws=draws))
    holds(training)
    assert [s.name for s in styles] == ["oop", "purified"]


def test_buffers_are_leaves_and_change():
    styles, _ = trained(user_of(sequential(nn.BatchNorm1d(6))))
    for style in styles:
        assert style.leaves()["1.num_batches_tracked"] == 14  # with the forward and gradient claims


def test_frozen_parameters_stay():
    module = Tied()
    before = module.frozen.weight.detach().numpy().copy()
    styles, _ = trained(user_of(module))
    for style in styles:
        np.testing.assert_array_equal(style.leaves()["frozen.weight"], before)
        assert not style.gradients(X, Y)["unused.weight"].any()
        assert "frozen.weight" not in style.gradients(X, Y)


def test_a_layer_is_a_third_style():
    layer = fnn.Sequential(fnn.Linear(6), fnn.Tanh(), fnn.Linear(4))
    styles, training = trained(user_of(sequential(nn.Tanh()), layer=layer))
    assert [s.name for s in styles] == ["oop", "functional", "purified"]
    holds(training)


def test_a_layer_that_computes_something_else_is_found():
    layer = fnn.Sequential(fnn.Linear(6), fnn.ReLU(), fnn.Linear(4))
    _, training = trained(user_of(sequential(nn.Tanh()), layer=layer))
    initial, forward, *_ = training.findings
    assert initial.holds
    assert forward.difference.startswith(
        "forward, leaf 'output': oop and functional differ in 32 of"
    )


def test_several_inputs_and_outputs():
    class Two(nn.Linear):
        def forward(self, x, factor):
            out = super().forward(x)
            return {"double": (out * factor,), "out": out}

    def loss(out, y):
        return cross_entropy(out["double"][0], y) + (out["out"] ** 2).mean()

    user = user_of(Two(3, 4), x=(X, np.float32(2)), loss=loss)
    styles, training = trained(user)
    holds(training)
    assert list(styles[0].outputs(user.x)) == ["output.double.0", "output.out"]


def test_a_loss_for_tensors_takes_arrays():
    loss = on_arrays(lambda out, y: (out - y).abs().sum())
    assert loss(np.float32([1, -2]), np.float32([0, 0])) == 3


def test_the_twins_draw_the_same_initial_values():
    twin = TWINS["mlp"]
    styles = styles_of_twin(twin, np.zeros((1, 64), np.float32), "cpu")
    tables = [style.leaves() for style in styles]
    assert tables[0].keys() == tables[1].keys() == tables[2].keys()
    assert all(t[n].tobytes() == x.tobytes() for t in tables[1:] for n, x in tables[0].items())
    assert tables[0]["first.weight"].std() > 0
