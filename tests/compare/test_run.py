import re
from pathlib import Path

import numpy as np
import pytest

from tests.standin import installed
from wonderland.compare import compiled, environment, run, timing
from wonderland.compare.cli import main
from wonderland.compare.equivalence import Finding, Training
from wonderland.compare.quality import ACCURACY
from wonderland.compare.run import Result, batches_of
from wonderland.compare.styles import Purified
from wonderland.compare.twins import TWINS

MODEL = """
import numpy as np
from wonderland.functional import nn as fnn
from wonderland.oop import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.body(x)


def example():
    rng = np.random.default_rng(0)
    return rng.normal(size=(16, 3)).astype(np.float32), rng.integers(0, 2, 16)
"""


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run `wonderland compare ...` in a folder of its own: (status, words of stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "TIMED_STEPS", 6)

    def running(*arguments):
        status = main(["compare", *arguments])
        out, err = capsys.readouterr()
        return status, " ".join(out.split()), err

    return running


def test_digits(command, tmp_path):
    status, out, err = command("--models", "mlp")
    assert (status, err) == (0, "")
    for claim in (
        "equal initial values: every parameter (12 arrays)",
        "equal forward: the output (2 arrays)",
        "equal gradients: the loss and every gradient (14 arrays)",
        "equal 200 training steps: the loss and every parameter (2,800 arrays)",
        "equal 20 steps compiled (numpy): loss, parameters, output (423 arrays)",
        "within 20 steps compiled (native): loss, parameters, output (423 arrays)",
        "to machine code, by the native executor",
        "The same program, bit for bit.",
    ):
        assert claim in out
    assert len(re.findall(r"(?:oop|functional|purified) compiled +\d+\.\d{3} ", out)) == 3
    assert "not compiled" not in out
    accuracies = re.findall(r"(?:oop|functional|purified) eager +(0\.\d{4}) ", out)
    assert len(accuracies) == 3 and len(set(accuracies)) == 1 and float(accuracies[0]) >= 0.95
    assert "200/200" in out
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "The same program, bit for bit." in page and "http" not in page
    assert "digits_mlp.py:" in page  # the graph leads back to the model


def test_without_machine_code(command, monkeypatch):
    monkeypatch.setattr(compiled, "native", lambda: None)
    status, out, _ = command("--models", "mlp", "--steps", "3")
    assert status == 0 and "not compiled" not in out and "(native)" not in out
    assert "equal 3 steps compiled (numpy): loss, parameters, output (66 arrays)" in out
    assert "captured once, and replayed by the numpy executor" in out
    assert len(re.findall(r"(?:oop|functional|purified) compiled +\d", out)) == 3


def plant(monkeypatch, step, leaf):
    """Let the purified style go wrong by one bit, once."""
    original, count = Purified.step, []

    def faulty(self, x, y):
        loss = original(self, x, y)
        count.append(1)
        if len(count) == step:
            wrong = self.params[leaf].copy()
            wrong.flat[-1] = np.nextafter(wrong.flat[-1], np.float32(np.inf))
            self.params = {**self.params, leaf: wrong}
        return loss

    monkeypatch.setattr(Purified, "step", faulty)


def test_a_planted_difference_is_found(command, monkeypatch, tmp_path):
    plant(monkeypatch, 7, "second.bias")
    status, out, err = command("--models", "mlp", "--steps", "20", "--out", "mine")
    assert (status, err) == (1, "")
    found = (
        r"step 7, leaf 'second.bias': oop and purified differ in 1 of 64 entries, first \[63\]: "
    )
    assert re.search(f"DIFFERS 20 training steps: the loss and every parameter {found}", out)
    assert "Not the same program." in out and "bit for bit" not in out
    page = (tmp_path / "mine" / "index.html").read_text("utf-8")
    assert "Not the same program" in page and "step 7, leaf &#x27;second.bias&#x27;" in page


def test_a_model_of_the_users(command, tmp_path):
    (tmp_path / "net.py").write_text(MODEL)
    status, out, err = command("net.py:Net", "--steps", "30")
    assert (status, err) == (0, "")
    assert "Net: training 2 styles side by side" in out
    assert "within 20 steps compiled (native): loss, parameters, output (202 arrays)" in out
    assert "30 steps on the one batch of example() in net.py" in out
    assert "accuracy" not in out


def test_a_model_of_the_users_that_cannot_be_compiled(command, tmp_path):
    branching = MODEL.replace("return self.body(x)", "return self.body(x if x.sum() > 0 else -x)")
    (tmp_path / "net.py").write_text(branching)
    status, out, err = command("net.py:Net", "--steps", "3")
    assert (status, err) == (0, "")
    for style in ("oop", "purified"):
        assert f"{style} is not compiled (numpy, native): TypeError: bool: under `" in out
    assert "steps compiled" not in out and "machine code" not in out and "purified eager" in out
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "as a graph" not in page and "machine code it differs" not in page


def test_a_model_of_the_users_in_both_styles(command, tmp_path):
    layer = """
def layer():
    body = fnn.Sequential(fnn.Linear(8), fnn.Tanh(), fnn.Linear(2))
    return fnn.Layer(
        lambda key, x: {"body": body.init(key, x)}, lambda params, x: body.apply(params["body"], x)
    )
"""
    (tmp_path / "net.py").write_text(MODEL + layer)
    status, out, _ = command("net.py:Net", "--steps", "5")
    assert status == 1
    assert "DIFFERS forward: the output forward, leaf 'output': oop and functional differ" in out
    (tmp_path / "net.py").write_text(MODEL + layer.replace("Tanh", "ReLU"))
    assert command("net.py:Net", "--steps", "5")[0] == 0


def test_on_a_device(command, tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text(MODEL)
    monkeypatch.setattr(timing, "device_peak", lambda style, batch: 1 << 20)  # not played
    monkeypatch.setattr(environment, "graphics", lambda: ("a stand-in", ""))
    with installed():
        for target in ("--models mlp", "net.py:Net"):
            status, out, err = command(*target.split(), "--device", "cuda", "--steps", "4")
            assert (status, err) == (0, "")
            assert "The same program, bit for bit." in out
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "a stand-in" in page and "the device memory that CuPy" in page


UNUSABLE = [
    (["none.py:Net"], "wonderland compare: there is no file 'none.py' in "),
    (["net.py:Other"], "wonderland compare: net.py does not define 'Other'; its models are: Net"),
    (["net.py"], "wonderland compare: 'net.py' names no model; write path/to/file.py:Model"),
    (["--models", "rnn"], "wonderland compare: there is no model 'rnn'; --models takes: mlp"),
    (["--steps", "0"], "wonderland compare: --steps is 0 but must be at least 1"),
    (["--device", "gpu"], "wonderland compare: --device is 'gpu' but must be cpu or cuda"),
]


@pytest.mark.parametrize(("arguments", "text"), UNUSABLE)
def test_bad_input_is_one_line_and_status_2(command, tmp_path, arguments, text):
    (tmp_path / "net.py").write_text(MODEL)
    status, out, err = command(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(text) and err.count("\n") == 1
    assert not (tmp_path / "report").exists()


def test_batches_are_whole_epochs_without_repetition():
    data = TWINS["mlp"].data()
    batches = batches_of(data, 128, 25)
    assert [len(x) for x, _ in batches] == [128] * 25
    for epoch in (batches[:10], batches[10:20]):
        assert len(np.unique(np.concatenate([x for x, _ in epoch]), axis=0)) == 1280
    assert not np.array_equal(batches[0][0], batches[10][0])


def test_a_model_that_is_not_good_enough_does_not_hold():
    training = Training([Finding("all")], {}, {"oop": 0.9, "purified": 0.9})
    found = Result("mlp", "", training, [], ACCURACY, 0.95)
    assert found.quality_problem == "the test accuracy is 0.9000, below the goal of 0.95"
    assert not found.holds
    found.goal = 0.9
    assert found.holds
    training.findings[0].difference = "step 3"
    assert not found.holds


def test_characters(command, tmp_path):
    status, out, err = command("--models", "gpt", "--steps", "10")
    assert (status, err) == (0, "")
    assert "equal 10 training steps: the loss and every parameter (620 arrays)" in out
    losses = re.findall(r"(?:oop|functional|purified) eager (\d\.\d{4}) ", out)
    assert len(losses) == 3 and len(set(losses)) == 1
    assert "windows; 128 others to test" in out and "To beat" not in out
    assert "within 10 steps compiled (native)" in out and "not compiled" not in out
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "Loss on text it has not seen" in page


def test_several_models(command, tmp_path):
    status, out, _ = command("--models", "mlp,gpt", "--steps", "2", "--out", "both")
    assert status == 0
    assert out.index("a multilayer perceptron") < out.index("gpt: a transformer on the char")
    page = (tmp_path / "both" / "index.html").read_text("utf-8")
    assert page.count("Is it the same program?") == 2


def test_the_example_of_the_documentation(command, tmp_path):
    page = (Path(__file__).resolve().parents[2] / "docs" / "compare.md").read_text("utf-8")
    (tmp_path / "net.py").write_text(re.search("```python\n(.*?)```", page, re.DOTALL).group(1))
    status, out, err = command("net.py:Net", "--steps", "20")
    assert (status, err) == (0, "")
    assert "training 3 styles side by side" in out and "learning rate 0.01, 20 steps" in out
