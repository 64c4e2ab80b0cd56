"""`Graph.draw`: the picture of a graph as SVG, or as one page that needs nothing else."""

from html import escape
from pathlib import Path
from string import Template

from .picture.boxes import Diagram
from .picture.vector import BACKWARD, STYLE, graph_svg, memory_svg, memory_text, whole_svg

FOLDER = Path(__file__).parent / "picture"
LEGEND = {
    "input": "argument", "constant": "constant", "fused": "fused kernel",
    "product": "matrix product", "single": "one operation",
    "python": "kernel in Python", "control": "loop or branch", "output": "result",
}  # fmt: skip


def drawn(graph, path=None):
    """SVG text of a graph, or a page where the path ends in .html; written to `path` if given.

    Raises ValueError for a path that ends otherwise.
    """
    kind = None if path is None else Path(path).suffix.lower()
    if kind not in (None, ".svg", ".html"):
        raise ValueError(f"draw: the path ends in .svg or .html, but it is {str(path)!r}")
    diagram = Diagram(graph)
    text = page(diagram) if kind == ".html" else whole_svg(diagram, keys_of(diagram))
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text


def page(diagram):
    """The page: the graph to move about in, and the memory plan below it."""
    graph, width, height, start = graph_svg(diagram)
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    script = script.replace("WIDTH", f"{width:.0f}").replace("HEIGHT", f"{height:.0f}")
    script = script.replace("START", f"{start:.0f}")
    return Template((FOLDER / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(diagram.graph.name),
        summary=escape(summary(diagram)),
        style=STYLE.read_text(encoding="utf-8"),
        legend=legend(diagram),
        graph=graph,
        memory=memory(diagram),
        script=script,
    )


def summary(diagram):
    """What there is, in a line."""
    kinds = [box.kind for box in diagram.boxes]
    steps = sum(kind not in ("input", "constant", "output") for kind in kinds)
    text = f"{len(diagram.graph.equations)} equations in {steps} steps"
    fused = kinds.count("fused")
    return text + (f", {fused} of them fused kernels (click to open)" if fused else "")


def keys_of(diagram):
    """{kind: what it is called} of the boxes that occur."""
    there = {box.kind for box in diagram.boxes}
    return {kind: name for kind, name in LEGEND.items() if kind in there}


def legend(diagram):
    """The kinds of boxes that occur."""
    mark = f'<span class="key">{BACKWARD}</span>'
    keys = [mark] if any(box.backward for box in diagram.boxes) else []
    keys += [
        f'<span class="key"><svg viewBox="0 0 16 12"><g class="box {kind}"><rect x="1" y="1" '
        f'width="14" height="10" rx="2"/></g></svg>{escape(name)}</span>'
        for kind, name in keys_of(diagram).items()
    ]
    return "\n  ".join(keys)


def memory(diagram):
    """The plan of the memory, stretched over the width of the page."""
    plan, width, height = memory_svg(diagram)
    if not plan:
        return ""
    return (
        f'<div id="memory"><div>{escape(memory_text(diagram))}</div>'
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none">{plan}</svg></div>'
    )
