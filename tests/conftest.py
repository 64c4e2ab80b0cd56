"""What runs everywhere: warnings are errors (pyproject), and counts of the contract are printed."""

import os
from collections import Counter

import pytest
from hypothesis import settings

import wonderland.shared.ops  # noqa: F401  the operators of Values, in which rules are written

settings.register_profile("fuzz", max_examples=20_000, deadline=None, print_blob=True)
if profile := os.environ.get("HYPOTHESIS_PROFILE"):
    settings.load_profile(profile)


@pytest.fixture(scope="session", autouse=True)
def cache_of_compiled_code(tmp_path_factory):
    """Compiled code goes to a folder of this run, which subprocesses inherit: not to the user's."""
    before = os.environ.get("WONDERLAND_CACHE")
    os.environ["WONDERLAND_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["WONDERLAND_CACHE"]
    else:
        os.environ["WONDERLAND_CACHE"] = before


def pytest_terminal_summary(terminalreporter):
    """Print the sums of what tests counted with record_property("count: ...", n)."""
    totals = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, n in report.user_properties:
            if name.startswith("count: "):
                totals[name.removeprefix("count: ")] += n
    for name, n in sorted(totals.items()):
        terminalreporter.write_line(f"{n:,} {name}")
