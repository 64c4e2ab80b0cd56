"""Where the figures were measured: the machine, the versions, what is installed."""

import os
import platform
from importlib import metadata
from importlib.util import find_spec

import numpy as np

from ..shared.backend import cuda_available, device_count

PACKAGES = {
    "numpy": "required",
    "rich": "compare",
    "matplotlib": "compare",
    "sklearn": "compare",
    "cupy": "cuda12 or cuda13",
    "pytest": "test",
}
DISTRIBUTIONS = {"sklearn": ("scikit-learn",), "cupy": ("cupy-cuda13x", "cupy-cuda12x", "cupy")}


def version_of(package):
    """The installed version, or None."""
    if find_spec(package) is None:
        return None
    for distribution in DISTRIBUTIONS.get(package, (package,)):
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return "unknown version"


def processor():
    """The processor's name as the system gives it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def blas():
    """The BLAS library NumPy was built with."""
    config = np.show_config(mode="dicts")
    found = config.get("Build Dependencies", {}).get("blas", {})
    return f"{found.get('name', 'unknown')} {found.get('version', '')}".strip()


def environment():
    """{label: value} for the report."""
    rows = {
        "Wonderland": metadata.version("wonderland"),
        "Python": platform.python_version(),
        "System": platform.platform(),
        "Processor": f"{processor()}, {len(os.sched_getaffinity(0))} core(s) available"
        if hasattr(os, "sched_getaffinity")
        else processor(),
        "BLAS of NumPy": blas(),
        "CUDA": f"{device_count()} device(s)" if cuda_available() else "none",
    }
    for package in PACKAGES:
        version = version_of(package)
        if version:
            rows[package] = version
    return rows
