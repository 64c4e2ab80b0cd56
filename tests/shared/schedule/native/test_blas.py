"""NumPy's BLAS is found, checked, and given up without a word where there is none."""

import ctypes
import ctypes.util
from dataclasses import replace

import numpy as np
import pytest

from wonderland.shared.schedule.native import blas


@pytest.fixture
def found():
    library = blas.find()
    if library is None:
        pytest.skip("this NumPy has no BLAS that can be called")
    return library


def test_the_wheels_of_numpy_have_one():
    bundled = any("openblas" in path for path in blas.candidates())
    assert (blas.find() is not None) or not bundled


def test_every_function_has_an_address(found):
    wanted = {letter + name for letter in "sd" for name in blas.NAMES}
    assert wanted <= set(found.addresses) and all(found.addresses.values())
    assert found.integer_bits in (32, 64)


def test_a_product_with_transposes_and_strides(found):
    integer = {32: ctypes.c_int32, 64: ctypes.c_int64}[found.integer_bits]
    real, pointer = ctypes.c_double, ctypes.c_void_p
    kinds = [ctypes.c_int] * 3 + [integer] * 3
    kinds += [real, pointer, integer, pointer, integer, real, pointer, integer]
    gemm = ctypes.CFUNCTYPE(None, *kinds)(found.addresses["dgemm"])
    random = np.random.default_rng(0)
    x, y, z = random.normal(size=(5, 9)), random.normal(size=(6, 5)), np.ones((3, 8))
    places = [array.ctypes.data for array in (x, y, z)]
    gemm(101, 112, 112, 3, 6, 5, 2.0, places[0], 9, places[1], 5, 1.0, places[2], 8)
    np.testing.assert_allclose(z[:, :6], 1 + 2 * x[:, :3].T @ y.T)
    assert (z[:, 6:] == 1).all()


def test_its_threads_can_be_limited(found):
    if found.threads() is None:
        pytest.skip("it does not tell its threads")
    before = found.threads()
    try:
        assert found.limit_threads(1) and found.threads() == 1
    finally:
        found.limit_threads(before)
    assert found.threads() == before
    silent = replace(found, set_num_threads=None, get_num_threads=None)
    assert silent.threads() is None and not silent.limit_threads(1)


def test_one_that_multiplies_wrongly_is_not_believed(found):
    swapped = {**found.addresses, "dgemm": found.addresses["sgemm"]}
    assert blas.multiplies(found)
    assert not blas.multiplies(replace(found, addresses=swapped))


def test_where_there_is_none_the_answer_is_none(monkeypatch):
    no_blas = ctypes.util.find_library("c") or "libc.so.6"
    monkeypatch.setattr(blas, "candidates", lambda: ["/nowhere/libblas.so", no_blas])
    assert blas.find.__wrapped__() is None


def test_the_loaded_libraries_are_read(tmp_path):
    maps = tmp_path / "maps"
    line = "7f00-7f01 r-xp 00000000 08:01 42   /a folder/libopenblas.so.0"
    maps.write_text(f"{line}\n{line}\n7f02-7f03 rw-p 00000000 00:00 0   [heap]\n")
    assert blas.loaded_libraries(maps) == ["/a folder/libopenblas.so.0"]
    assert blas.loaded_libraries(tmp_path / "none") == []
