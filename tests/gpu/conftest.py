"""Every test of this folder runs twice: on the stand-in for CuPy (`make test`), and on a real
device (`make test-gpu`), where its absence is a failure, not a skip."""

from types import SimpleNamespace

import pytest

from tests import standin
from wonderland.shared.backend import cupy, host, to_device

GPU_TESTS = pytest.StashKey()


def pytest_collection_modifyitems(config, items):
    """Remember which tests are those of the device."""
    config.stash[GPU_TESTS] = {item.nodeid for item in items if item.get_closest_marker("gpu")}


def pytest_terminal_summary(terminalreporter, config):
    """Say what ran on the device and what did not: nothing is left out in silence."""
    mine = config.stash.get(GPU_TESTS, set())
    reports = {
        outcome: [r for r in terminalreporter.getreports(outcome) if r.nodeid in mine]
        for outcome in ("passed", "failed", "error", "skipped")
    }
    if any(reports.values()):
        counts = ", ".join(f"{len(found)} {outcome}" for outcome, found in reports.items())
        terminalreporter.write_line(f"tests on a CUDA device: {counts}")
        for report in reports["skipped"]:
            terminalreporter.write_line(f"  skipped: {report.nodeid}: {report.longrepr}")


@pytest.fixture(params=["standin", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request):
    """Its .module, .to(array), .host(array), and .still(), in which nothing may cross."""
    if request.param == "standin":
        with standin.installed() as module:
            yield SimpleNamespace(
                module=module, to=standin.lift, host=standin.peek, still=standin.transfers.exactly
            )
    else:
        yield SimpleNamespace(
            module=cupy(), to=lambda a: to_device(a, "cuda"), host=host, still=Uncounted
        )


class Uncounted:
    """Real CuPy does not count what crosses; it refuses silent conversions by itself."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass
