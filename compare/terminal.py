"""The terminal's side of `wonderland compare`: a progress bar, then findings and figures."""

from contextlib import contextmanager

from .timing import NOTES, reference


@contextmanager
def progress():
    """A progress bar while the body works; gives start(description, total) -> tick."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as bar:

        def start(description, total):
            task = bar.add_task(description, total=total)
            return lambda: bar.advance(task)

        yield start


def show(results, path):
    """Everything that was found out, and where the report is."""
    from rich.console import Console

    console = Console(highlight=False)
    for result in results:
        console.print(f"\n{result.title}", style="bold", markup=False)
        console.print(result.training_text, markup=False)
        console.print()
        for finding in result.findings:
            show_finding(console, finding)
        console.print(figures(result))
        for line in notes(result):
            console.print(f"  {line}", markup=False)
        if result.goal is not None:
            console.print(f"  {result.quality.aim.format(result.goal)}", markup=False)
        if result.quality_problem:
            console.print(f"  {result.quality_problem}", style="bold red", markup=False)
    holds = all(result.holds for result in results)
    verdict = "The same program, bit for bit." if holds else failure(results)
    console.print(f"\n{verdict}", style="bold green" if holds else "bold red")
    console.print(f"Report: {path}", markup=False, soft_wrap=True)


def failure(results):
    """The verdict where something does not hold."""
    same = all(result.same for result in results)
    return "Not good enough." if same else "Not the same program."


def show_finding(console, finding):
    """One claim: how it stands, and what there is to say of it on lines of its own."""
    from rich.padding import Padding
    from rich.text import Text

    colour = "green" if finding.holds else "bold red"
    count = f" ({finding.compared:,} arrays)" if finding.holds else ""
    word = f"[{colour}]{finding.word:7s}[/{colour}]"
    console.print(f"  {word} {finding.claim}{count}")
    if finding.detail:
        text = Text(finding.detail, style="" if finding.holds else "red")
        console.print(Padding(text, (0, 0, 0, 10)))


def figures(result):
    """The table of qualities, times and memory."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("style")
    table.add_column("mode")
    qualities = result.training.qualities
    right = ("ms/step", "ratio", "middle half", "MiB", "start s")
    for heading in (result.quality.column, *right) if qualities else right:
        table.add_column(heading, justify="right")
    first = reference(result.timings)
    for t in result.timings:
        quality = f"{qualities[t.name]:.4f}" if t.mode == "eager" and t.name in qualities else ""
        table.add_row(
            t.name,
            t.mode,
            *([quality] if qualities else []),
            f"{t.median:.3f}",
            f"{t.median / first:.2f}",
            "{:.2f} - {:.2f}".format(*t.quartiles),
            f"{t.peak / 2**20:.2f}",
            "" if t.start is None else f"{t.start:.2f}",
        )
    return table


def notes(result):
    """What the table does not say: who compiled, and what could not be compiled."""
    compilation = result.compilation
    return [*([NOTES[compilation.executor]] if compilation.findings else []), *compilation.problems]
