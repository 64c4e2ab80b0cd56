"""The machine that code is for, as LLVM names it, and the way to the compiler.

LLVM is asked once on a machine: its answer is kept beside the compiled code, so that a process that
finds all its code there does not load LLVM at all.
"""

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import llvmlite

from .cache import folder, read, write

# What the kernel tells of a processor that decides what it can run; the rest changes as it runs.
TELLING = frozenset(
    "vendor_id,cpu family,model,model name,stepping,flags,CPU implementer,CPU architecture,"
    "CPU variant,CPU part,CPU revision,Features".split(",")
)


class Target(NamedTuple):
    """A machine, and the LLVM that names it."""

    triple: str
    cpu: str
    features: str  # "+avx2,-avx512f,..."
    llvm: str  # the version


@cache
def compiler():
    """The module of what needs LLVM's library, which is loaded when this is first called."""
    return import_module(".engine", __package__)


@cache
def host():
    """The machine that runs this process."""
    known = processor()
    if known is None:
        return compiler().ask()
    path = folder() / f"host-{hashlib.sha256(known.encode()).hexdigest()}"
    kept = (read(path) or b"").decode().split("\n")
    if len(kept) == len(Target._fields):
        return Target(*kept)
    found = compiler().ask()
    write(path, "\n".join(found).encode())
    return found


def processor(cpuinfo="/proc/cpuinfo"):
    """The first processor in the kernel's words, and the llvmlite that is here; None where the
    kernel tells nothing."""
    try:
        text = Path(cpuinfo).read_text("utf-8", "replace").partition("\n\n")[0]
    except OSError:
        return None
    lines = [line for line in text.split("\n") if line.partition(":")[0].strip() in TELLING]
    return "\n".join([llvmlite.__version__, llvmlite.__file__, *lines]) if lines else None


def has_feature(name):
    """Whether the host CPU has `name` in LLVM's spelling, such as "fma" or "avx512f"."""
    return f"+{name}" in host().features.split(",")


def vector_bytes():
    """The width of the host's vector registers that LLVM fills willingly."""
    if has_feature("avx512f"):
        return 64
    return 32 if has_feature("avx") else 16
