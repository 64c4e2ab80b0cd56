"""Object files into memory, without LLVM: ELF for x86-64, as the compiler here prints it.

A warm start finds all its code on disk; loading that by LLVM's linker would mean to load LLVM, 0.04
s and 60 MiB. What such an object asks of a linker is little, since it is compiled
position-independent and for the large model: three kinds of relocation, all 64 bits wide.
Source: System V ABI, AMD64 supplement, sections 3.5 and 4.4.
"""

import ctypes
import mmap
import platform
import struct
import sys
from functools import cache
from typing import Any, NamedTuple

MAGIC, X86_64, RELOCATABLE = b"\x7fELF\x02\x01\x01", 62, 1
SYMBOLS, RELOCATIONS, NO_BITS = 2, 4, 8  # types of sections
WRITE, ALLOCATE, EXECUTE = 1, 2, 4  # flags of sections
UNWINDING = 0x70000001  # for exceptions, which nothing here throws
GOT64, GOTOFF64, GOTPC64 = 27, 25, 29  # of a name, of a section; and where the table itself is
UNDEFINED, ABSOLUTE = 0, 0xFFF1
PAGE = mmap.PAGESIZE


class Unsupported(Exception):
    """An object that asks for more: LLVM's own linker can load it."""


class Section(NamedTuple):
    """A line of the table of sections."""

    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry: int


class Object:
    """An object file: its sections, and the symbols (name, section, value) in them."""

    def __init__(self, image):
        self.image = image
        kind, machine = struct.unpack_from("<HH", image, 16) if len(image) >= 64 else (0, 0)
        if image[:7] != MAGIC or (kind, machine) != (RELOCATABLE, X86_64):
            raise Unsupported("no object of x86-64")
        (start,), (count,) = (
            struct.unpack_from("<Q", image, 40),
            struct.unpack_from("<H", image, 60),
        )
        self.sections = [
            Section(*struct.unpack_from("<IIQQQQIIQQ", image, start + 64 * i)) for i in range(count)
        ]
        tables = [s for s in self.sections if s.type == SYMBOLS]
        self.symbols = [symbol for table in tables[:1] for symbol in self.read_symbols(table)]

    def entries(self, section, form):
        """The entries of a table."""
        end = section.offset + section.size
        return struct.iter_unpack(form, self.image[section.offset : end])

    def read_symbols(self, table):
        """(name, section, value) of each symbol."""
        names = self.sections[table.link]
        for name, _, _, section, value, _ in self.entries(table, "<IBBHQQ"):
            start = names.offset + name
            yield self.image[start : self.image.index(b"\0", start)].decode(), section, value

    def loaded(self):
        """The numbers of the sections that are part of the program."""
        return [
            i for i, s in enumerate(self.sections)
            if s.flags & ALLOCATE and s.size and s.type != UNWINDING
        ]  # fmt: skip

    def relocations(self):
        """(section, offset, type, symbol, addend) of each place to fill in."""
        loaded = {*self.loaded()}
        for section in self.sections:
            if section.type == RELOCATIONS and section.info in loaded:
                for offset, info, addend in self.entries(section, "<QQq"):
                    yield section.info, offset, info & 0xFFFFFFFF, info >> 32, addend


class Image:
    """Objects in memory, linked with each other and with the outside: {name: address}.

    First the pages that hold code, which are made unwritable, then those of data and the table of
    addresses (the ABI's global offset table). A forked child has its own. All of it is given
    back with the Image.
    """

    def __init__(self, images, names, outside):
        self.objects = [Object(image) for image in images]
        self.starts: dict[Any, int] = {}  # {(object, section): where it begins}
        code = self.placed(0, lambda s: s.flags & EXECUTE)
        self.code = -(-code // PAGE) * PAGE
        self.table = -(-self.placed(self.code, lambda s: not s.flags & EXECUTE) // 8) * 8
        wanted = dict.fromkeys(
            name for o in self.objects for name, section, _ in o.symbols
            if name and section == UNDEFINED
        )  # fmt: skip
        self.slots = {name: self.table + 8 * i for i, name in enumerate(wanted)}
        size = max(self.table + 8 * len(self.slots), 1)
        self.memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.defined = {
            name: self.base + self.starts[k, section] + value
            for k, o in enumerate(self.objects)
            for name, section, value in o.symbols
            if name and (k, section) in self.starts
        }
        self.filled(outside)
        self.sealed()
        self.addresses = {name: known(name, self.defined.get(name)) for name in names}

    def placed(self, at, chosen):
        """Give the sections that are chosen their places from `at` on; where they end."""
        for k, o in enumerate(self.objects):
            for i in o.loaded():
                section = o.sections[i]
                if chosen(section):
                    at = -(-at // max(section.align, 1)) * max(section.align, 1)
                    self.starts[k, i] = at
                    at += section.size
        return at

    def filled(self, outside):
        """Copy the sections, and fill in what depends on where they came to lie."""
        for (k, i), start in self.starts.items():
            section, image = self.objects[k].sections[i], self.objects[k].image
            if section.type != NO_BITS:
                end = section.offset + section.size
                self.memory[start : start + section.size] = image[section.offset : end]
        for name, slot in self.slots.items():
            if name != "_GLOBAL_OFFSET_TABLE_":
                address = self.defined.get(name) or outside.get(name) or exported(name)
                struct.pack_into("<Q", self.memory, slot, known(name, address))
        for k, o in enumerate(self.objects):
            for i, offset, kind, symbol, addend in o.relocations():
                place = self.starts[k, i] + offset
                value = self.value(k, kind, o.symbols[symbol], place) + addend
                struct.pack_into("<q", self.memory, place, value)

    def value(self, k, kind, symbol, place):
        """What a relocation asks for, less its addend; all offsets count from the table."""
        name, section, offset = symbol
        if kind == GOTPC64:
            return self.table - place
        if kind == GOT64 and name in self.slots:
            return self.slots[name] - self.table
        if kind == GOTOFF64 and (k, section) in self.starts:
            return self.starts[k, section] + offset - self.table
        raise Unsupported(f"relocation {kind} of {name!r}")

    def sealed(self):
        """Let the code be run, and no longer be written."""
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        if self.code and protect(self.base, self.code, mmap.PROT_READ | mmap.PROT_EXEC):
            raise Unsupported("the system lets no memory be run that was written")


def known(name, address):
    """The address; RuntimeError where there is none."""
    if not address:
        raise RuntimeError(f"Symbols not found: [ {name} ]")
    return address


@cache
def exported(name):
    """The address of a function that the process itself has, such as memcpy; 0 for none."""
    try:
        return ctypes.cast(ctypes.CDLL(None)[name], ctypes.c_void_p).value or 0
    except AttributeError:
        return 0


def available():
    """True where objects are of this form."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and PAGE == 4096
