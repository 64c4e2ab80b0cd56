"""report/index.html: one file that needs nothing else."""

from html import escape
from pathlib import Path
from string import Template

from .charts import loss_chart, timing_chart

TEMPLATE = Path(__file__).with_name("report.html")


def write_report(folder, results, environment, date):
    """Write index.html to `folder`; returns its path."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    page = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        verdict=verdict(results),
        sections="\n".join(section(result) for result in results),
        environment=table(("", ""), environment.items()),
        date=escape(date),
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def verdict(results):
    """The first sentence of the page."""
    if all(result.holds for result in results):
        return '<p class="verdict good">The same program, bit for bit.</p>'
    return '<p class="verdict bad">Not the same program: see the first difference below.</p>'


def section(result):
    """One model: claims, curves, times."""
    claims = [
        (
            claim.claim,
            "equal, bit for bit" if claim.holds else claim.difference,
            f"{claim.compared}",
        )
        for claim in result.training.findings
    ]
    times = [
        (
            t.name,
            f"{t.median:.3f}",
            f"{t.spread[0]:.3f} to {t.spread[1]:.3f}",
            f"{t.fastest:.3f}",
            f"{t.peak / 2**20:.2f}",
        )
        for t in result.timings
    ]
    accuracies = [(name, f"{value:.4f}") for name, value in result.training.accuracies.items()]
    parts = [
        f"<h2>{escape(result.title)}</h2>",
        table(("claim", "result", "leaves compared"), claims),
        f"<h3>Loss</h3><figure>{loss_chart(result.training.losses)}</figure>",
    ]
    if accuracies:
        parts.append("<h3>Test accuracy</h3>" + table(("style", "accuracy"), accuracies))
    headings = ("style", "median ms", "quartiles", "fastest", "peak MiB in a step")
    parts.append(
        f"<h3>Time and memory per step</h3><figure>{timing_chart(result.timings)}</figure>"
    )
    parts.append(table(headings, times))
    return "\n".join(parts)


def table(headings, rows):
    """An HTML table, everything escaped."""
    head = "".join(f"<th>{escape(h)}</th>" for h in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    head = f"<thead><tr>{head}</tr></thead>" if any(headings) else ""
    return f"<table>{head}<tbody>{body}</tbody></table>"
