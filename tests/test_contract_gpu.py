"""The coverage contract on real CuPy arrays: equal to NumPy's results."""

import pytest

from tests.shared.primitives import rows
from wonderland.shared.backend import host, to_device
from wonderland.shared.testing.promises import devices

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("row", rows.table(), ids=lambda row: row.label)
def test_devices(row, record_property):
    if "devices" in row.without:
        return
    compared = sum(devices(call, lambda a: to_device(a, "cuda"), host) for call in row.calls())
    record_property("count: results on CuPy equal to NumPy's", compared)
