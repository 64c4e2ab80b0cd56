"""The seam: array modules, devices, explicit copies, dtype policy; with and without a device."""

import re
import subprocess
import sys

import numpy as np
import pytest

from tests.standin import installed, lift, peek, transfers
from wonderland.shared import backend
from wonderland.shared.backend import (
    array_module,
    as_array,
    complex_dtype,
    cuda_available,
    default_float,
    device_count,
    device_of,
    host,
    is_array,
    is_complex,
    is_float,
    is_inexact,
    real_dtype,
    same_device,
    to_device,
)

DTYPES = "bool int8 int64 uint8 float16 float32 float64 complex64 complex128".split()


@pytest.fixture
def cupy():
    with installed(devices=2) as module:
        yield module


@pytest.fixture
def no_cupy(monkeypatch):
    """A machine where `import cupy` fails."""
    monkeypatch.setitem(sys.modules, "cupy", None)
    backend.cupy.cache_clear()
    yield
    backend.cupy.cache_clear()


def error(kind, text):
    """pytest.raises for exactly this text."""
    return pytest.raises(kind, match=f"^{re.escape(text)}$")


# --- finding CuPy


def test_importing_the_house_does_not_import_cupy():
    code = "import sys, wonderland.shared.backend; assert 'cupy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_cupy_there_is_no_device(no_cupy):
    assert not cuda_available() and device_count() == 0
    with error(
        ImportError,
        "cuda: CuPy cannot be imported (import of cupy halted; None in sys.modules); install "
        "wonderland[cuda13], or wonderland[cuda12] for a CUDA 12 driver",
    ):
        to_device(np.ones(2), "cuda")


def test_cupy_without_a_device_says_why():
    with installed(devices=0) as cupy:
        assert not cuda_available() and device_count() == 0
        with error(
            RuntimeError,
            f"cuda: CuPy {cupy.__version__} finds no device (cudaErrorNoDevice: no CUDA-capable "
            "device is detected); stay on 'cpu', or bring driver and CuPy together: "
            "wonderland[cuda13] needs a driver for CUDA 13, wonderland[cuda12] one for CUDA 12",
        ):
            backend.cupy()


def test_a_driver_that_counts_nothing_is_no_device(monkeypatch, cupy):
    monkeypatch.setattr(cupy.cuda.runtime, "getDeviceCount", lambda: 0)
    with pytest.raises(RuntimeError, match=r"finds no device \(the driver counts 0\)"):
        backend.cupy()
    assert not cuda_available()


def test_a_failure_is_not_remembered(no_cupy):
    assert not cuda_available()
    with installed(devices=1):
        assert cuda_available() and device_count() == 1
    assert not cuda_available()


# --- which module, which device


def test_array_module(cupy):
    x = cupy.ones(2)
    assert array_module() is array_module(np.ones(2), 1.0, None) is np
    assert array_module(np.float32(1), [1.0]) is np
    assert array_module(x) is array_module(1.0, x) is array_module(np.ones(2), x) is cupy


def test_is_array(cupy):
    assert is_array(np.ones(2)) and is_array(np.array(1.0)) and is_array(cupy.ones(()))
    for x in (1.0, np.float32(1), [1.0], None, "cupy", np.dtype("f4"), cupy, np.ndarray):
        assert not is_array(x)


def test_device_of(cupy):
    assert device_of(np.ones(2)) == device_of(np.float32(1)) == device_of(2) == "cpu"
    assert device_of(cupy.ones(2)) == "cuda:0"
    with cupy.cuda.Device(1):
        assert device_of(cupy.ones(2)) == "cuda:1"


def test_same_device(cupy):
    h, x = np.ones(2), cupy.ones(2)
    assert same_device("add", h, h, 1.0) == same_device("add", 1.0) == "cpu"
    assert same_device("add", x, 1.0, np.float32(2), x) == "cuda:0"


def test_mixed_devices_are_refused(cupy):
    h, x, other = np.ones(2), cupy.ones(2), to_device(np.ones(2), "cuda:1")
    names = ("x", "w")
    with error(
        ValueError,
        "matmul: x is on cuda:0 but w is on cpu; move w: "
        "to_device(array, 'cuda'), or tensor.to('cuda')",
    ):
        same_device("matmul", x, h, names=names)
    with error(
        ValueError,
        "matmul: x is on cpu but w is on cuda:1; move x: "
        "to_device(array, 'cuda:1'), or tensor.to('cuda:1')",
    ):
        same_device("matmul", h, other, names=names)
    with error(
        ValueError,
        "add: x is on cuda:0 but y is on cuda:1; move y: "
        "to_device(array, 'cuda'), or tensor.to('cuda')",
    ):
        same_device("add", x, other)
    with pytest.raises(ValueError, match=r"^stack: x is on cpu but argument 5 is on cuda:0"):
        same_device("stack", h, h, h, h, h, x)


# --- copies


def test_to_device_there_and_back_counts_one_copy_each(cupy):
    h = np.arange(6.0).reshape(2, 3)
    with transfers.exactly(to_device=1, to_host=1, waits=0):
        x = to_device(h, "cuda")
        back = to_device(x, "cpu")
    assert type(x) is cupy.ndarray and type(back) is np.ndarray and back is not h
    assert back.dtype == h.dtype and np.array_equal(back, h)


def test_what_is_there_already_is_not_copied(cupy):
    h, x = np.ones(2), cupy.ones(2)
    with transfers.exactly():
        assert to_device(h, "cpu") is h and host(h) is h
        assert to_device(x, "cuda") is x and to_device(x, "cuda:0") is x


def test_between_devices_layout_does_not_matter(cupy):
    x = lift(np.arange(6.0).reshape(2, 3)).T
    with transfers.exactly():
        y = to_device(x, "cuda:1")
    assert device_of(x) == "cuda:0" and device_of(y) == "cuda:1"
    assert np.array_equal(peek(y), peek(x)) and not np.shares_memory(peek(x), peek(y))


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_zero_dimensions_numpy_scalars_and_empty_arrays_travel(cupy, device):
    for x in (np.float32(2), np.array(2.0), np.ones((0, 3))):
        y = to_device(x, device)
        assert is_array(y) and y.shape == x.shape and y.dtype == x.dtype
        assert np.array_equal(host(y), x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_copies_keep_the_dtype(cupy, dtype):
    assert host(to_device(np.ones(2, dtype), "cuda")).dtype == dtype


@pytest.mark.parametrize(
    "device", ["gpu", "cuda:2", "cuda:", "cuda:-1", "cuda:one", "CPU", 0, None]
)
def test_an_unknown_device_lists_the_known_ones(cupy, device):
    with error(
        ValueError,
        f"to_device: there is no device {device!r} "
        "(this machine has 'cpu', 'cuda', 'cuda:0', 'cuda:1')",
    ):
        to_device(np.ones(2), device)


def test_an_unknown_device_without_cuda(no_cupy):
    with error(ValueError, "to_device: there is no device 'gpu' (this machine has 'cpu')"):
        to_device(np.ones(2), "gpu")


def test_only_arrays_have_devices():
    with error(
        TypeError,
        "to_device: x is no array but a list (make one: as_array(x, device='cpu'))",
    ):
        to_device([1.0], "cpu")


# --- dtypes


def test_dtype_questions():
    assert default_float() == np.float32
    for dtype in map(np.dtype, DTYPES):
        assert is_float(dtype) == (dtype.kind == "f")
        assert is_complex(dtype) == (dtype.kind == "c")
        assert is_inexact(dtype) == np.issubdtype(dtype, np.inexact)
        assert real_dtype(dtype) == np.zeros((), dtype).real.dtype
        assert complex_dtype(dtype).kind == "c"
    assert complex_dtype("float32") == complex_dtype("float16") == complex_dtype("c8") == "c8"
    assert complex_dtype(float) == complex_dtype("complex128") == complex_dtype(int) == "c16"


NEW = [
    (1.5, "float32"),
    (1, "int64"),
    (True, "bool"),
    (1j, "complex64"),
    ([1.5, 2], "float32"),
    ([[1, 2], [3, 4]], "int64"),
    ([True, False], "bool"),
    (([1j], (2.0,)), "complex64"),
    ([], "float32"),
    (range(3), "int64"),
]
BROUGHT = [
    (np.float64(1), "float64"),
    (np.float16(1), "float16"),
    (np.ones(2), "float64"),
    (np.ones(2, "int8"), "int8"),
    ([np.float64(1), 2.0], "float64"),
    ([np.ones(2), np.ones(2)], "float64"),
    ([np.ones(2, "float16")], "float16"),
    ([[np.complex128(1)]], "complex128"),
    (memoryview(np.ones(2)), "float64"),
]


@pytest.mark.parametrize(("x", "dtype"), NEW + BROUGHT)
def test_as_array_narrows_what_is_new_and_keeps_what_is_brought(x, dtype):
    assert type(as_array(x)) is np.ndarray and as_array(x).dtype == dtype
    assert np.array_equal(as_array(x), np.asarray(x))
    assert as_array(x, dtype="complex128").dtype == "complex128"


def test_as_array_leaves_arrays_alone(cupy):
    h, x = np.ones(2), cupy.ones(2)
    with transfers.exactly():
        assert as_array(h) is as_array(h, "float64") is as_array(h, None, "cpu") is h
        assert as_array(x) is x and as_array(x, device="cuda") is x
        assert as_array(x, "float32").dtype == "float32"


def test_as_array_on_a_device_is_one_copy(cupy):
    with transfers.exactly(to_device=1):
        x = as_array([1.0, 2.0], device="cuda:1")
    assert device_of(x) == "cuda:1" and x.dtype == "float32"
    with transfers.exactly(to_host=1):
        assert type(as_array(x, device="cpu")) is np.ndarray


@pytest.mark.parametrize(
    ("x", "dtype", "shown"),
    [
        ("abc", "<U3", "'abc'"),
        (["abc"], "<U3", "['abc']"),
        ([None], "object", "[None]"),
        (2**100, "object", "1267650600228229401496703205376"),
        (np.array(["1999"], "M8[Y]"), "datetime64[Y]", "array(['1999'], dtype='datetime64[Y]')"),
        (["a" * 99], "<U99", "['" + "a" * 55 + "..."),
    ],
    ids=str,
)
def test_what_holds_no_numbers_is_refused(x, dtype, shown):
    with error(
        TypeError,
        f"as_array: x holds no numbers but dtype {dtype} (x: {shown}); "
        "give floats, complex numbers, integers or booleans",
    ):
        as_array(x)


def test_a_dtype_without_numbers_is_refused():
    with error(
        TypeError,
        "as_array: dtype object holds no numbers; give a float, complex, integer or boolean dtype",
    ):
        as_array([1.0], dtype=object)


def test_ragged_lists_are_refused():
    text = (
        r"^as_array: x is no rectangular array \(setting an array .*\) \(x: \[\[1\], \[1, 2\]\]\)"
    )
    with pytest.raises(ValueError, match=text + "; pad its rows to one length$"):
        as_array([[1], [1, 2]])
