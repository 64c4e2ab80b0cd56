"""IR to machine code and machine code to addresses: what runs, what lives on, what is refused."""

import ctypes
import time

import pytest

from wonderland.shared.schedule.native import engine

TWICE = "define double @twice(double %x) { %y = fadd double %x, %x\n ret double %y }"
OUTSIDE = """
declare double @away(double)
define double @home(double %x) { %y = call double @away(double %x)
 ret double %y }
"""
SUM = """
define float @total(ptr %p, i64 %n) {
start: br label %loop
loop: %i = phi i64 [ 0, %start ], [ %j, %loop ]
 %s = phi float [ 0.0, %start ], [ %t, %loop ]
 %q = getelementptr float, ptr %p, i64 %i
 %v = load float, ptr %q
 %w = fmul float %v, %v
 %t = fadd float %s, %w
 %j = add i64 %i, 1
 %more = icmp ult i64 %j, %n
 br i1 %more, label %loop, label %end
end: ret float %t }
"""
REAL = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)


@pytest.mark.parametrize("compiled", [False, True], ids=["text", "object"])
def test_a_function_runs(compiled):
    code = engine.load(engine.compile_object(TWICE) if compiled else TWICE, ["twice"])
    assert list(code) == ["twice"] and len(code) == 1
    assert REAL(code["twice"])(1.5) == 3.0


def test_functions_of_one_name_are_kept_apart():
    other = engine.load(TWICE.replace("fadd", "fmul"), ["twice"])
    code = engine.load(TWICE, ["twice"])
    assert (REAL(code["twice"])(3.0), REAL(other["twice"])(3.0)) == (6.0, 9.0)


def test_code_calls_what_it_is_given():
    plus_one = REAL(lambda x: x + 1.0)
    given = {"away": ctypes.cast(plus_one, ctypes.c_void_p).value}
    code = engine.load(OUTSIDE, ["home"], given)
    assert REAL(code["home"])(2.0) == 3.0


def test_a_compiled_object_loads_without_the_compiler(monkeypatch):
    image = engine.compile_object(TWICE)
    engine.load(image, ["twice"])  # the linker itself is made by the first
    monkeypatch.setattr(engine, "optimised", None)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        engine.load(image, ["twice"])
        times.append(time.perf_counter() - start)
    assert min(times) < 0.005


def test_no_rounding_is_dropped_and_no_sum_reordered():
    code = engine.assembly(SUM)
    assert "vfmadd" not in code and "vaddps" not in code


def test_the_host_is_known():
    triple, cpu, features = engine.host()
    assert triple and cpu and engine.vector_bytes() in (16, 32, 64)
    assert engine.has_feature("fma") == ("+fma" in features.split(","))


@pytest.mark.parametrize(
    ("source", "names", "text"),
    [
        ("define nonsense", ["f"], "LLVM IR parsing error"),
        ("define i32 @f() { ret i64 1 }", ["f"], "value doesn't match function result type"),
        (TWICE, ["thrice"], r"Symbols not found: \[ thrice \]"),
        (OUTSIDE, ["home"], "Failed to materialize symbols"),
        (b"no object", ["f"], "not recognized as a valid object file"),
    ],
)
def test_what_is_no_program_is_refused(source, names, text):
    with pytest.raises(RuntimeError, match=text):
        engine.load(source, names)
