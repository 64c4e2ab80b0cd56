"""How long does an elementary function take per element, as machine code and by NumPy?

    python benchmarks/native_functions.py             # all of them, 10^6 elements, one core
    python benchmarks/native_functions.py tanh log    # these

Each is a loop over an array that stays in the cache's reach, alone; the least of RUNS passes, in
nanoseconds per element, with the time to compile the loop. `gelu` is the tanh form, fused.
"""

import sys
import time

import numpy as np

from wonderland.shared.schedule.native.functions import TABLE, exponential
from wonderland.shared.schedule.native.functions.loop import Loop
from wonderland.shared.schedule.native.lane import fma

SIZE, RUNS = 10**6, 40
BINARY = ("power", "arctan2", "hypot", "logaddexp")
ROOT, CUBIC = 0.7978845608028654, 0.044715


def gelu(x):
    """x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2"""
    inner = x * fma(x * x, CUBIC * ROOT, x.constant(ROOT))
    return x * fma(exponential.tanh(inner), 0.5, x.constant(0.5))


BY_NUMPY = {
    "sigmoid": lambda x, out: 1 / (1 + np.exp(-x)),
    "rsqrt": lambda x, out: 1 / np.sqrt(x),
    "softplus": lambda x, out: np.logaddexp(x, np.float32(0)),
    "gelu": lambda x, out: 0.5 * x * (1 + np.tanh(ROOT * (x + CUBIC * x * x * x))),
    "copy": lambda x, out: np.copyto(out, x),
}


def nanoseconds(function):
    """The least time of RUNS calls, per element."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times) / SIZE * 1e9


def row(name, dtype):
    """Prints one line."""
    operands = [np.random.default_rng(0).uniform(1.0, 4.0, SIZE).astype(dtype)]
    operands *= 2 if name in BINARY else 1
    if name.startswith("arc") or name == "erf":
        operands = [x / 4 for x in operands]
    if name == "arccosh":
        operands = [4 * x for x in operands]
    out = np.empty_like(operands[0])
    start = time.perf_counter()
    loop = Loop(name, dtype, len(operands))
    compiled = time.perf_counter() - start
    ours = nanoseconds(lambda: loop(*operands, out=out))
    numpy = BY_NUMPY.get(name) or (hasattr(np, name) and getattr(np, name))
    theirs = f"{nanoseconds(lambda: numpy(*operands, out=out)):8.2f}" if numpy else f"{'':8s}"
    print(f"{name:10s} {np.dtype(dtype).name}  {ours:7.2f} {theirs}  {compiled * 1e3:7.0f}")


def main(names):
    """Prints the table."""
    TABLE["gelu"], TABLE["copy"] = gelu, lambda x: x + 0.0
    print(f"{'function':10s} {'dtype':7s} {'native':>7s} {'NumPy':>8s}  compile  (ns, ns, ms)")
    for name in names or TABLE:
        for dtype in (np.float32, np.float64):
            row(name, dtype)


if __name__ == "__main__":
    main(sys.argv[1:])
