"""The report's charts, as SVG text that stands inside the page."""

import io

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

COLOURS = {"functional": "#2a6f97", "purified": "#8a5a9e", "oop": "#c8553d"}
STYLE = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "axes.axisbelow": True,
}


def svg(figure):
    """A figure as an <svg> element."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def loss_chart(losses):
    """Loss by step, one line per style; equal curves are drawn in different widths, one inside the other."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(6.4, 3.4))
        for width, (name, values) in zip((7, 4, 1.4), losses.items(), strict=False):
            axes.plot(range(1, len(values) + 1), values, label=name, lw=width, color=colour(name))
        axes.set(xlabel="step", ylabel="loss (cross entropy, batch)", yscale="log")
        axes.legend(frameon=False)
        return svg(figure)


def timing_chart(timings):
    """Median time per step, with the quartiles and the fastest step."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(6.4, 0.7 + 0.55 * len(timings)))
        for i, timing in enumerate(timings):
            low, high = timing.spread
            axes.barh(i, timing.median, color=colour(timing.name), height=0.6)
            axes.plot([low, high], [i, i], color="#222", lw=2)
            axes.plot(timing.fastest, i, "|", color="#222", ms=12)
        axes.set_yticks(range(len(timings)), [t.name for t in timings])
        axes.set(xlabel="milliseconds per training step: median, quartiles (line), fastest (tick)")
        axes.invert_yaxis()
        axes.set_xlim(left=0)
        axes.grid(axis="y", visible=False)
        return svg(figure)


def colour(name):
    """One colour per style, in every chart."""
    return COLOURS.get(name, "#5b8c5a")
