from types import SimpleNamespace

from wonderland.compare.equivalence import Finding, Training
from wonderland.compare.quality import ACCURACY, HELD_OUT_LOSS
from wonderland.compare.terminal import progress, show
from wonderland.compare.timing import Timing


def result(difference="", problem="", qualities=(("oop", 0.97), ("purified", 0.97))):
    findings = [Finding("forward: the output", "", 2), Finding("3 steps", difference, 1800)]
    timings = [
        Timing("oop", [1.0, 2.0, 3.0], 1 << 20),
        Timing("purified", [2.0, 4.0, 9.0], 1 << 19),
    ]
    return SimpleNamespace(
        title="[mlp] by hand", training_text="Adam, " * 20, quality_problem=problem,
        quality=ACCURACY, goal=None,
        training=Training(findings, {}, dict(qualities)), timings=timings,
        holds=not difference and not problem,
    )  # fmt: skip


def shown(capsys, *results, path="report/index.html"):
    show(results, path)
    out = capsys.readouterr().out
    assert "\x1b" not in out  # no colours where there is no terminal
    assert max(map(len, out.splitlines())) <= 80
    return " ".join(out.split())


def test_what_is_shown(capsys):
    text = shown(capsys, result())
    for part in (
        "[mlp] by hand", "equal forward: the output (2 arrays)", "equal 3 steps (1,800 arrays)",
        "purified eager 0.9700 4.000 3.000 - 6.500 2.000 0.50", "The same program, bit for bit.",
        "Report: report/index.html",
    ):  # fmt: skip
        assert part in text, part


def test_a_difference(capsys):
    difference = (
        "step 7, leaf 'w[0]': oop and purified differ in 1 of 2 entries, first [0]: 1 and 2"
    )
    text = shown(capsys, result(difference))
    assert f"DIFFERS 3 steps {difference}" in text
    assert "Not the same program." in text and "bit for bit" not in text


def test_an_accuracy_too_low(capsys):
    text = shown(capsys, result(problem="the test accuracy is 0.9"))
    assert "the test accuracy is 0.9 Not good enough." in text


def test_a_model_without_a_test_set(capsys):
    assert "accuracy" not in shown(capsys, result(qualities=()))


def test_a_loss_to_beat(capsys):
    found = result(qualities=[("oop", 2.5), ("purified", 2.5)])
    found.quality, found.goal = HELD_OUT_LOSS, 3.25
    text = shown(capsys, found)
    assert "held-out" in text and "oop eager 2.5000" in text and "To beat: 3.2500, the" in text


def test_progress(capsys):
    with progress() as start:
        tick = start("training", 3)
        for _ in range(3):
            tick()
    assert "training" in (out := capsys.readouterr().out) and "3/3" in out
