"""Two buffers that live at one time never overlap, and memory is used again."""

from hypothesis import given
from hypothesis import strategies as st

from wonderland.shared.schedule.passes.plan import ALIGNMENT, planned


@st.composite
def lives(draw):
    found = []
    for name in range(draw(st.integers(0, 12))):
        born = draw(st.integers(0, 8))
        found.append((name, draw(st.integers(1, 500)), born, born + draw(st.integers(0, 4))))
    return found


@given(lives())
def test_no_two_live_buffers_overlap(lives):
    offsets, total = planned(lives)
    assert set(offsets) == {name for name, *_ in lives}
    for name, size, born, dies in lives:
        assert offsets[name] % ALIGNMENT == 0 and offsets[name] + size <= total
        for other, length, b, d in lives:
            if name != other and born <= d and b <= dies:
                start = offsets[other]
                assert offsets[name] + size <= start or start + length <= offsets[name]


@given(lives())
def test_no_more_than_all_beside_each_other_and_no_less_than_the_fullest_step(lives):
    _, total = planned(lives)
    sizes = [-(-size // ALIGNMENT) * ALIGNMENT for _, size, *_ in lives]
    assert total <= sum(sizes)
    for step in range(13):
        there = [n for n, (*_, b, d) in zip(sizes, lives, strict=True) if b <= step <= d]
        assert total >= sum(there)


def test_memory_is_used_again():
    chain = [(i, 1000, i, i + 1) for i in range(50)]
    assert planned(chain)[1] == 2 * 1024


def test_a_buffer_is_still_there_in_the_step_that_reads_it_last():
    offsets, _ = planned([("x", 64, 0, 1), ("z", 64, 1, 2)])
    assert offsets["x"] != offsets["z"]


def test_nothing_needs_nothing():
    assert planned([]) == ({}, 0)
