"""Loops over the cores: `parallel_for`, an address that machine code calls.

    void parallel_for(void (*f)(void *context, long begin, long end), void *context,
                      long begin, long end, long grain)

The pool (pool.ll) is LLVM IR over POSIX threads, so that a step never comes back to Python for it.
Its threads are made by the first job that has more than one piece, live until the interpreter
exits, and are made anew in a forked child. Where there are no POSIX threads, the same function runs
the loop alone.
"""

import atexit
import ctypes
import os
import platform
from functools import cache
from pathlib import Path

from .objects import load_cached

X86 = ("call void @llvm.x86.sse2.pause()", "declare void @llvm.x86.sse2.pause()")
ARM = ("call void @llvm.aarch64.hint(i32 1)", "declare void @llvm.aarch64.hint(i32)")
PAUSES = {"x86_64": X86, "amd64": X86, "aarch64": ARM, "arm64": ARM}
SPINS = 1500  # pauses before a worker sleeps: some 30 to 70 microseconds
NAMES = ["parallel_for", "configure", "stop", "forget"]
MOST_THREADS = 256

ALONE = """
define void @parallel_for(ptr %f, ptr %c, i64 %begin, i64 %end, i64 %grain) {
  %some = icmp slt i64 %begin, %end
  br i1 %some, label %whole, label %out
whole:
  call void %f(ptr %c, i64 %begin, i64 %end)
  br label %out
out:
  ret void
}
define void @configure(i32 %count) { ret void }
define void @stop() { ret void }
define void @forget() { ret void }
"""


def cores():
    """How many threads a loop may use: OMP_NUM_THREADS, but no more than there are cores for us."""
    there = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        there = len(os.sched_getaffinity(0))
    wanted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return max(1, min(there, MOST_THREADS, int(wanted) if wanted.isdigit() else there))


def pool_ir():
    """The pool for this host."""
    pause, declaration = PAUSES.get(platform.machine().lower(), ("", ""))
    text = Path(__file__).with_name("pool.ll").read_text("utf-8")
    lines = (line.partition(";")[0].rstrip() for line in text.splitlines())
    text = "\n".join(line for line in lines if line)
    return text.replace("SPINS", str(SPINS)).replace("PAUSE", pause) + f"\n{declaration}\n"


@cache
def pool():
    """The pool's functions, {name: address}, configured for `cores()` threads."""
    try:
        if os.name != "posix":
            raise RuntimeError("no POSIX threads")
        code = load_cached(pool_ir(), NAMES, quick=True)
    except RuntimeError:
        code = load_cached(ALONE, NAMES, quick=True)
    ctypes.CFUNCTYPE(None, ctypes.c_int)(code["configure"])(cores() - 1)
    atexit.register(ctypes.CFUNCTYPE(None)(code["stop"]))
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=ctypes.CFUNCTYPE(None)(code["forget"]))
    return code


def parallel_for():
    """The address of `parallel_for`."""
    return pool()["parallel_for"]
