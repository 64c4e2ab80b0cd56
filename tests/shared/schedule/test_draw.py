"""The picture of a graph: well formed, complete, escaped, with nothing from outside."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.schedule import executors
from wonderland.shared.schedule.capture import capture

SVG = "{http://www.w3.org/2000/svg}"
W = np.ones((3, 2), np.float32)
X = np.ones((4, 3), np.float32)


def loss(w, x):
    h = np.tanh(x @ w)
    return np.sum(wf.nn.softmax(h, axis=1) * h)


def training():
    return wf.make_graph(wf.value_and_grad(loss))(W, X)


@pytest.fixture(params=["native", "equations"])
def drawing(request, monkeypatch):
    """With and without an installed llvmlite."""
    if request.param == "equations":
        monkeypatch.setattr("wonderland.shared.schedule.picture.boxes.native", lambda: None)
    elif executors.native() is None:
        pytest.skip("llvmlite is not installed")
    return request.param


def boxes_of(text):
    root = ElementTree.fromstring(text)
    found = [g for g in root.iter(f"{SVG}g") if g.get("class", "").startswith("box ")]
    return root, found


def test_svg_has_every_step_with_its_line(drawing):
    _, boxes = boxes_of(training().draw())
    kinds = [b.get("class").split()[1] for b in boxes]
    assert kinds.count("input") == 2
    assert kinds.count("output") == 2
    assert ("fused" in kinds) == ("product" in kinds) == (drawing == "native")
    tips = [b.find(f"{SVG}title").text for b in boxes]
    line = f"test_draw.py:{loss.__code__.co_firstlineno + 1}"
    assert any("tanh(" in tip and f"# {line}" in tip for tip in tips)
    assert any("float32[4,2]" in tip for tip in tips)
    assert any(f"# backward of {line}" in tip for tip in tips)


def test_edges_lead_from_box_to_box(drawing):
    root, boxes = boxes_of(training().draw())
    numbers = {b.get("data-box") for b in boxes}
    edges = [p for p in root.iter(f"{SVG}path") if p.get("data-from")]
    assert len(edges) >= len(boxes) - 1
    for e in edges:
        assert {e.get("data-from"), e.get("data-to")} <= numbers
        assert int(e.get("data-from")) < int(e.get("data-to"))


def test_boxes_do_not_overlap(drawing):
    _, boxes = boxes_of(training().draw())
    places = []
    for b in boxes:
        x, y = map(float, re.findall(r"[-\d.]+", b.get("transform")))
        rect = b.find(f"{SVG}rect")
        places.append((x, y, x + float(rect.get("width")), y + float(rect.get("height"))))
    for i, (x0, y0, x1, y1) in enumerate(places):
        for u0, v0, u1, v1 in places[:i]:
            assert x1 <= u0 or u1 <= x0 or y1 <= v0 or v1 <= y0


def test_the_memory_plan_is_below():
    if executors.native() is None:
        pytest.skip("llvmlite is not installed")
    root, _ = boxes_of(training().draw())
    buffers = [r for r in root.iter(f"{SVG}rect") if r.get("class") == "buffer"]
    assert buffers
    assert all("steps" in r.find(f"{SVG}title").text for r in buffers)
    caption = next(t.text for t in root.iter(f"{SVG}text") if t.get("class") == "caption")
    assert re.match(rf"memory: {len(buffers)} buffers of .* in an arena of ", caption)


def test_a_page_needs_nothing_else(tmp_path, drawing):
    path = tmp_path / "graph.html"
    text = training().draw(path)
    assert path.read_text(encoding="utf-8") == text
    assert text.startswith("<!doctype html>")
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "$" not in re.sub(r"\$\{", "", text)
    assert not re.search(r"\b(WIDTH|HEIGHT|START)\b", text)
    assert ("fused kernel" in text) == (drawing == "native")


def test_svg_is_written_where_one_asks(tmp_path):
    path = tmp_path / "graph.svg"
    assert training().draw(str(path)) == path.read_text(encoding="utf-8")


def test_another_ending_is_refused(tmp_path):
    text = r"draw: the path ends in \.svg or \.html, but it is '.*graph\.png'"
    with pytest.raises(ValueError, match=text):
        training().draw(tmp_path / "graph.png")
    assert not list(tmp_path.iterdir())


def test_names_from_the_program_are_escaped(tmp_path, drawing):
    graph, _ = capture(lambda x: [np.sin(x)], [X], '<script>alert("a & b")</script>')
    for e in graph.equations:
        e.line = "<img src=x>.py:1"
    page = graph.draw(tmp_path / "graph.html")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(&quot;a &amp; b&quot;)" in page
    ElementTree.fromstring(graph.draw())


def test_loops_are_boxes_of_their_own(drawing):
    graph = wf.make_graph(lambda x: wf.lax.scan(lambda c, x: (np.sin(c) + x, None), x[0], x))(X)
    _, boxes = boxes_of(graph.draw())
    control = [b for b in boxes if "control" in b.get("class")]
    assert [b.find(f"{SVG}text").text for b in control] == ["scan"]
    tip = control[0].find(f"{SVG}title").text.split("\n")
    assert any(
        re.match(r"   \w: float32\[3\] = sin\(\w\) # test_draw\.py:\d+$", line) for line in tip
    )


def test_long_loops_are_cut(drawing):
    def step(c, x):
        for _ in range(80):
            c = np.sin(c)
        return c, None

    graph = wf.make_graph(lambda x: wf.lax.scan(step, x[0], x)[0])(X)
    (tip,) = [
        b.find(f"{SVG}title").text for b in boxes_of(graph.draw())[1] if "= scan" in b[0].text
    ]
    assert tip.count("= sin(") < 80 and re.search(r"\n  \.\.\. and \d+ lines more$", tip)


def test_a_legend_names_the_kinds_that_occur(drawing):
    root, boxes = boxes_of(training().draw())
    kinds = {b.get("class").split()[1] for b in boxes}
    keys = {g.get("class").split()[2] for g in root.iter(f"{SVG}g") if "key" in g.get("class", "")}
    assert keys == kinds
    texts = [t.text for t in root.iter(f"{SVG}text") if t.get("class") in ("title", "legend")]
    assert texts[0] == "loss" and {"argument", "result", "↩ backward pass"} <= {*texts}
    width = float(root.get("width"))
    assert all(float(t.get("x", 0)) + 7 * len(t.text) < width for t in root.iter(f"{SVG}text"))


def test_arrays_without_entries_and_graphs_without_equations(drawing):
    empty = np.zeros((0, 3))
    _, boxes = boxes_of(wf.make_graph(lambda x: np.sin(x) + 1)(empty).draw())
    assert len(boxes) == 4
    _, boxes = boxes_of(wf.make_graph(lambda x: x)(X).draw())
    assert len(boxes) == 2
    boxes_of(wf.make_graph(lambda: 1.0)().draw())
