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
    compiles, lines = machine_code()
    print(f"  {mark(compiles)} {'native':13s} " + f"\n{'':21s}".join(lines))
    name, problem = graphics()
    found = f"arrays on {device_count()} CUDA device(s), the first a {name}"
    print(f"  {mark(name)} {'cupy':13s} {found if name else problem.partition(';')[0]}")
    return 0


def machine_code():
    """(does `jit` compile to machine code here?, lines that say as what or why not)"""
    if version_of("llvmlite") is None:
        return False, ["needs llvmlite, the numpy executor serves: pip install llvmlite"]
    if executors.native() is None:
        return False, ["not for this Python or machine, the numpy executor serves"]
    return True, import_module("..shared.schedule.native.host", __package__).description()


def mark(there):
    """'yes' or 'no', in four columns."""
    return "yes " if there else "no  "
