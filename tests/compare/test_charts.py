import re
from xml.etree import ElementTree

import pytest

from wonderland.compare.charts import COLOURS, loss_chart, round_numbers, timing_chart
from wonderland.compare.timing import Timing

LOSSES = {"oop": [2.0, 0.5, 0.1], "functional": [2.0, 0.5, 0.1], "purified": [2.0, 0.5, 0.1]}


def lines(chart, colour):
    """The stroke widths of the paths of a colour."""
    styles = re.findall(rf'<path [^>]*style="([^"]*stroke: {colour}[^"]*)"', chart)
    return [float(re.search(r"stroke-width: ([\d.]+)", style).group(1)) for style in styles]


def shapes(chart):
    return re.findall(r"<svg.*?</svg>", chart, flags=re.DOTALL)


def test_equal_curves_are_each_seen():
    for chart in shapes(loss_chart("mlp", LOSSES)):
        widths = [max(lines(chart, colour)) for colour in COLOURS.values()]
        assert widths == sorted(widths, reverse=True) and len(set(widths)) == 3
        places = [chart.index(f"stroke: {colour}") for colour in COLOURS.values()]
        assert places == sorted(places)  # the thinnest is painted last


@pytest.mark.parametrize("curve", [[1.0, 0.5, 0.25], [-1.0, 2.0], [0.0], [1.0] * 3, [1e-9, 1e5]])
def test_any_losses_can_be_drawn(curve):
    for chart in shapes(loss_chart("mine", {"oop": curve, "purified": curve})):
        ElementTree.fromstring(chart.replace("xlink:", ""))


def test_charts_stand_in_a_page_by_themselves():
    page = loss_chart("a", LOSSES) + timing_chart("a", [Timing("oop", [1.0, 2.0], 0)])
    assert len(shapes(page)) == 4
    assert "http" not in page and "<metadata" not in page and "<?xml" not in page
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids)) > 10
    assert {name for name in re.findall(r'(?:href="#|url\(#)([^")]*)', page)} <= set(ids)


def test_text_stays_text():
    chart = timing_chart("a", [Timing("oop", [1.0, 2.0], 0), Timing("mine", [3.0], 0)])
    for text in ("oop", "mine", "1.50", "3.00", "milliseconds per step"):
        assert re.search(rf"<text[^>]*>\s*{re.escape(text)}</text>", chart), text


def test_round_numbers():
    assert round_numbers(0.03, 2.3) == [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
    assert round_numbers(1e-4, 10) == [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0]
