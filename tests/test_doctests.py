"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

FLOORS = ("shared", "functional", "oop", "purify", "compare")


def modules():
    for floor in FLOORS:
        package = importlib.import_module(f"wonderland.{floor}")
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


EXAMPLES = [
    example
    for module in modules()
    for example in doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs={"np": np})
    if example.examples
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example(example):
    output = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    failed = runner.run(example, out=output.append).failed
    assert not failed, "".join(output)
