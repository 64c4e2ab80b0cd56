"""What runs everywhere: warnings are errors (pyproject), and counts of the contract are printed."""

from collections import Counter

import wonderland.shared.ops  # noqa: F401  the operators of Values, in which rules are written


def pytest_terminal_summary(terminalreporter):
    """Print the sums of what tests counted with record_property("count: ...", n)."""
    totals = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, n in report.user_properties:
            if name.startswith("count: "):
                totals[name.removeprefix("count: ")] += n
    for name, n in sorted(totals.items()):
        terminalreporter.write_line(f"{n:,} {name}")
