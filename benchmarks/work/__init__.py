"""The work that every framework is timed at: one file each, spelt once for each style.

A file has `draw(...)`, its arrays; `stateful(face, arrays)`, as torch and `wonderland.oop` spell
it; and `stateless(face, arrays)`, as jax and `wonderland.functional` do. Both return `step()`: it
does the work once and gives what is compared between frameworks, the loss before the update or
the arrays themselves. A face (`stateful_faces.py`, `stateless_faces.py`) is a framework, with or
without its compiler.
"""

import importlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A line of the tables: which work, and how good ours is meant to be.

    target: our best time over the best of the peers', at most. traffic: the bytes that any program
    must read and write, where these bound the time. eager: `oop` over torch eager, at most. tuned:
    whether torch has options that make it faster here (fused Adam, channels-last).
    """

    module: str
    arguments: tuple = ()
    target: float = 1.0
    traffic: int | None = None
    eager: float | None = None
    tuned: bool = False

    @property
    def work(self):
        """The module that has this row's draw, stateful and stateless."""
        return importlib.import_module(f"{__package__}.{self.module}")


MATRIX = 4096 * 1024 * 4  # bytes of the row-wise operations' input
MILLION = 4 * 10**6  # bytes

ROWS = {
    "mlp-8-16-16-1": Row("mlp", ((8, 16, 16, 1), 4), 0.5),
    "mlp-784-128-10": Row("mlp", ((784, 128, 10), 32), 0.8),
    "mlp-784-512-512-10": Row("mlp", ((784, 512, 512, 10), 128), 0.9),
    "mlp-1024-1024-1024-1024-10": Row("mlp", ((1024, 1024, 1024, 1024, 10), 512), 1.0),
    "gpt": Row("gpt", target=0.7, eager=2.0, tuned=True),
    "cnn": Row("cnn", target=0.7, eager=1.0, tuned=True),
    "lstm": Row("lstm", target=0.8),
    "chain": Row("chain", ("none",), 0.6, 2 * MILLION),
    "chain-tanh": Row("chain", ("tanh",), 0.6, 2 * MILLION),
    "softmax": Row("rowwise", ("softmax", False), 0.6, 2 * MATRIX),
    "softmax-grad": Row("rowwise", ("softmax", True), 0.6, 4 * MATRIX),
    "layernorm": Row("rowwise", ("layer_norm", False), 0.6, 2 * MATRIX),
    "layernorm-grad": Row("rowwise", ("layer_norm", True), 0.6, 4 * MATRIX),
    "adam": Row("adam", target=0.6, traffic=7 * 10 * MILLION, tuned=True),
    "hessian": Row("hessian", target=0.8),
}
