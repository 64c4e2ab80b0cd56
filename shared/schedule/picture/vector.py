"""SVG: boxes, edges and the memory plan as text. Whatever comes from a program is escaped."""

import math
from html import escape
from itertools import pairwise
from pathlib import Path

from .boxes import sized
from .layout import Layout

STYLE = Path(__file__).with_name("picture.css")
LETTER, LINE = 6.7, 13  # pixels of a character of the label, and of an opened line
SMALL = 5.5
WIDEST = 240
MARGIN = 24
PLAN_HEIGHT, PLAN_WIDTH = 260, 900
HEADING = 32  # pixels for the name and the legend
BACKWARD = "↩ backward pass"
PILLS = ("input", "constant", "output")


def graph_svg(diagram):
    """The boxes and edges, as (SVG elements, width, height, x of the beginning)."""
    sizes = [size_of(box) for box in diagram.boxes]
    late = [i for i, box in enumerate(diagram.boxes) if box.kind in ("input", "constant")]
    layout = Layout(sizes, diagram.edges, late)
    parts = [edge(diagram, layout, e, "far") for e in layout.far]
    parts += [edge(diagram, layout, e, "near") for e in layout.near]
    parts += [stub(diagram, layout, e) for e in stubs(layout.far)]
    parts += [box_at(box, i, layout) for i, box in enumerate(diagram.boxes)]
    first = [layout.x[i] for i in layout.rows[0]] if layout.rows else [0]
    return "\n".join(parts), layout.width, layout.height, sum(first) / len(first)


def size_of(box):
    """(width, height) by the longer of the two lines."""
    width = max(len(label_of(box)) * LETTER, len(box.note) * SMALL) + 18
    return min(max(width, 44), WIDEST), 34


def box_at(box, i, layout):
    """One box: its label, its note, a tip, and what it shows when opened."""
    width, height = size_of(box)
    x, y = layout.x[i] - width / 2, layout.y[i] - height / 2
    label = clipped(label_of(box), (width - 10) / LETTER)
    note = clipped(box.note, (width - 10) / SMALL)
    tip = "\n".join(box.lines)
    radius = height / 2 if box.kind in PILLS else 5
    return (
        f'<g class="box {box.kind}" data-box="{i}" transform="translate({x:.1f} {y:.1f})">'
        f"<title>{escape(tip)}</title>"
        f'<rect width="{width:.1f}" height="{height}" rx="{radius}"/>'
        f'<text class="label" x="{width / 2:.1f}" y="14">{escape(label)}</text>'
        f'<text class="note" x="{width / 2:.1f}" y="27">{escape(note)}</text></g>'
    )


def label_of(box):
    """The label, marked where all of the box belongs to a backward pass."""
    return f"↩ {box.label}" if box.backward else box.label


def clipped(text, letters):
    """Text of so many characters at most."""
    letters = max(int(letters), 1)
    return text if len(text) <= letters else text[: letters - 1] + "…"


def edge(diagram, layout, pair, kind):
    """An edge as a smooth curve through the gaps that it is led through."""
    variables = diagram.edges[pair]
    points = layout.route(pair)
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        bend = (y1 - y0) / 2
        path += f"C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
    weight = sum(v.size * v.dtype.itemsize for v in variables)
    thick = 0.8 + 0.35 * math.log10(max(weight, 10) / 10)
    tip = "\n".join(diagram.typed(v) for v in variables)
    return (
        f'<path class="edge {kind}" data-from="{pair[0]}" data-to="{pair[1]}" d="{path}" '
        f'stroke-width="{thick:.2f}"><title>{escape(tip)}</title></path>'
    )


def stubs(far):
    """The ends of far edges: (box, other boxes, is it their end)."""
    ends: dict = {}
    for a, b in far:
        ends.setdefault((a, False), []).append((a, b))
        ends.setdefault((b, True), []).append((a, b))
    return ends.items()


def stub(diagram, layout, item):
    """The names of what a box sends far away, or gets from there."""
    (i, arrives), edges = item
    names = list(dict.fromkeys(diagram.text.name(v) for e in edges for v in diagram.edges[e]))
    shown = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
    width, height = layout.sizes[i]
    x, y = (
        layout.x[i] + width / 2 - 4,
        layout.y[i] + (-height / 2 - 4 if arrives else height / 2 + 10),
    )
    arrow = f"{shown} ↴" if arrives else f"↳ {shown}"
    return f'<text class="stub" x="{x:.1f}" y="{y:.1f}" text-anchor="end">{escape(arrow)}</text>'


def memory_svg(diagram, width=PLAN_WIDTH):
    """The plan of the arena: a rectangle a buffer, from its first step to its last."""
    if not diagram.memory:
        return "", 0, 0
    steps, arena = max(diagram.steps, 1), max(diagram.arena, 1)
    sx, sy = width / steps, PLAN_HEIGHT / arena
    parts = [f'<rect class="arena" width="{width}" height="{PLAN_HEIGHT}"/>']
    for variable, size, born, dies, offset in diagram.memory:
        tip = f"{diagram.text.typed(variable)}, {sized(size)}\nsteps {born} to {dies}, at {offset}"
        top = PLAN_HEIGHT - (offset + size) * sy
        parts.append(
            f'<rect class="buffer" x="{born * sx:.2f}" y="{top:.2f}" '
            f'width="{max((dies - born + 1) * sx, 1):.2f}" height="{max(size * sy, 0.6):.2f}">'
            f"<title>{escape(tip)}</title></rect>"
        )
    return "\n".join(parts), width, PLAN_HEIGHT


def memory_text(diagram):
    """What the plan shows."""
    total = sum(size for _, size, *_ in diagram.memory)
    return (
        f"memory: {len(diagram.memory)} buffers of {sized(total)} in an arena of "
        f"{sized(diagram.arena)}; left to right the {diagram.steps} steps, upwards the offset"
    )


def heading_svg(diagram, keys):
    """The name of the graph, and what each kind of box is called; (SVG elements, width)."""
    name = escape(diagram.graph.name)
    parts, x = [f'<text class="title" y="10">{name}</text>'], len(diagram.graph.name) * 8 + 24
    for kind, text in keys.items():
        parts.append(
            f'<g class="key box {kind}"><rect x="{x:.0f}" width="16" height="11" rx="2"/></g>'
            f'<text class="legend" x="{x + 21:.0f}" y="10">{escape(text)}</text>'
        )
        x += 21 + len(text) * LETTER + 14
    if any(box.backward for box in diagram.boxes):
        parts.append(f'<text class="legend" x="{x:.0f}" y="10">{BACKWARD}</text>')
        x += len(BACKWARD) * LETTER
    return "\n".join(parts), x


def whole_svg(diagram, keys):
    """The picture as one SVG that needs nothing else; keys: {kind of box: what it is called}."""
    graph, width, height, _ = graph_svg(diagram)
    plan, plan_width, plan_height = memory_svg(diagram, max(width, PLAN_WIDTH))
    heading, heading_width = heading_svg(diagram, keys)
    full_width = max(width, plan_width, heading_width) + 2 * MARGIN
    above = MARGIN + HEADING
    below = height + above + 40
    full_height = below + plan_height + MARGIN
    style = STYLE.read_text(encoding="utf-8")
    if plan:
        plan += f'\n<text class="caption" y="-8">{escape(memory_text(diagram))}</text>'
    left = (full_width - width) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full_width:.0f} {full_height:.0f}" '
        f'width="{full_width:.0f}" height="{full_height:.0f}">\n<style>{style}</style>\n'
        f'<rect class="paper" width="{full_width:.0f}" height="{full_height:.0f}"/>\n'
        f'<g transform="translate({MARGIN} {MARGIN})">\n{heading}\n</g>\n'
        f'<g transform="translate({left:.0f} {above})">\n{graph}\n</g>\n'
        f'<g transform="translate({MARGIN} {below:.0f})">\n{plan}\n</g>\n</svg>\n'
    )
