import numpy as np
import pytest

from wonderland import oop


def test_dtypes():
    x = oop.tensor([1.5, 2.5], requires_grad=True)
    y = x.double()
    assert (y.dtype, y.requires_grad) == (np.float64, True)
    y.sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (np.float32, [1, 1])
    assert x.to(oop.float32) is x
    assert x.to("float16").dtype == x.half().dtype == np.float16
    assert x.to(float).dtype == np.float64  # Python's own float, as in torch
    assert not x.long().requires_grad
    assert x.long().tolist() == [1, 2]
    assert (x.bool().dtype, x.int().dtype, x.short().dtype) == (np.bool_, np.int32, np.int16)
    assert x.to(y).dtype == x.type_as(y).dtype == x.type(oop.float64).dtype == np.float64
    assert x.type() == np.float32
    assert x.to(dtype=oop.float64, device="cpu").device == "cpu"


def test_devices():
    x = oop.ones(2)
    assert x.cpu() is x
    assert x.to("cpu") is x
    assert not x.is_cuda
    if not oop.cuda.is_available():
        with pytest.raises((ImportError, RuntimeError), match="cuda: CuPy"):
            x.cuda()
