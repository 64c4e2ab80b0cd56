"""What does one small operation cost over the raw kernel?  The budgets of DESIGN.md, as a table.

    python benchmarks/budgets.py

Everything runs in turns, a few hundred short runs each, and the minimum counts: it is least
disturbed by other work on the machine. The kernels' own time is measured in the same turns and
subtracted.
"""

import gc
import time

import numpy as np

from wonderland import functional as wf
from wonderland import oop
from wonderland.shared import tape

LENGTH = 100  # operations per chain
ROUNDS = 400
X = np.ones((4, 16), np.float32)
POINT = np.float64(0.3)


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


def kernel():
    """What recording adds to."""
    chain(X, X)


def kernels_of_pull():
    """What a backward pass computes: two products per operation, and a sum, as all share y."""
    total = np.zeros_like(X)
    for _ in range(LENGTH):
        np.multiply(X, X)
        np.multiply(X, X)
        np.add(total, X, out=total)


def kernels_of_tangent():
    """What a dual computes: the product, and its tangent's two and their sum."""
    for _ in range(LENGTH):
        np.multiply(X, X)
        np.multiply(X, X)
        np.multiply(X, X)
        np.add(X, X)


def record():
    """A tape of LENGTH nodes, in `functional`."""
    return tape.vjp(lambda x, y: [chain(x, y)], [X, X])[1]


def record_and_pull():
    """The same and its backward pass."""
    record()([X], free=True)


def record_tensors():
    """A tape of LENGTH nodes, in `oop`."""
    return chain(A, B)


def record_tensors_and_pull():
    """The same and its backward pass."""
    A.grad = B.grad = None
    record_tensors().backward(SEED)


def duals():
    """A value and its tangent through LENGTH operations."""
    wf.jvp(chain, (X, X), (X, X))


def batches():
    """A batch through LENGTH operations."""
    wf.vmap(chain)(X, X)


A, B = (oop.tensor(X, requires_grad=True) for _ in range(2))
SEED = oop.tensor(X)
once, twice = wf.grad(curve), wf.grad(wf.grad(curve))

MEASURED = {
    "kernel": kernel,
    "kernels of pull": kernels_of_pull,
    "kernels of tangent": kernels_of_tangent,
    "record": record,
    "record and pull": record_and_pull,
    "record, oop": record_tensors,
    "record and pull, oop": record_tensors_and_pull,
    "duals": duals,
    "batches": batches,
    "grad": lambda: once(POINT),
    "grad of grad": lambda: twice(POINT),
}


def measure():
    """{name: minimum time of one run, in microseconds per operation of its chain}."""
    best = dict.fromkeys(MEASURED, float("inf"))
    gc.collect()
    for _ in range(ROUNDS):
        for name, run in MEASURED.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], (time.perf_counter() - start) / LENGTH * 1e6)
    return best


def main():
    """Print the table."""
    t = measure()
    pull, tangent = t["kernels of pull"], t["kernels of tangent"]
    rows = [
        ("raw kernel (multiply, 4x16 float32)", t["kernel"], None),
        ("recording, functional", t["record"] - t["kernel"], 2.0),
        ("recording, oop", t["record, oop"] - t["kernel"], 2.0),
        ("backward, functional", t["record and pull"] - t["record"] - pull, 2.0),
        ("backward, oop", t["record and pull, oop"] - t["record, oop"] - pull, 2.0),
        ("dual", t["duals"] - tangent, 3.0),
        ("vmap", t["batches"] - t["kernel"], None),
        ("grad of grad / grad (ratio)", t["grad of grad"] / t["grad"], 3.0),
    ]
    print(f"{'cost per operation, us over the kernel':42s} measured  budget")
    for name, measured, budget in rows:
        verdict = (
            "" if budget is None else f"{budget:6}  {'met' if measured <= budget else 'MISSED'}"
        )
        print(f"{name:42s} {measured:8.2f}  {verdict}")


if __name__ == "__main__":
    main()
