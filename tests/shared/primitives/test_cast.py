import numpy as np
import pytest

from wonderland.shared.primitives.cast import cast, convert
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.25, 2.0], [0.75, -0.5, -3.0]])
i = np.array([[5, -3, 0], [1, 7, 1]])
FLOATS = [np.dtype(name) for name in ("float16", "float32", "float64")]
COMPLEX = [np.dtype(name) for name in ("complex64", "complex128")]

ROWS = [
    *[
        Sample(cast, x, dtype=d, reference=lambda x, dtype: x.real, dtypes="fc", label=f"{d}")
        for d in FLOATS
    ],
    *[
        Sample(cast, x, dtype=d, reference=lambda x, dtype: x, dtypes="fc", label=f"{d}")
        for d in COMPLEX
    ],
    *[
        Sample(convert, x, dtype=np.dtype(d), dtypes="f", label=d,
               reference=lambda x, dtype: x.astype(dtype))
        for d in ("int64", "bool")
    ],
    *[
        Sample(convert, i, dtype=np.dtype(d), label=d, reference=lambda x, dtype: x.astype(dtype))
        for d in ("float32", "bool", "complex64")
    ],
]  # fmt: skip


@pytest.mark.parametrize("dtypes", ["f4 f8", "f8 f2", "c8 f4", "f4 c16"])
def test_a_gradient_has_the_dtype_of_its_operand(dtypes):
    start, end = dtypes.split()
    x = np.ones(2, start)
    (gx,) = vjp(lambda x: [cast(x, dtype=np.dtype(end))], [x])[1]([np.full(2, 3, end)])
    assert gx.dtype == x.dtype
    assert gx.tolist() == [3, 3]


def test_an_imaginary_number_is_true():
    assert convert(np.array([1j, 0]), dtype=np.dtype(bool)).tolist() == [True, False]
