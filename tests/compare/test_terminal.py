from wonderland.compare.compiled import Closeness, Compilation
from wonderland.compare.equivalence import Finding, Training
from wonderland.compare.quality import ACCURACY, HELD_OUT_LOSS
from wonderland.compare.run import Result
from wonderland.compare.terminal import progress, show
from wonderland.compare.timing import Timing


def result(difference="", qualities=(("oop", 0.97), ("purified", 0.97)), goal=None):
    findings = [Finding("forward: the output", "", 2), Finding("3 steps", difference, 1800)]
    timings = [
        Timing("oop", [1.0, 2.0, 3.0], 1 << 20),
        Timing("oop", [0.5, 0.5, 0.5], 0, "compiled", 1.25),
        Timing("purified", [2.0, 4.0, 9.0], 1 << 19),
    ]
    close = Closeness("3 steps compiled (native)", "", 12)
    close.seen, close.bounds = {"loss": 1e-7, "output": 2e-7}, {"loss": 3e-5, "output": 1e-4}
    compilation = Compilation(
        "native", findings=[close], failures={("purified", "native"): "TypeError: [branch]"}
    )
    training = Training(findings, {}, dict(qualities))
    text = "Adam, " * 20
    return Result("[mlp] by hand", text, training, timings, ACCURACY, goal, compilation=compilation)


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
        "within 3 steps compiled (native) (12 arrays) loss 1e-07 (limit 3e-05), output 2e-07",
        "purified eager 0.9700 4.000 2.00 3.00 - 6.50 0.50", "oop compiled 0.500 0.25 0.50 - 0.50",
        "purified is not compiled (native): TypeError: [branch]",
        "to machine code, by the native executor", "The same program, bit for bit.",
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
    text = shown(capsys, result(qualities=[("oop", 0.9)], goal=0.95))
    assert "the test accuracy is 0.9000, below the goal of 0.95 Not good enough." in text


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
