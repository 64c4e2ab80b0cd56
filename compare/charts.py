"""The report's charts, as SVG text that stands inside the page; each in two shapes, see `both`."""

import io
import math
import re

COLOURS = {"oop": "#e07a5f", "functional": "#2a6f97", "purified": "#f2cc8f"}
OTHER_COLOUR = "#81b29a"
WIDTHS = (8, 4.5, 1.5)  # of equal curves, each is seen on either side of the next
STYLE = {
    "svg.fonttype": "none",  # text stays text, in the page's own font
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": "#333",
    "axes.labelcolor": "#333",
    "axes.edgecolor": "#999",
    "xtick.color": "#555",
    "ytick.color": "#555",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e8e8e8",
    "axes.axisbelow": True,
}
SHAPES = {"wide": 7.2, "narrow": 3.7}  # inches; the page shows the one that fits its window


def both(name, draw, height, description):
    """The chart in both shapes. draw(figure, axes) paints; `name` keeps the ids of charts apart."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    charts = []
    for shape, width in SHAPES.items():
        with rc_context(STYLE):
            figure = Figure(figsize=(width, height), layout="constrained")
            FigureCanvasSVG(figure)
            draw(figure.add_subplot())
            buffer = io.StringIO()
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        charts.append(inline(buffer.getvalue(), f"{name}-{shape}", shape, description))
    return "\n".join(charts)


def inline(text, prefix, shape, description):
    """An SVG file as an element of a page: ids of its own, no headers, no addresses."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = re.sub(r'\b(xlink:)?href="#', f'href="#{prefix}-', text)
    text = text.replace("url(#", f"url(#{prefix}-")
    box = re.search(r'viewBox="[^"]*"', text).group()
    label = f'role="img" aria-label="{description}"'
    return re.sub(r"<svg[^>]*>", f'<svg class="{shape}" {box} {label}>', text, count=1)


def loss_chart(name, losses):
    """Loss by step, one line per style; where they are equal, one is seen inside the other."""
    values = [v for curve in losses.values() for v in curve]
    logarithmic = min(values) > 0 and max(values) > 3 * min(values)

    def draw(axes):
        for i, (style, curve) in enumerate(losses.items()):
            width = WIDTHS[min(i, len(WIDTHS) - 1)]
            steps = range(1, len(curve) + 1)
            axes.plot(
                steps, curve, label=style, lw=width, color=colour(style), solid_joinstyle="round"
            )
        axes.set(xlabel="step", ylabel="loss of the batch")
        axes.margins(x=0.02)
        if logarithmic:
            axes.set_yscale("log")
            axes.set_yticks(round_numbers(min(values), max(values)))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.minorticks_off()
        axes.legend(frameon=False)

    return both(f"{name}-loss", draw, 3.3, "The loss by training step, one curve per style")


def round_numbers(low, high):
    """1, 2, 5, 10 ... from the last below `low` to the first above `high`, ticks of a log scale."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    numbers = [m * 10.0**d for d in decades for m in (1, 2, 5)]
    inside = [n for n in numbers if low <= n <= high]
    return inside if len(inside) < 8 else [10.0**d for d in decades if low <= 10.0**d <= high]


def timing_chart(name, timings):
    """Median time per step as bars, with the quartiles and the fastest step."""

    def draw(axes):
        for i, timing in enumerate(timings):
            hatch = "////" if timing.mode == "compiled" else ""
            ink = {"color": colour(timing.name), "edgecolor": "#fff", "linewidth": 0}
            axes.barh(i, timing.median, height=0.62, hatch=hatch, **ink)
            for ink, more in (("#fff", 2.2), ("#222", 0)):  # a white rim, for the dark bars
                axes.plot(timing.quartiles, [i, i], color=ink, lw=1.8 + more, solid_capstyle="butt")
                axes.plot(timing.fastest, i, "|", color=ink, ms=11 + more, mew=1.8 + more)
            axes.text(
                max(timing.quartiles[1], timing.median), i, f"  {timing.median:.2f}", va="center"
            )
        axes.set_yticks(range(len(timings)), [t.label for t in timings])
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("milliseconds per step")
        axes.set_xlim(0, 1.15 * max(t.quartiles[1] for t in timings))
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)

    height = 0.7 + 0.45 * len(timings)
    return both(
        f"{name}-time", draw, height, "Median time per training step, one bar per style and mode"
    )


def graph_picture(name, drawing):
    """The SVG of a graph as an element of a page, its rules of style for itself alone."""
    nested = drawing.replace("<style>", "<style>.graph svg {", 1).replace(
        "</style>", "}</style>", 1
    )
    size = re.search(r'width="\d+" height="\d+"', nested).group()
    found = inline(nested, f"{name}-graph", "drawing", "The training step as a graph")
    return found.replace("<svg ", f"<svg {size} ", 1)


def colour(style):
    """One colour per style, in every chart."""
    return COLOURS.get(style, OTHER_COLOUR)
