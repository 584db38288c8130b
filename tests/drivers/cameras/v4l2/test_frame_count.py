"""A camera's count of 32 bits as one that never wraps."""

from __future__ import annotations

import pytest

from gonogo.drivers.cameras.v4l2.frame_count import FrameCount


def test_count_begins_at_one_and_rises_with_every_frame() -> None:
    """Frames that nobody took are counted."""
    count = FrameCount()
    assert [count.take(each) for each in (0, 1, 5)] == [1, 2, 6]


def test_count_goes_on_where_32_bits_begin_again() -> None:
    """With frames lost there, too; twice."""
    count = FrameCount()
    last = (1 << 32) - 1
    found = [count.take(each) for each in (last - 1, 0, 7, 1 << 31, last, 2)]
    assert found == [last, last + 2, last + 9, last + 2 + (1 << 31), 2 * last + 2, 2 * last + 5]


@pytest.mark.parametrize("after", [9, 10, 0])
def test_count_that_does_not_go_on_is_no_count(after: int) -> None:
    """Standing still, or back by a little: the camera has restarted."""
    count = FrameCount()
    count.take(10)
    with pytest.raises(ValueError, match=f"frame {after} came after frame 10"):
        count.take(after)


def test_count_may_have_lost_half_a_round() -> None:
    """No more: then it has gone back."""
    half = 1 << 31
    count, other = FrameCount(), FrameCount()
    for each in (count, other):
        each.take(half + 10)
    assert count.take(10) == (1 << 32) + 11
    with pytest.raises(ValueError, match="came after"):
        other.take(11)
