import pytest

from wonderland import oop
from wonderland.shared.backend import device_count


def test_without_a_device_nothing_raises_but_its_use():
    assert oop.cuda.is_available() == (oop.cuda.device_count() > 0) == (device_count() > 0)
    oop.cuda.manual_seed_all(0)
    if not oop.cuda.is_available():
        for function in (oop.cuda.synchronize, oop.cuda.current_device, oop.cuda.empty_cache):
            with pytest.raises((ImportError, RuntimeError), match="cuda: CuPy"):
                function()
