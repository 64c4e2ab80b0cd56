"""IR to machine code: nothing is rounded otherwise than it is written."""

from wonderland.shared.schedule.native import engine

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


def test_no_rounding_is_dropped_and_no_sum_reordered():
    code = engine.assembly(SUM)
    assert "vfmadd" not in code and "vaddps" not in code
