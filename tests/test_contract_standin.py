"""The coverage contract on the arrays of a strict stand-in for CuPy: equal to NumPy's results."""

import pytest

from tests import standin
from tests.shared.primitives import rows
from wonderland.shared.testing.promises import devices


@pytest.mark.parametrize("row", rows.table(), ids=lambda row: row.label)
def test_devices(row, record_property):
    if "devices" in row.without:
        return
    with standin.installed():
        compared = sum(devices(call, standin.lift, standin.peek) for call in row.calls())
    record_property("count: results on the CuPy stand-in equal to NumPy's", compared)
