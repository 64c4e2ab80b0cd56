"""The terminal's side of `wonderland compare`: a progress bar, then findings and figures."""

from contextlib import contextmanager


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
        for finding in result.training.findings:
            show_finding(console, finding)
        console.print(figures(result))
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
    same = all(result.training.holds for result in results)
    return "Not good enough." if same else "Not the same program."


def show_finding(console, finding):
    """One claim: equal, or the first difference on lines of its own."""
    from rich.padding import Padding
    from rich.text import Text

    if finding.holds:
        console.print(f"  [green]equal[/green]   {finding.claim} ({finding.compared:,} arrays)")
        return
    console.print(f"  [bold red]DIFFERS[/bold red] {finding.claim}")
    console.print(Padding(Text(finding.difference, style="red"), (0, 0, 0, 10)))


def figures(result):
    """The table of qualities, times and memory."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("style")
    table.add_column("mode")
    qualities = result.training.qualities
    right = ("ms/step", "middle half", "fastest", "peak MiB")
    for heading in (result.quality.column, *right) if qualities else right:
        table.add_column(heading, justify="right")
    for t in result.timings:
        table.add_row(
            t.name,
            t.mode,
            *([f"{qualities[t.name]:.4f}"] if t.name in qualities else []),
            f"{t.median:.3f}",
            "{:.3f} - {:.3f}".format(*t.quartiles),
            f"{t.fastest:.3f}",
            f"{t.peak / 2**20:.2f}",
        )
    return table
