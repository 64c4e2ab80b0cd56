"""The columns of the tables: which framework, in which environment, plain or compiled."""

from functools import partial
from typing import NamedTuple

from .stateful_faces import Oop, PurifyCompile, Torch, TorchCompile, TorchTuned
from .stateless_faces import Functional, FunctionalJit, Jax


class Column(NamedTuple):
    """style: which spelling of the work it runs; environment: the virtual environment it needs."""

    style: str
    face: object
    environment: str


PEERS = {
    "torch": Column("stateful", Torch, ".venv-peers"),
    "torch.compile": Column("stateful", TorchCompile, ".venv-peers"),
    "jax.jit": Column("stateless", Jax, ".venv-peers"),
}
TUNED = {  # shown where it differs from torch, and not one of the three that the targets name
    "torch tuned": Column("stateful", TorchTuned, ".venv-peers"),
}
EAGER = {
    "oop": Column("stateful", Oop, ".venv"),
    "functional": Column("stateless", Functional, ".venv"),
}
COMPILED = {
    "jit numpy": Column("stateless", partial(FunctionalJit, "numpy"), ".venv"),
    "jit native": Column("stateless", partial(FunctionalJit, "native"), ".venv"),
    "purify.compile": Column("stateful", PurifyCompile, ".venv"),
}
COLUMNS = PEERS | TUNED | EAGER | COMPILED
YARDSTICK = "memcpy"
