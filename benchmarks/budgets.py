"""What does one small operation cost over the raw kernel?  The budgets of DESIGN.md, as a table.

    python benchmarks/budgets.py

Each figure is the minimum over many short runs, as these are least disturbed by other work on the
machine; the kernel's own time is measured in the same run and subtracted.
"""

import gc
import time

import numpy as np

from wonderland import functional as wf
from wonderland import oop
from wonderland.shared import tape

LENGTH = 100  # operations per chain
ROUNDS = 300


def fastest(function):
    """The minimum time of one call, in microseconds per operation of a chain."""
    best = float("inf")
    gc.collect()
    for _ in range(ROUNDS):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best / LENGTH * 1e6


def chain(x, y):
    """LENGTH multiplications."""
    for _ in range(LENGTH):
        x = x * y
    return x


def curve(x):
    """A scalar function with several kinds of operation, LENGTH in all."""
    for _ in range(LENGTH // 4):
        x = np.sin(x) * x + np.tanh(x)
    return x


def kernels():
    """The raw kernels: what recording adds to, and what a pull and a tangent compute."""
    x = np.ones((4, 16), np.float32)

    total = np.zeros_like(x)

    def pull():
        for _ in range(LENGTH):
            np.multiply(x, x)
            np.multiply(x, x)
            np.add(total, x, out=total)  # both operands get a cotangent, one of them its hundredth

    def tangent():
        for _ in range(LENGTH):
            np.multiply(x, x)
            np.multiply(x, x)
            np.multiply(x, x)
            np.add(x, x)

    return fastest(lambda: chain(x, x)), fastest(pull), fastest(tangent)


def functional_costs(kernel, pull, tangent):
    """(recording, backward, dual, vmap) of `functional`, microseconds over the kernels."""
    x = np.ones((4, 16), np.float32)

    def record():
        return tape.vjp(lambda a, b: [chain(a, b)], [x, x])[1]

    def walk():
        record()([x], free=True)

    recording, both = fastest(record), fastest(walk)
    dual = fastest(lambda: wf.jvp(chain, (x, x), (x, x)))
    batched = fastest(lambda: wf.vmap(chain)(x, x))
    return recording - kernel, both - recording - pull, dual - tangent, batched - kernel


def oop_costs(kernel, pull):
    """(recording, backward) of `oop`."""
    x = np.ones((4, 16), np.float32)
    a, b = oop.tensor(x, requires_grad=True), oop.tensor(x, requires_grad=True)
    seed = oop.tensor(x)

    def walk():
        a.grad = b.grad = None
        chain(a, b).backward(seed)

    recording, both = fastest(lambda: chain(a, b)), fastest(walk)
    return recording - kernel, both - recording - pull


def second_order():
    """How many times the cost of grad a grad of grad takes, on a scalar function."""
    x = np.float64(0.3)
    once, twice = wf.grad(curve), wf.grad(wf.grad(curve))
    return fastest(lambda: twice(x)) / fastest(lambda: once(x))


def main():
    """Print the table."""
    kernel, pull, tangent = kernels()
    recording, backward, dual, batched = functional_costs(kernel, pull, tangent)
    recording_oop, backward_oop = oop_costs(kernel, pull)
    rows = [
        ("raw kernel (multiply, 4x16 float32)", kernel, None),
        ("recording, functional", recording, 2.0),
        ("recording, oop", recording_oop, 2.0),
        ("backward, functional", backward, 2.0),
        ("backward, oop", backward_oop, 2.0),
        ("dual", dual, 3.0),
        ("vmap", batched, None),
        ("grad of grad / grad (ratio)", second_order(), 3.0),
    ]
    print(f"{'cost per operation, us over the kernel':42s} measured  budget")
    for name, measured, budget in rows:
        print(f"{name:42s} {measured:8.2f}  {budget if budget is not None else '':>6}")


if __name__ == "__main__":
    main()
