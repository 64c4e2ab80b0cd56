"""Compiled objects: compiled once, found again, and again where what is found is no good."""

import ctypes
import time
import warnings

import pytest

from wonderland.shared.schedule.native import cache, objects, target

IR = "define double @f(double %x) { %y = fadd double %x, 1.0\n ret double %y }"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache of the test's own, on a machine that is known."""
    target.host()
    monkeypatch.setenv("WONDERLAND_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "_written", {})
    cache.warn_unwritable.cache_clear()
    return tmp_path / "native"


@pytest.fixture
def compiled(monkeypatch):
    """What has been compiled."""
    seen, engine = [], target.compiler()
    compile_object = engine.compile_object

    def spy(ir_text, *how):
        seen.append(ir_text)
        return compile_object(ir_text, *how)

    monkeypatch.setattr(engine, "compile_object", spy)
    return seen


def run(code, x):
    return ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(code["f"])(x)


def test_a_program_is_compiled_once(folder, compiled):
    for _ in range(3):
        assert run(objects.load_cached(IR, ["f"]), 2.0) == 3.0
    assert compiled == [IR]
    assert [path.name for path in folder.iterdir()] == [f"{objects.key(IR)}.o"]
    assert folder.stat().st_mode & 0o077 == 0


def test_another_program_another_host_or_another_version_is_another_file(monkeypatch):
    keys = {objects.key(IR), objects.key(IR + "\n")}
    monkeypatch.setattr(objects, "surroundings", lambda: b"another")
    assert len({*keys, objects.key(IR)}) == 3


def test_all_that_decides_an_object_is_in_its_key():
    text = objects.surroundings().decode().split("\n")
    assert {objects.FORMAT, objects.OPTIMISATION, objects.llvmlite.__version__, *target.host()} <= {
        *text
    }


@pytest.mark.parametrize("damage", [b"", b"short", None], ids=["empty", "truncated", "altered"])
def test_a_corrupted_file_is_compiled_again_and_rewritten(folder, compiled, damage):
    objects.object_for(IR)
    (path,) = folder.iterdir()
    sound = path.read_bytes()
    path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]) if damage is None else damage)
    assert run(objects.load_cached(IR, ["f"]), 2.0) == 3.0
    assert compiled == [IR, IR] and path.read_bytes()[:32] == sound[:32]
    objects.object_for(IR)
    assert len(compiled) == 2


def test_an_unwritable_folder_warns_once_and_works(folder, compiled):
    folder.parent.joinpath("native").write_text("a file where the folder would be")
    with pytest.warns(
        RuntimeWarning, match="native: compiled code cannot be kept in .*native"
    ) as seen:
        assert run(objects.load_cached(IR, ["f"]), 2.0) == 3.0
    assert len(seen) == 1 and "let WONDERLAND_CACHE name a folder that can be" in str(
        seen[0].message
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        objects.object_for(IR)
    assert len(compiled) == 2


def test_a_loaded_object_needs_no_compiler_and_little_time(monkeypatch):
    objects.load_cached(IR, ["f"])
    monkeypatch.setattr(objects, "compiler", None)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        objects.load_cached(IR, ["f"])
        times.append(time.perf_counter() - start)
    assert min(times) < 0.005
