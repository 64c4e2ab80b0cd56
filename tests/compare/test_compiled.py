import numpy as np
import pytest

from tests.compare.test_styles import MODELS, X, Y, sequential, user_of
from wonderland import oop
from wonderland.compare import compiled
from wonderland.compare.compiled import Closeness, compile_styles, distance
from wonderland.compare.styles import Purified, styles_of_model, styles_of_twin
from wonderland.compare.twins import TWINS
from wonderland.oop import nn

EPS = float(np.finfo(np.float32).eps)


def found_of(module, draws=False, steps=6, ticks=None):
    oop.manual_seed(3)
    user = user_of(module, draws=draws)
    tick = (lambda: None) if ticks is None else lambda: ticks.append(1)
    return compile_styles(lambda: styles_of_model(user, "cpu"), [(X, Y)] * steps, 0.01, "cpu", tick)


@pytest.mark.parametrize(
    ("module", "draws"), [*MODELS, (sequential(nn.Dropout(0.3), nn.BatchNorm1d(6)), True)]
)
def test_every_model_is_the_same_compiled(module, draws):
    found = found_of(module, draws)
    assert found.failures == {} and [f.difference for f in found.findings] == ["", ""]
    assert [f.word for f in found.findings] == ["equal", "within"]
    assert [s.name for s in found.styles] == ["oop", "purified"] and found.executor == "native"
    assert found.starts.keys() == {"oop", "purified"} and min(found.starts.values()) > 0
    assert found.graph[0] == "purified" and found.graph[2].startswith("<svg ")
    assert {style.mode for style in found.styles} == {"compiled"}


@pytest.mark.parametrize("name", ["mlp", "cnn", "gpt"])
def test_every_twin_is_the_same_compiled(name):
    twin = TWINS[name]
    data = twin.data()
    batches = [(data.train_x[i : i + 4], data.train_y[i : i + 4]) for i in (0, 4)]
    found = compile_styles(
        lambda: styles_of_twin(twin, batches[0][0], "cpu"), batches, 0.005, "cpu", lambda: None
    )
    assert found.failures == {} and all(f.holds and f.compared for f in found.findings)
    assert [s.name for s in found.styles] == ["oop", "functional", "purified"]
    assert found.graph[0] == "functional"


def test_no_more_steps_than_are_checked():
    ticks = []
    found = found_of(sequential(), steps=40, ticks=ticks)
    assert len(ticks) == compiled.CHECKED_STEPS
    assert found.findings[0].claim.startswith("20 steps compiled (numpy): ")


def test_a_compiled_step_that_goes_wrong_is_found(monkeypatch):
    original = Purified.train_step

    def faulty(self, params, optimizer_state, state, x, y, key):
        loss, values = original(self, params, optimizer_state, state, x, y, key)
        return loss * np.float32(1 + 300 * EPS), values

    monkeypatch.setattr(Purified, "train_step", faulty)
    exact, close = found_of(sequential()).findings
    for finding, words in ((exact, "differ in 1 of 1"), (close, "differ by ")):
        assert finding.word == "DIFFERS"
        assert finding.difference.startswith(
            f"step 1, leaf 'loss': eager oop and compiled purified {words}"
        )


def test_what_cannot_be_compiled_is_told():
    class Branching(nn.Linear):
        def forward(self, x):
            return super().forward(x if x.sum() > 0 else -x)

    found = found_of(Branching(3, 4))
    assert found.styles == found.findings == [] and found.graph == ()
    names = {(s, e) for s in ("oop", "purified") for e in ("numpy", "native")}
    assert found.failures.keys() == names
    assert len(found.problems) == 2
    assert found.problems[0].startswith("oop is not compiled (numpy, native): TypeError: bool: ")
    assert all("bool" in text and "\n" not in text for text in found.failures.values())


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [("loss", 255 * EPS, 260 * EPS), ("output", 1000 * EPS, 1030 * EPS), ("parameters", 0.1, 0.3)],
)
def test_limits(kind, inside, outside):
    x = np.float32([1, 0.5])
    for apart, problem in ((inside, False), (outside, True)):
        finding = Closeness("claim", walk=0.2)
        near = x + np.float32([apart, 0])
        finding.check("step 1", {"a": x}, {"a": near}, ("one", "two"), kind)
        assert finding.holds != problem
        np.testing.assert_allclose(finding.seen[kind], apart, rtol=0.01)
    assert "step 1, leaf 'a': one and two differ by" in finding.detail


def test_integers_and_shapes_are_held_to_equality():
    for other in (np.array([3]), np.array([2, 2]), np.array([2.0])):
        finding = Closeness("claim", walk=9.0)
        finding.check("step 1", {"n": np.array([2])}, {"n": other}, ("one", "two"), "parameters")
        assert not finding.holds


def test_distance():
    x = np.float32([1, np.inf, np.nan])
    assert distance(x, x) == 0
    assert distance(x, np.float32([1.5, np.inf, np.nan])) == 0.5
    assert distance(x, np.float32([1, 1, np.nan])) == np.inf
    assert distance(x, np.float32([1, np.inf, 2])) == np.inf
    assert distance(np.zeros(0), np.zeros(0)) == 0
