import re
from html.parser import HTMLParser

import numpy as np
import pytest

from wonderland.compare.compiled import Compilation
from wonderland.compare.equivalence import Finding, Training
from wonderland.compare.quality import ACCURACY, HELD_OUT_LOSS
from wonderland.compare.report import write_report
from wonderland.compare.run import Result
from wonderland.compare.timing import Timing
from wonderland.functional import make_graph

CURVE = [2.0, 1.0, 0.5]


def result(difference="", problem="", qualities=(("oop", 0.97), ("purified", 0.97))):
    training = Training([Finding("forward: the output", "", 2)], {"oop": CURVE, "purified": CURVE})
    training.findings.append(Finding("3 steps", difference, 1800))
    training.qualities = dict(qualities)
    timings = [
        Timing("oop", [1.0, 2.0, 3.0], 1 << 20),
        Timing("oop", [0.5, 0.5, 0.5], 0, "compiled", 1.25),
        Timing("purified", [2.0, 4.0, 9.0], 1 << 19),
    ]
    graph = make_graph(lambda x: (x * 2).sum())(np.ones(3))
    compilation = Compilation(
        "native", findings=[Finding("3 steps compiled", "", 12)],
        failures={("purified", "native"): "TypeError: <branch>"},
        graph=("purified", 2, graph.draw()),
    )  # fmt: skip
    found = Result("mlp <by hand>", "Adam & 3 steps.", training, timings, ACCURACY, 0.95)
    found.compilation = compilation
    if problem:
        training.qualities = dict.fromkeys(training.qualities, 0.9)
    return found


def page_of(tmp_path, *results):
    path = write_report(tmp_path, results, {"Python": "3.x <b>"}, "2026-01-01", "cpu")
    assert path == tmp_path / "index.html"
    return path.read_text("utf-8")


class Outside(HTMLParser):
    """Collects every tag and attribute that reaches out of the file."""

    def __init__(self):
        super().__init__()
        self.found, self.open = [], []

    def handle_starttag(self, tag, attributes):
        if tag in ("link", "script", "iframe", "img", "object", "embed", "base", "image"):
            self.found.append(tag)
        for name, value in attributes:
            inside = (value or "").startswith("#")
            if name.split(":")[-1] in ("src", "href", "srcset", "data", "action") and not inside:
                self.found.append((tag, name, value))
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def outside(page):
    reader = Outside()
    reader.feed(page)
    assert reader.open == []
    found = reader.found + re.findall(r"@import|https?:|url\((?!#)|src=", page)
    return [*found, *re.findall(r"file:|//\w", page)]


def test_the_page_needs_nothing_else(tmp_path):
    assert outside(page_of(tmp_path, result(), result())) == []


@pytest.mark.parametrize(
    "fault",
    [
        '<link href="x.css">', '<img src="x.png">', "<style>@import 'x'</style>",
        "<p style='background: url(x.png)'></p>", '<a href="https://x.org"></a>',
    ],
)  # fmt: skip
def test_a_planted_reference_is_found(fault):
    reader = fault.replace("<link", "<p><link")
    with pytest.raises(AssertionError):
        assert outside(reader) == []


def test_what_it_says(tmp_path):
    page = page_of(tmp_path, result())
    for text in (
        "The same program, bit for bit.", "mlp &lt;by hand&gt;", "Adam &amp; 3 steps.", "97.00%",
        "1,800", "The goal is at least 95%.", "Two curves, equal to the last bit",
        "oop is the widest, purified inside it", "<td>2.000</td>", "<td>1.500 to 2.500</td>",
        "<td>1.00</td>", "<td>eager</td>", "<td>compiled</td>", "<td>0.25</td>", "<td>1.25</td>",
        "<td>3 steps compiled</td>", "to machine code, by the native executor", "to oop, eager.",
        "as machine code it differs by rounding alone", ">float64[3]</text>",
        "purified is not compiled (native): TypeError: &lt;branch&gt;",
        "as tracemalloc counts them", "3.x &lt;b&gt;", "2026-01-01",
    ):  # fmt: skip
        assert text in page, text
    assert not re.search(r"\$\w", page)


def test_without_machine_code(tmp_path):
    found = result()
    found.compilation.executor, found.compilation.graph = "numpy", ()
    page = page_of(tmp_path, found)
    assert "replayed by the numpy executor, since the native one does not run here" in page
    assert "at every step, also compiled." in page and "machine code it" not in page
    assert "as a graph" not in page


def test_the_rules_of_the_picture_hold_for_it_alone(tmp_path):
    page = page_of(tmp_path, result(), result())
    sheets = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(sheets) == 3
    assert all(sheet.startswith(".graph svg {") and sheet.endswith("}") for sheet in sheets[1:])


def test_a_compiled_step_that_differs_comes_first(tmp_path):
    found = result()
    found.compilation.findings[0].difference = "step 2, leaf 'w': eager oop and compiled oop differ"
    page = page_of(tmp_path, found)
    assert "<strong>Not the same program.</strong> step 2, leaf &#x27;w&#x27;: eager oop" in page


def test_a_difference_comes_first(tmp_path):
    page = page_of(tmp_path, result("step 7, leaf 'w': oop and purified differ"))
    assert "The same program" not in page
    assert "<strong>Not the same program.</strong> step 7, leaf &#x27;w&#x27;: oop and" in page
    assert "DIFFERS: step 7" in page


def test_an_accuracy_below_the_goal(tmp_path):
    page = page_of(tmp_path, result(), result(problem="too low"))
    assert "<strong>Not good enough.</strong> the test accuracy is 0.9000, below the goal" in page


def test_a_loss_to_beat(tmp_path):
    found = result(qualities=[("oop", 2.5), ("purified", 2.5)])
    found.quality, found.goal = HELD_OUT_LOSS, 3.25
    page = page_of(tmp_path, found)
    for text in ("Loss on text it has not seen", "<td>2.5000</td>", "To beat: 3.2500, the loss of"):
        assert text in page, text


def test_curves_that_differ_are_not_called_equal(tmp_path):
    found = result("step 2")
    found.training.losses["purified"] = [2.0, 1.0, 0.6]
    assert "The curves differ." in page_of(tmp_path, found)
