"""`wonderland doctor`: what is installed, and what runs on this machine."""

from ..shared.backend import cuda_available, device_count
from ..shared.primitives import registry
from .environment import PACKAGES, environment, version_of


def doctor():
    """Print the environment, the extras, and the devices. Exit status 0: nothing here is an error."""
    for label, value in environment().items():
        print(f"{label:16s} {value}")
    print(f"{'primitives':16s} {len(registry)} declared (`wonderland primitives` lists them)")
    print()
    for package, extra in PACKAGES.items():
        version = version_of(package)
        hint = "" if version else f'  (pip install "wonderland[{extra}]")'
        print(f"{'yes' if version else 'no ':4s} {package}{hint}")
    print()
    print("yes  NumPy arrays on the CPU")
    if cuda_available():
        print(f"yes  CuPy arrays on {device_count()} CUDA device(s)")
    else:
        print("no   CUDA: no device, or CuPy is not installed; everything runs on the CPU")
    return 0
