"""Machine code to addresses, by either linker: what runs, what lives on, what is refused."""

import ctypes
import time

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.schedule.native import elf, linking
from wonderland.shared.schedule.native.target import compiler

TWICE = "define double @twice(double %x) { %y = fadd double %x, %x\n ret double %y }"
OUTSIDE = """
declare double @away(double)
define double @home(double %x) { %y = call double @away(double %x)
 ret double %y }
"""
COUNTED = """
@zeros = internal global [3 x double] zeroinitializer, align 64
@ones = internal global [2 x double] [double 1.0, double 2.0]
@step = internal constant [4 x double] [double 0.5, double 0.25, double 2.0, double 8.0]
declare ptr @memcpy(ptr, ptr, i64)
define internal double @next(i64 %i) {
  %p = getelementptr double, ptr @step, i64 %i
  %s = load double, ptr %p
  %z = load double, ptr @zeros
  %t = fadd double %z, %s
  store double %t, ptr @zeros
  ret double %t }
define double @count(i64 %i) {
  %x = call double @next(i64 %i)
  %f = load volatile double, ptr getelementptr (double, ptr @ones, i64 1)
  %y = fmul double %x, %f
  ret double %y }
define ptr @which(ptr %a, ptr %b, i64 %n) {
  %r = call ptr @memcpy(ptr %a, ptr %b, i64 %n)
  ret ptr @next }
"""
REAL = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
OURS = pytest.param("ours", marks=pytest.mark.skipif(not elf.available(), reason="no x86-64 Linux"))


@pytest.fixture(params=[OURS, "llvm"], autouse=True)
def linker(request, monkeypatch):
    """Whose linker it is; ours must not ask LLVM's."""
    if request.param == "llvm":
        monkeypatch.setattr(elf, "available", lambda: False)
    elif "refused" not in request.node.name:
        monkeypatch.setattr(compiler(), "Link", None)
    return request.param


@pytest.mark.parametrize("compiled", [False, True], ids=["text", "object"])
def test_a_function_runs(compiled):
    code = linking.load(compiler().compile_object(TWICE) if compiled else TWICE, ["twice"])
    assert list(code) == ["twice"] and len(code) == 1
    assert REAL(code["twice"])(1.5) == 3.0


def test_functions_of_one_name_are_kept_apart():
    other = linking.load(TWICE.replace("fadd", "fmul"), ["twice"])
    code = linking.load(TWICE, ["twice"])
    assert (REAL(code["twice"])(3.0), REAL(other["twice"])(3.0)) == (6.0, 9.0)


def test_code_calls_what_it_is_given():
    plus_one = REAL(lambda x: x + 1.0)
    given = {"away": ctypes.cast(plus_one, ctypes.c_void_p).value}
    code = linking.load(OUTSIDE, ["home"], given)
    assert REAL(code["home"])(2.0) == 3.0


def test_objects_call_each_other():
    away = TWICE.replace("@twice", "@away")
    images = [compiler().compile_object(text) for text in (OUTSIDE, away, COUNTED)]
    code = linking.load(images, ["home", "count"])
    assert REAL(code["home"])(2.0) == 4.0


@pytest.mark.parametrize("quick", [False, True])
def test_constants_variables_and_functions_of_the_process(quick):
    image = compiler().compile_object(COUNTED, quick)
    code = linking.load(image, ["count", "which"])
    count = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64)(code["count"])
    assert [count(i) for i in (0, 1, 3)] == [1.0, 1.5, 17.5]
    again = linking.load(image, ["count"])  # with variables of its own
    assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64)(again["count"])(2) == 4.0
    pointer = ctypes.c_void_p
    which = ctypes.CFUNCTYPE(pointer, pointer, pointer, ctypes.c_int64)(code["which"])
    x, y = np.arange(3.0), np.zeros(3)
    following = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64)(
        which(y.ctypes.data, x.ctypes.data, 24)
    )
    assert following(0) == 9.25 and y.tolist() == [0, 1, 2]


def test_what_is_compiled_loads_in_little_time():
    image = compiler().compile_object(TWICE)
    linking.load(image, ["twice"])  # LLVM's linker itself is made by the first
    times = []
    for _ in range(20):
        start = time.perf_counter()
        linking.load(image, ["twice"])
        times.append(time.perf_counter() - start)
    assert min(times) < 0.005


def test_a_program_is_the_same_by_either():
    x = np.linspace(-3, 3, 1000, dtype=np.float32).reshape(10, 100)

    def f(x):
        y = wf.numpy.exp(x) * wf.numpy.sin(x) - x.mean(0)
        return y @ x.T, wf.nn.softmax(y, -1)

    for found, expected in zip(wf.jit(f, executor="native")(x), f(x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("source", "names", "text"),
    [
        ("define nonsense", ["f"], "LLVM IR parsing error"),
        ("define i32 @f() { ret i64 1 }", ["f"], "value doesn't match function result type"),
        (TWICE, ["thrice"], r"Symbols not found: \[ thrice \]"),
        (OUTSIDE, ["home"], r"Symbols not found: \[ away \]|Failed to materialize symbols"),
        (b"no object", ["f"], "not recognized as a valid object file"),
        (b"\x7fELF" + bytes(80), ["f"], "Invalid ELF class"),
    ],
)
def test_what_is_no_program_is_refused(source, names, text):
    with pytest.raises(RuntimeError, match=text):
        linking.load(source, names)
