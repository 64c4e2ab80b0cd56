"""Object files to addresses: by our own loader where it can, else by LLVM's linker."""

from collections.abc import Mapping

from . import elf
from .target import compiler


class Code(Mapping):
    """{name: address} of loaded functions, callable as long as this object lives."""

    def __init__(self, linked):
        self.linked, self.addresses = linked, linked.addresses

    def __getitem__(self, name):
        return self.addresses[name]

    def __iter__(self):
        return iter(self.addresses)

    def __len__(self):
        return len(self.addresses)


def load(source, names, symbols=None):
    """Link an object file (bytes), several, or IR (text) into this process: {name: address} for
    `names`.

    `symbols` gives addresses to functions that the code declares but does not define; what the
    process itself exports (memcpy, memset, which LLVM may call by itself) is found without it.
    Raises RuntimeError with the linker's words where a name or a symbol is missing.
    """
    source = compiler().compile_object(source) if isinstance(source, str) else source
    images = [source] if isinstance(source, bytes) else source
    return Code(linked(images, names, symbols or {}))


def linked(images, names, outside):
    """What holds the code and its addresses."""
    if elf.available():
        try:
            return elf.Image(images, names, outside)
        except elf.Unsupported:
            pass
    return compiler().Link(images, names, outside)
