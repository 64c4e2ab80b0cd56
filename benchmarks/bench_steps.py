"""What does a training step cost, in both paradigms and purified?  One group per network.

    make bench        or: .venv/bin/python -m pytest benchmarks/bench_steps.py --benchmark-enable

Forward, backward and SGD update of the networks of `steps`; the first row is the derivative written
by hand, which no framework can do without.
"""

import importlib

import numpy as np
import pytest

from benchmarks.steps import MODELS, draw

OURS = ["wonderland_oop", "wonderland_functional", "wonderland_plain", "wonderland_pure"]


@pytest.mark.parametrize("style", ["numpy_by_hand", *OURS])
@pytest.mark.parametrize("model", MODELS)
def test_training_step(benchmark, model, style):
    benchmark.group = f"{model}, batch {MODELS[model][1]}"
    step = importlib.import_module(f"benchmarks.steps.{style}").prepare(*draw(model))
    reference = importlib.import_module("benchmarks.steps.numpy_by_hand").prepare(*draw(model))
    found, wanted = ([run().item() for _ in range(3)] for run in (step, reference))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    benchmark(step)
