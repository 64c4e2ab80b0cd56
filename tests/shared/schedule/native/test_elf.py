"""Our own linker: what it takes, what it leaves to LLVM's, and that nothing stays behind.

What the code does that it loads is in test_linking.py.
"""

import ctypes
import gc
from unittest import mock

import pytest

from wonderland.shared.schedule.native import elf, linking
from wonderland.shared.schedule.native.target import compiler

pytestmark = pytest.mark.skipif(not elf.available(), reason="it is for x86-64 Linux")

TWICE = "define double @twice(double %x) { %y = fadd double %x, %x\n ret double %y }"
REAL = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)


@pytest.fixture(scope="module")
def image():
    return compiler().compile_object(TWICE)


def mapped():
    """How many pages this process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0])


def test_memory_is_given_back(image):
    held = [linking.load(image, ["twice"]) for _ in range(200)]
    full = mapped()
    held.clear()
    gc.collect()
    assert mapped() <= full - 200


def test_code_cannot_be_written_and_is_no_other_process_s(image):
    found = elf.Image([image], ["twice"], {})
    with open("/proc/self/maps") as file:
        lines = [line for line in file if line.startswith(f"{found.base:08x}-")]
    assert [line.split()[1] for line in lines] == ["r-xp"]


OTHER_MACHINE, SHARED = (18, b"\xb7\0"), (16, b"\3\0")


@pytest.mark.parametrize("place, bytes_", [OTHER_MACHINE, SHARED])
def test_another_kind_of_file_is_not_for_it(image, place, bytes_):
    other = image[:place] + bytes_ + image[place + 2 :]
    with pytest.raises(elf.Unsupported, match="no object of x86-64"):
        elf.Image([other], ["twice"], {})


@pytest.mark.parametrize("content", [b"", b"\x7fELF", bytes(100)])
def test_what_is_no_object_is_not_for_it(content):
    with pytest.raises(elf.Unsupported):
        elf.Image([content], [], {})


def test_a_relocation_that_it_does_not_know_is_left_to_llvm(monkeypatch):
    text = "@x = internal global double 2.0" + TWICE.replace("%x, %x", "%x, %z").replace(
        "{", "{ %z = load double, ptr @x\n"
    )
    monkeypatch.setattr(elf, "GOTOFF64", -1)
    source = compiler().compile_object(text)
    with pytest.raises(elf.Unsupported, match="relocation 25"):
        elf.Image([source], ["twice"], {})
    code = linking.load(source, ["twice"])
    assert REAL(code["twice"])(1.0) == 3.0


def test_a_system_that_runs_nothing_written_is_left_to_llvm(image, monkeypatch):
    class Library:
        mprotect = mock.Mock(return_value=-1)

    monkeypatch.setattr(elf.ctypes, "CDLL", lambda *_, **__: Library())
    with pytest.raises(elf.Unsupported, match="lets no memory be run"):
        elf.Image([image], ["twice"], {})
    code = linking.load(image, ["twice"])
    assert REAL(code["twice"])(1.5) == 3.0
