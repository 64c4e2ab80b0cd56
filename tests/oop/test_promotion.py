import numpy as np
import pytest

from wonderland import oop
from wonderland.oop.promotion import can_cast, promote_types

ONES = {
    d: oop.ones(2, dtype=d) for d in ("bool", "uint8", "int64", "float16", "float32", "float64")
}
ONES["complex64"] = oop.ones(2, dtype="complex64")

CASES = [
    ("float32", 2.0, "float32"),
    ("float32", np.float64(2), "float32"),
    ("float32", np.int64(2), "float32"),
    ("float32", 2j, "complex64"),
    ("float64", 2j, "complex128"),
    ("float16", 2j, "complex64"),
    ("int64", 2, "int64"),
    ("int64", 2.0, "float32"),
    ("int64", np.float64(2), "float32"),
    ("uint8", 300, "uint8"),
    ("uint8", np.int64(3), "uint8"),
    ("bool", 2, "int64"),
    ("bool", True, "bool"),
    ("bool", 2.0, "float32"),
    ("float16", oop.tensor(2.0, dtype="float64"), "float16"),
    ("int64", oop.tensor(2.0, dtype="float64"), "float64"),
    ("float32", oop.tensor(2), "float32"),
    ("int64", ONES["float16"], "float16"),
    ("float32", ONES["float64"], "float64"),
    ("float16", ONES["int64"], "float16"),
    ("float64", ONES["complex64"], "complex128"),
    ("uint8", ONES["bool"], "uint8"),
]


@pytest.mark.parametrize(("left", "right", "expected"), CASES)
def test_torchs_promotion(left, right, expected):
    x = ONES[left]
    if isinstance(right, int) and right == 300:
        with pytest.raises(OverflowError):
            _ = x + right
        return
    assert (x + right).dtype == (right + x).dtype == np.dtype(expected)
    assert oop.add(x, right).dtype == np.dtype(expected)


def test_questions_about_dtypes():
    assert promote_types("int64", "float16") == np.float16
    assert oop.promote_types(oop.uint8, oop.int8) == np.int16
    assert can_cast("float64", "float32") and not can_cast("float32", "int8")
