"""CUDA devices, through CuPy: whether there are any, how many, and waiting for them."""

from ..shared import backend
from ..shared.backend import cuda_available, cupy
from .random import manual_seed

is_available = cuda_available
device_count = backend.device_count
manual_seed_all = manual_seed


def current_device():
    """The number of the device that new arrays go to."""
    return cupy().cuda.Device().id


def get_device_name(device=0):
    """The name of a device."""
    return cupy().cuda.runtime.getDeviceProperties(device)["name"].decode()


def synchronize():
    """Wait until the device has finished what it was given."""
    cupy().cuda.Device().synchronize()


def empty_cache():
    """Give back the memory that CuPy holds for later."""
    cupy().get_default_memory_pool().free_all_blocks()


def memory_allocated():
    """The bytes in use by arrays."""
    return cupy().get_default_memory_pool().used_bytes()
