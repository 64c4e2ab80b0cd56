"""Map the folders at the root to `wonderland.*`; pyproject.toml says everything else.

`wonderland` is a namespace package without a folder: one of that name at the root would shadow the
installed one. The packages are found by walking the floors, so that a new one cannot be forgotten.
"""

from setuptools import find_packages, setup

FLOORS = ("shared", "functional", "oop", "purify", "compare")

setup(
    package_dir={f"wonderland.{floor}": floor for floor in FLOORS},
    packages=[
        f"wonderland.{package}"
        for floor in FLOORS
        for package in (floor, *(f"{floor}.{name}" for name in find_packages(floor)))
    ],
)
