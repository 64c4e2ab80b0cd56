"""What does one operation cost in each mode?  The first row of a group is the bare kernel.

    make bench        or: .venv/bin/python -m pytest benchmarks/bench_ops.py --benchmark-enable

Every entry runs a chain of LENGTH operations. The differences that the budgets of DESIGN.md are
about are printed by `budgets.py`.
"""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop

LENGTH = 20
X = np.linspace(0.5, 1.5, 64, dtype=np.float32).reshape(4, 16)
FACTOR = np.linspace(0.9, 1.1, 64, dtype=np.float32).reshape(4, 16)
SQUARE = np.linspace(0.0, 0.1, 256, dtype=np.float32).reshape(16, 16)

# each leaves the shape and the range of its argument about as they were
OPERATIONS = {
    "mul": lambda x: x * FACTOR,
    "add": lambda x: x + 0.01,
    "tanh": np.tanh,
    "exp": lambda x: np.exp(-x),
    "matmul": lambda x: x @ SQUARE,
    "sum": lambda x: x + x.sum(axis=1, keepdims=True) * 0.01,
    "reshape": lambda x: x.reshape(16, 4).reshape(4, 16),
    "transpose": lambda x: x.T.T,
    "index": lambda x: x[:, ::-1],
    "broadcast": lambda x: x * X[0],
}


def chain(name):
    """A function of one array that applies the operation LENGTH times."""
    operation = OPERATIONS[name]

    def run(x):
        for _ in range(LENGTH):
            x = operation(x)
        return x

    return run


def loss(name):
    """The chain's sum: a function that has a gradient."""
    run = chain(name)
    return lambda x: run(x).sum()


def kernel(name):
    run = chain(name)
    return lambda: run(X)


def recorded(name):
    run = chain(name)
    return lambda: wf.vjp(run, X)


def pulled(name):
    out, pull = wf.vjp(chain(name), X)
    return lambda: pull(out)


def tangent(name):
    run = chain(name)
    return lambda: wf.jvp(run, (X,), (X,))


def batched(name):
    run = wf.vmap(chain(name))
    batch = np.stack([X] * 4)
    return lambda: run(batch)


def gradient(name):
    run = wf.grad(loss(name))
    return lambda: run(X)


def gradient_of_gradient(name):
    inner = wf.grad(loss(name))
    run = wf.grad(lambda x: (inner(x) * X).sum() + (x * 0).sum())
    return lambda: run(X)


def tensors(name):
    run, x = chain(name), oop.tensor(X, requires_grad=True)
    return lambda: run(x)


def tensors_and_back(name):
    run, x = loss(name), oop.tensor(X, requires_grad=True)

    def step():
        x.grad = None
        run(x).backward()

    return step


MODES = {
    "1 kernel": kernel,
    "2 recording": recorded,
    "3 recording, oop": tensors,
    "4 backward": pulled,
    "5 forward and backward": gradient,
    "6 forward and backward, oop": tensors_and_back,
    "7 jvp": tangent,
    "8 vmap": batched,
    "9 grad of grad": gradient_of_gradient,
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation(benchmark, name, mode):
    benchmark.group = f"{name}, {LENGTH} in a chain"
    benchmark.extra_info["operations"] = LENGTH
    run = MODES[mode](name)
    run()
    benchmark(run)
