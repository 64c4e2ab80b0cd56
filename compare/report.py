"""report/index.html: one file, for readers who have seen nothing else."""

import re
from html import escape
from pathlib import Path
from string import Template

from .charts import COLOURS, graph_picture, loss_chart, timing_chart
from .compiled import STARTING_STEPS
from .timing import MEMORY, NOTES, reference

TEMPLATE = Path(__file__).with_name("report.html")
STYLES = {
    "oop": "an object-oriented nn.Module, trained by loss.backward() and optimizer.step()",
    "functional": "functional layers, trained by value_and_grad and a pure optimizer.update",
    "purified": "the nn.Module made a pure function by purify, trained like the functional layers",
}
COMPILED = {
    "": "",
    "numpy": ", also compiled",
    "native": "; as machine code it differs by rounding alone",
}


def write_report(folder, results, environment, date, device="cpu"):
    """Write index.html to `folder`, made where it is missing; returns its path."""
    page = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        date=escape(date),
        swatches=" ".join(f".{name} {{ background: {c}; }}" for name, c in COLOURS.items()),
        verdict=verdict(results),
        sections="\n".join(section(result, device) for result in results),
        environment=table((), environment.items()),
    )
    path = Path(folder) / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def verdict(results):
    """The first sentence of the page."""
    if all(result.holds for result in results):
        text = "<strong>The same program, bit for bit.</strong> "
        text += "Written in each style, the model gave the same bytes at every step"
        text += f"{COMPILED[min(map(compiled_by, results))]}."
        return f'<p class="verdict good">{text}</p>'
    first = next(result for result in results if not result.holds)
    found = [f.difference for f in first.findings if not f.holds]
    found.append(first.quality_problem)
    text = f"<strong>Not the same program.</strong> {escape(found[0])}."
    if first.same:
        text = f"<strong>Not good enough.</strong> {escape(found[-1])}."
    return f'<p class="verdict bad">{text}</p>'


def compiled_by(result):
    """The executor of the compiled steps, '' where nothing is compiled."""
    return result.compilation.executor if result.compilation.findings else ""


def section(result, device):
    """One model: how it was trained, claims, curves, quality, times, memory."""
    name = re.sub(r"\W+", "-", result.title)
    parts = [
        f"<h2>{escape(result.title)}</h2>",
        f"<p>{escape(result.training_text)}</p>",
        styles_explained(result.training.losses),
        "<h3>Is it the same program?</h3>",
        claims(result.findings),
        "<h3>Loss</h3>",
        figure(loss_chart(name, result.training.losses), curves_explained(result.training)),
    ]
    if result.training.qualities:
        parts += [f"<h3>{result.quality.heading}</h3>", quality(result)]
    parts += ["<h3>Time and memory of a training step</h3>", times(name, result, device)]
    parts += graph(name, result.compilation)
    return "\n".join(parts)


def styles_explained(names):
    """What each style is, beside the colour it has in the charts."""
    items = [
        f'<li><span class="swatch {escape(name)}"></span><b>{escape(name)}</b>: '
        f"{escape(STYLES[name])}</li>"
        for name in names
    ]
    return f'<ul class="styles">{"".join(items)}</ul>'


def claims(findings):
    """The table of claims: equal, or the first difference."""
    rows = [(finding.claim, finding.result, f"{finding.compared:,}") for finding in findings]
    note = (
        "Each array of a style was compared with its counterpart in the first style, byte by byte; "
        "those of machine code by their largest difference: the loss and the output relative to "
        "their largest entry, the parameters by what Adam, which divides a gradient by its own "
        "size, can make of a gradient that is nothing but rounding."
    )
    return table(("claim", "result", "arrays compared"), rows) + f"<p class='note'>{note}</p>"


def curves_explained(training):
    """What the reader sees where curves lie on one another."""
    names = list(training.losses)
    curves = list(training.losses.values())
    if any(curve != curves[0] for curve in curves):
        return "The curves differ."
    count = {2: "Two", 3: "Three"}.get(len(names), str(len(names)))
    inside = ", ".join(f"{n} inside it" if i else f"{n} is the widest" for i, n in enumerate(names))
    return (
        f"{count} curves, equal to the last bit, so they lie exactly on one another. They are "
        f"drawn in different widths, so that all can be seen: {inside}."
    )


def quality(result):
    """How good each style is, and what it should reach."""
    measure = result.quality
    found = result.training.qualities.items()
    text = table(("style", measure.column), [(n, measure.written.format(v)) for n, v in found])
    if result.quality_problem:
        return text + f'<p class="bad">{escape(result.quality_problem)}</p>'
    aim = "" if result.goal is None else measure.aim.format(result.goal)
    return text + (f"<p class='note'>{escape(aim)}</p>" if aim else "")


def times(name, result, device):
    """The timing chart, and its figures with the memory."""
    timings = result.timings
    first = reference(timings)
    rows = [
        (
            t.name,
            t.mode,
            f"{t.median:.3f}",
            "{:.3f} to {:.3f}".format(*t.quartiles),
            f"{t.fastest:.3f}",
            f"{t.median / first:.2f}",
            f"{t.peak / 2**20:.2f}",
            "" if t.start is None else f"{t.start:.2f}",
        )
        for t in timings
    ]
    headings = (
        "style", "mode", "median ms", "middle half", "fastest", "ratio", "peak MiB", "start s",
    )  # fmt: skip
    steps = len(timings[0].times)
    caption = (
        f"Bar and number: the median of {steps} steps, the styles taking turns. The line spans "
        "the middle half of the steps, the tick marks the fastest."
    )
    explained = NOTES[result.compilation.executor] + " " if compiled_by(result) else ""
    note = (
        f"{explained}Ratio: to {timings[0].name}, {timings[0].mode}. "
        f"Peak: {MEMORY[device]}. Start: what the first {STARTING_STEPS} steps took, in which all "
        "is captured and compiled; what an earlier run has compiled comes from the disk."
    )
    problems = "".join(f"<p class='bad'>{escape(p)}</p>" for p in result.compilation.problems)
    chart = figure(timing_chart(name, timings), caption)
    figures = f'<div class="figures">{table(headings, rows)}</div>'
    return chart + figures + problems + f"<p class='note'>{escape(note)}</p>"


def graph(name, compilation):
    """The picture of the training step, in a box of its own to scroll in."""
    if not compilation.graph:
        return []
    style, count, drawing = compilation.graph
    text = (
        f"One training step of the {style} style, forward, backward and Adam's update: {count:,} "
        "equations, drawn as the steps that they are compiled to. Scroll in it; each box says more "
        "under the pointer. At its end is the plan of the memory. For a function of yours: "
        "make_graph(f)(...).draw()."
    )
    zoom = f'<input type="checkbox" id="{name}-zoom"/><label for="{name}-zoom">full size</label>'
    box = f'{zoom}<div class="graph" tabindex="0">{graph_picture(name, drawing)}</div>'
    caption = f"<figcaption>{escape(text)}</figcaption>"
    return [f"<h3>The training step as a graph</h3><figure>{box}{caption}</figure>"]


def figure(chart, caption):
    """A chart with a sentence below it."""
    return f"<figure>{chart}<figcaption>{escape(caption)}</figcaption></figure>"


def table(headings, rows):
    """An HTML table, everything escaped; wide ones scroll by themselves."""
    head = "".join(f"<th>{escape(h)}</th>" for h in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    head = f"<thead><tr>{head}</tr></thead>" if headings else ""
    return f'<div class="table"><table>{head}<tbody>{body}</tbody></table></div>'
