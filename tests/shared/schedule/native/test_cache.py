"""The folder on disk: never trusted, never in the way, never too full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wonderland.shared.schedule.native import cache


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache of the test's own."""
    monkeypatch.setenv("WONDERLAND_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "_written", {})
    cache.warn_unwritable.cache_clear()
    return tmp_path / "native"


def test_a_write_that_fails_leaves_nothing_behind(folder, monkeypatch):
    def replace(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.os, "replace", replace)
    with pytest.warns(RuntimeWarning, match=r"\(No space left on device\)"):
        cache.write(folder / "new.o", b"image")
    assert list(folder.iterdir()) == []


def test_the_folder_is_where_the_environment_says(monkeypatch, tmp_path):
    assert cache.folder() == tmp_path / "native"
    monkeypatch.delenv("WONDERLAND_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache.folder() == Path("/somewhere/wonderland/native")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/alice")
    assert cache.folder() == Path("/home/alice/.cache/wonderland/native")


def put(folder, name, size, used):
    """A file that was used so many seconds after the epoch."""
    path = folder / f"{name}.o"
    path.write_bytes(bytes(size))
    os.utime(path, (used, used))
    return path


def names(folder):
    return sorted(path.stem for path in folder.iterdir())


def test_beyond_the_limit_those_not_used_for_longest_go(folder, monkeypatch):
    monkeypatch.setattr(cache, "LIMIT", 400)
    folder.mkdir()
    for i, name in enumerate("badc"):
        put(folder, name, 100, i)
    put(folder, "forgotten", 50, 0).rename(folder / "e.writing")  # of a process that was killed
    (folder / "f.writing").touch()  # of one that is at it
    cache.write(folder / "new.o", bytes(10))
    assert names(folder) == ["c", "d", "f", "new"]  # 242 bytes, where 300 are a quarter less


def test_up_to_the_limit_all_stay(folder, monkeypatch):
    monkeypatch.setattr(cache, "LIMIT", 300 + cache.DIGEST + 10)
    folder.mkdir()
    for i, name in enumerate("abc"):
        put(folder, name, 100, i)
    cache.write(folder / "new.o", bytes(10))
    assert names(folder) == ["a", "b", "c", "new"]


def test_what_is_read_has_been_used(folder, monkeypatch):
    path, size = folder / "found.o", cache.DIGEST + 1000
    cache.write(path, bytes(1000))
    os.utime(path, (0, 0))
    assert cache.read(path) == bytes(1000)
    for i in range(1, 4):
        put(folder, f"used {i}", size, i)
    monkeypatch.setattr(cache, "LIMIT", 3 * size)
    monkeypatch.setattr(cache, "_written", {})
    cache.write(folder / "new.o", bytes(10))
    assert names(folder) == sorted(["new", path.stem, "used 3"])


def test_one_object_may_be_larger_than_the_limit(folder, monkeypatch):
    monkeypatch.setattr(cache, "LIMIT", 5)
    for name in ("first", "second"):
        monkeypatch.setattr(cache, "_written", {})
        cache.write(folder / f"{name}.o", bytes(100))
        os.utime(folder / f"{name}.o", (1, 1))
    assert names(folder) == ["second"]


def test_the_folder_is_looked_at_now_and_then(folder, monkeypatch):
    looks, files_in = [], cache.files_in
    monkeypatch.setattr(cache, "files_in", lambda where: looks.append(where) or files_in(where))
    monkeypatch.setattr(cache, "LOOK", 3 * (cache.DIGEST + 100))
    for i in range(7):
        cache.write(folder / f"{i}.o", bytes(100))
    assert len(looks) == 3  # at the first, and after three more each time


CROWD = """
import sys
from wonderland.shared.schedule.native import cache
cache.LIMIT, cache.LOOK = 4000, 0
for i in range(300):
    path = cache.folder() / f"{i % 17}.o"
    cache.write(path, bytes(1000))
    assert cache.read(path) in (None, bytes(1000))
"""


def test_processes_that_make_room_at_the_same_time_do_not_disturb_each_other(folder):
    command = [sys.executable, "-W", "error", "-c", CROWD]
    crowd = [subprocess.Popen(command, env=os.environ) for _ in range(3)]
    assert [process.wait(60) for process in crowd] == [0, 0, 0]
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 4000


WRITER = """
import sys
from wonderland.shared.schedule.native import cache
image = bytes(range(256)) * 40
path = cache.folder() / "one.o"
for _ in range(300):
    cache.write(path, image)
    assert cache.read(path) == image
"""


def test_writers_at_the_same_time_do_not_disturb_each_other(folder):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER], env=os.environ) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert [path.suffix for path in folder.iterdir()] == [".o"]
