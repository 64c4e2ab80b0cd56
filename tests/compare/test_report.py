import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from wonderland.compare.equivalence import Finding, Training
from wonderland.compare.quality import ACCURACY, HELD_OUT_LOSS
from wonderland.compare.report import write_report
from wonderland.compare.timing import Timing

CURVE = [2.0, 1.0, 0.5]


def result(difference="", problem="", qualities=(("oop", 0.97), ("purified", 0.97))):
    findings = [Finding("forward: the output", "", 2), Finding("3 steps", difference, 1800)]
    training = Training(findings, {"oop": CURVE, "purified": CURVE}, dict(qualities))
    timings = [
        Timing("oop", [1.0, 2.0, 3.0], 1 << 20),
        Timing("purified", [2.0, 4.0, 9.0], 1 << 19),
    ]
    return SimpleNamespace(
        title="mlp <by hand>", training_text="Adam & 3 steps.", training=training,
        timings=timings, goal=0.95, quality=ACCURACY, quality_problem=problem,
        holds=not difference and not problem,
    )  # fmt: skip


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
        "<td>1.00</td>", "<td>eager</td>",
        "as tracemalloc counts them", "3.x &lt;b&gt;", "2026-01-01",
    ):  # fmt: skip
        assert text in page, text
    assert not re.search(r"\$\w", page)


def test_a_difference_comes_first(tmp_path):
    page = page_of(tmp_path, result("step 7, leaf 'w': oop and purified differ"))
    assert "The same program" not in page
    assert "<strong>Not the same program.</strong> step 7, leaf &#x27;w&#x27;: oop and" in page
    assert "DIFFERS: step 7" in page


def test_an_accuracy_below_the_goal(tmp_path):
    page = page_of(tmp_path, result(), result(problem="the test accuracy is 0.9, too low"))
    assert "<strong>Not good enough.</strong> the test accuracy is 0.9, too low." in page


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
