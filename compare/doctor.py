"""`wonderland doctor`: what is installed, what is missing and how to get it, what runs here."""

from importlib import import_module

from ..shared.backend import device_count
from ..shared.schedule import executors
from .coverage import rows
from .environment import PACKAGES, environment, graphics, version_of


def doctor(arguments=None):
    """Print it all. Exit status 0: nothing that is missing here is an error."""
    for label, value in environment().items():
        if label in ("Wonderland", "Python", "System", "Processor", "BLAS of NumPy"):
            print(f"{label:15s}{value}")
    print(f"{'Primitives':15s}{len(rows())}, see `wonderland primitives`")
    print("\nPackages")
    for package, (use, distributions) in PACKAGES.items():
        version = version_of(package)
        name = package if package == "cupy" else distributions[0]
        hint = f"for {use}: pip install {' or '.join(distributions[:2])}"
        print(f"  {mark(version)} {name:13s} {version or hint}")
    print("\nExecutors")
    print(f"  {mark(True)} {'numpy':13s} arrays on the CPU")
    print(f"  {mark(executors.native())} {'native':13s} {machine_code()}")
    name, problem = graphics()
    found = f"arrays on {device_count()} CUDA device(s), the first a {name}"
    print(f"  {mark(name)} {'cupy':13s} {found if name else problem.partition(';')[0]}")
    return 0


def machine_code():
    """What compiled functions run as, or why they do not."""
    if version_of("llvmlite") is None:
        return "llvmlite is missing, so NumPy's kernels serve in its place: pip install llvmlite"
    if executors.native() is None:
        return "not on this machine or Python, so NumPy's kernels serve in its place"
    return import_module("..shared.schedule.native.host", __package__).description()


def mark(there):
    """'yes' or 'no', in four columns."""
    return "yes " if there else "no  "
