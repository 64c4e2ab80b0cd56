"""Where the figures were measured: the machine, the versions, what is installed."""

import os
import platform
import sys
from importlib import metadata
from importlib.util import find_spec

import numpy as np

from ..shared.backend import cupy

# import name: (what it is for, the distributions that bring it, the first of them to install)
PACKAGES = {
    "numpy": ("everything", ["numpy"]),
    "llvmlite": ("machine code from jit", ["llvmlite"]),
    "rich": ("wonderland compare", ["rich"]),
    "matplotlib": ("wonderland compare", ["matplotlib"]),
    "sklearn": ("wonderland compare, for the digits", ["scikit-learn"]),
    "cupy": ("arrays on a GPU", ["cupy-cuda13x", "cupy-cuda12x", "cupy"]),
}


def version_of(package):
    """The installed version, or None."""
    if sys.modules.get(package) is None and find_spec(package) is None:
        return None
    for distribution in PACKAGES[package][1]:
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return "unknown version"


def processor():
    """The processor's name as the system gives it, and how many cores may be used."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            named = [line for line in file if line.startswith("model name")]
            name = named[0].partition(":")[2].strip() if named else name
    except OSError:
        pass  # not Linux
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count()
    return f"{name}, {cores} core{'s' if cores != 1 else ''}"


def blas():
    """The BLAS library NumPy was built with, and the limit of its threads where one is set."""
    found = np.show_config(mode="dicts").get("Build Dependencies", {}).get("blas", {})
    text = f"{found.get('name', 'unknown')} {found.get('version', '')}".strip()
    limits = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
    limit = next((f"{name}={os.environ[name]}" for name in limits if name in os.environ), "")
    return f"{text}, {limit}" if limit else text


def graphics():
    """The name of the CUDA device in use, or why there is none; never raises."""
    try:
        name = cupy().cuda.runtime.getDeviceProperties(0)["name"].decode()
    except (ImportError, RuntimeError) as error:
        return None, str(error).removeprefix("cuda: ")
    return name, ""


def environment(device="cpu"):
    """{label: value} for the report."""
    rows = {
        "Wonderland": metadata.version("wonderland"),
        "Python": platform.python_version(),
        "System": platform.platform(),
        "Processor": processor(),
        "BLAS of NumPy": blas(),
        "Device": graphics()[0] if device == "cuda" else "cpu",
    }
    for package, (_, distributions) in PACKAGES.items():
        version = version_of(package)
        if version:
            rows[distributions[0] if package != "cupy" else "cupy"] = version
    return rows
