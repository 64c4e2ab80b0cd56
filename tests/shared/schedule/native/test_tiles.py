"""Products written out: every layout and remainder, against exact sums; and which are."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.schedule.native import products, tiles
from wonderland.shared.schedule.views import View

pytest.importorskip("llvmlite")
if not tiles.has_feature("fma"):
    pytest.skip("products are left to BLAS here", allow_module_level=True)


@pytest.fixture
def written(monkeypatch, tmp_path):
    """The sizes of the products that were written out; any may be that is large enough to fit."""
    seen, write = [], tiles.Tiles.write

    def spy(self, pointers, m):
        seen.append((self.product.n, self.product.k, self.product.m))
        return write(self, pointers, m)

    monkeypatch.setenv("WONDERLAND_CACHE", str(tmp_path))  # what is on disk is not written again
    monkeypatch.setattr(tiles.Tiles, "write", spy)
    monkeypatch.setattr(tiles, "WORTH", 0)
    return seen


def normal(*shape, dtype=np.float32):
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(dtype)


def check(x, y, turned=(False, False)):
    """x y, where an operand that is turned lies in memory with its last two axes swapped."""
    lying = [np.ascontiguousarray(a.swapaxes(-1, -2)) if t else a for a, t in
             zip((x, y), turned, strict=True)]  # fmt: skip

    def product(*operands):
        x, y = (a.swapaxes(-1, -2) if t else a for a, t in zip(operands, turned, strict=True))
        return x @ y

    found = wf.jit(product, executor="native")(*lying)
    exact = x.astype(np.longdouble) @ y.astype(np.longdouble)
    bound = np.abs(x).astype(np.longdouble) @ np.abs(y) * x.shape[-1] * np.finfo(x.dtype).eps
    assert found.dtype == x.dtype and (np.abs(found - exact) <= bound).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("n, k, panels", [(48, 64, 2), (53, 33, 1), (65, 1, 3), (128, 7, 1)])
def test_layouts_and_remainders(written, dtype, turned, n, k, panels):
    m = panels * tiles.panel(np.dtype(dtype).itemsize)
    check(normal(n, k, dtype=dtype), normal(k, m, dtype=dtype), turned)
    assert written == [(n, k, m)]


@pytest.mark.parametrize("n", [6, 7, 11, 12])
def test_few_rows(written, n):
    check(normal(n, 20), normal(20, 32))
    assert written == [(n, 20, 32)]


@pytest.mark.parametrize("stack", [(5,), (3, 4), (2, 1, 3)])
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True)])
def test_stacks(written, stack, turned):
    x, y = normal(*stack, 48, 10), normal(*stack, 10, 32)
    check(x, y, turned)
    check(x, y[:1], turned)
    assert {*written} == {(48, 10, 32)}


def test_columns_shared_by_threads_are_whole_panels(written):
    check(normal(32, 128), normal(128, 512))
    assert written == [(32, 128, 512)]


def test_a_slice_is_read_and_written_as_it_lies(written):
    x, y = normal(64, 3, 40), normal(40, 96)

    def f(x, y):
        return x[:, 1] @ y[:, 16:48]

    found = wf.jit(f, executor="native")(x, y)
    np.testing.assert_allclose(found, f(x, y), rtol=1e-4, atol=1e-5)
    assert written


def test_what_is_no_number_stays_where_it_is(written):
    x, y = np.ones((48, 16), np.float32), np.ones((16, 32), np.float32)
    x[3, 2], x[5, 1], y[0, 7] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        expected = x @ y
    np.testing.assert_array_equal(wf.jit(lambda x, y: x @ y, executor="native")(x, y), expected)
    assert written


@pytest.mark.parametrize(
    ("shapes", "turned"),
    [
        (((5, 20), (20, 32)), False),  # few rows
        (((12, 20), (20, 32)), True),  # few rows for which y would be turned
        (((48, 20), (20, 31)), False),  # no whole panels
        (((129, 20), (20, 32)), False),
        (((48, 257), (257, 32)), False),
        (((128, 256), (256, 128)), False),
    ],
)
def test_what_is_left_to_blas(written, shapes, turned):
    check(*[normal(*shape) for shape in shapes], (False, turned))
    assert written == []


def test_what_is_not_worth_compiling_is_left_to_blas(written, monkeypatch):
    monkeypatch.setattr(tiles, "WORTH", 48 * 20 * 32 + 1)
    check(normal(48, 20), normal(20, 32))
    assert written == []


def test_without_fused_multiplication_all_is_left_to_blas(written, monkeypatch):
    monkeypatch.setattr(tiles, "has_feature", lambda name: False)
    check(normal(48, 20), normal(20, 32))
    assert written == []


def test_a_result_that_lies_turned_is_left_to_blas():
    x, y = View((96, 128), (128, 1)), View((128, 128), (128, 1))
    tiled = [
        products.Product(x, y, View((96, 128), strides), np.dtype(np.float32)).tiled
        for strides in ((128, 1), (1, 96))
    ]
    assert tiled == [True, False]
