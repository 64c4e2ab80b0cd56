"""What does a training step cost on the device, next to the host?  Needs CuPy and a GPU.

    make test-gpu     or: python -m pytest benchmarks/bench_gpu.py -m gpu --benchmark-enable

An entry is STEPS steps and one wait for the device at their end, as a training loop has it. The
small networks show what launching a kernel costs, the large one what the device can do.
"""

import importlib

import pytest

from benchmarks.steps import MODELS, draw
from wonderland.shared.backend import cupy

pytestmark = pytest.mark.gpu

STEPS = 20
STYLES = ["wonderland_oop", "wonderland_functional", "wonderland_pure"]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("model", MODELS)
def test_training_steps(benchmark, model, style, device):
    benchmark.group = f"{STEPS} steps of {model}, batch {MODELS[model][1]}"
    prepare = importlib.import_module(f"benchmarks.steps.{style}").prepare
    step = prepare(*draw(model), device=device)
    wait = cupy().cuda.Stream.null.synchronize

    def run():
        for _ in range(STEPS):
            step()
        wait()

    run()
    benchmark(run)
