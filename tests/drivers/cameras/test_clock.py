"""Frame ids that wrap, and a camera's clock in our time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.drivers.cameras.clock import (
    NS_PER_S,
    WINDOW_FRAMES,
    WINDOW_NS,
    CameraClock,
    ClockMap,
    FrameCount,
)

HOUR_NS = 3600 * NS_PER_S


def counters(*ids: int) -> list[int]:
    """Of one camera, in order."""
    count = FrameCount()
    return [count.take(each) for each in ids]


def test_count_begins_at_one_and_keeps_gaps() -> None:
    """USB3 Vision begins at 0, GigE Vision at 1; a frame that was lost leaves its gap."""
    assert counters(0, 1, 2, 7) == [1, 2, 3, 8]
    assert counters(1, 2, 3) == [2, 3, 4]


def test_count_goes_on_where_sixteen_bits_end() -> None:
    """1.x skips 0; the fake camera does not."""
    assert counters(65534, 65535, 1, 2) == [65535, 65536, 65537, 65538]
    assert counters(65534, 65535, 0, 1) == [65535, 65536, 65537, 65538]
    assert counters(65535, 3) == [65536, 65539]


def test_count_of_64_bits_never_wraps() -> None:
    """GigE Vision 2.x with extended ids, and USB3 Vision."""
    assert counters(65535, 65536, 1 << 40) == [65536, 65537, (1 << 40) + 1]


@pytest.mark.parametrize("ids", [(500, 1), (500, 500), (1 << 20, 3), (40_000, 20_000)])
def test_count_that_goes_back_is_a_camera_that_has_restarted(ids: tuple[int, int]) -> None:
    """No wrap: a frame before would be taken for a new one."""
    with pytest.raises(ValueError, match=f"frame {ids[1]} came after frame {ids[0]}"):
        counters(*ids)


@given(st.integers(1, 65535), st.lists(st.integers(1, 30_000), max_size=60))
def test_count_is_that_of_the_frames_that_were_exposed(first: int, steps: list[int]) -> None:
    """Across any number of wraps, whatever was lost between."""
    count, exposed = FrameCount(), first
    base = count.take(first) - exposed
    for step in steps:
        exposed += step
        assert count.take((exposed - 1) % 65535 + 1) - exposed == base


def test_map_knows_the_offset_less_the_least_delay() -> None:
    """The quickest of the recent frames says best when the others were exposed."""
    clock, offset = ClockMap(), 7 * HOUR_NS
    assert clock.learn(0, offset + 900) == offset + 900
    assert clock.learn(1000, 1000 + offset + 300) == 1000 + offset + 300
    assert clock.learn(2000, 2000 + offset + 5000) == 2000 + offset + 300


@given(
    st.integers(-HOUR_NS, HOUR_NS),
    st.lists(st.tuples(st.integers(1, NS_PER_S), st.integers(0, NS_PER_S)), min_size=1),
)
def test_map_is_never_early_and_never_later_than_seen(
    offset: int, frames: list[tuple[int, int]]
) -> None:
    """Frames after a pause each, seen after a delay each; late by a delay that there was."""
    clock, exposed_ns, delays = ClockMap(), HOUR_NS, []
    for pause_ns, delay_ns in frames:
        exposed_ns += pause_ns
        delays.append(delay_ns)
        mapped = clock.learn(exposed_ns + offset, exposed_ns + delay_ns)
        assert exposed_ns <= mapped <= exposed_ns + delay_ns
        assert mapped - exposed_ns in delays


def test_map_forgets_what_is_long_ago() -> None:
    """Clocks drift: a quick frame of ten seconds ago says nothing any more."""
    clock = ClockMap()
    clock.learn(0, 100)
    later = WINDOW_NS + 200
    assert clock.learn(later, later + 5000) == later + 5000
    for frame in range(1, WINDOW_FRAMES + 1):
        clock.learn(later + frame, later + frame + 6000)
    assert clock.learn(later + 1000, later + 1000 + 7000) == later + 1000 + 6000


def test_clock_that_goes_back_is_a_camera_that_has_restarted() -> None:
    """Its stamps begin anew, and the offset is another one."""
    clock = CameraClock()
    assert clock.date(5_000_000, 10_000_000) == 10_000_000
    with pytest.raises(ValueError, match="its clock went back by 4000 us"):
        clock.date(1_000_000, 11_000_000)


def test_clock_that_stands_at_nought_is_none() -> None:
    """Then a frame is as old as its first packet here."""
    clock, other = CameraClock(), CameraClock(ticks=False)
    assert [clock.date(0, ns) for ns in (50, 70)] == [50, 70]
    assert [other.date(3, ns) for ns in (50, 70)] == [50, 70]


def test_clock_dates_within_the_least_late_of_recent_frames_of_their_own_parts() -> None:
    """Of those that are in the map: not of one that is long ago, or that many came after."""
    clock, now_ns = CameraClock(), HOUR_NS
    assert not clock.dates_within(now_ns, NS_PER_S)

    def own(late_ns: int) -> None:
        clock.date(now_ns, now_ns)
        clock.own(now_ns, late_ns)

    own(50)
    own(80)
    assert clock.dates_within(now_ns, 50)
    assert not clock.dates_within(now_ns, 49)
    own(30)
    assert clock.dates_within(now_ns, 30)
    assert clock.dates_within(now_ns + WINDOW_NS - 1, 30)
    assert not clock.dates_within(now_ns + WINDOW_NS, NS_PER_S)
    for _ in range(WINDOW_FRAMES - 1):
        own(70)
    assert clock.dates_within(now_ns, 30)
    own(70)
    own(70)
    assert not clock.dates_within(now_ns, 30)
    assert clock.dates_within(now_ns, 70)


def test_clock_that_does_not_tick_dates_within_nothing() -> None:
    """A frame is as old as its arrival, however late that is."""
    clock = CameraClock(ticks=False)
    clock.date(5, HOUR_NS)
    clock.own(HOUR_NS, 0)
    assert not clock.dates_within(HOUR_NS, NS_PER_S)
