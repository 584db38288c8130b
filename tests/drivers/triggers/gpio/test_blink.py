"""A photo-eye's edges, and which of them is a part."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.gpio.lines import Edge
from gonogo.drivers.triggers.gpio.blink import Blink, Start

MS = 1_000_000
BOUNCE_MS = 2
BEGAN_MS = 1000  # long after any moment at which the clock was 0


class Said(NamedTuple):
    """The parts, and the counts at the end."""

    parts: list[tuple[int, bool]]
    bounces: int
    lost: int
    missed: int


def blink(*, rising: bool = True, debounce_ms: int = 0, active: bool = False) -> Blink:
    """An open eye with bounces of 2 ms."""
    made = Blink(rising=rising, bounce_ns=BOUNCE_MS * MS, debounce_ns=debounce_ms * MS)
    made.begin(active=active)
    return made


def play(eye: Blink, *edges: tuple[float, bool], lost: tuple[int, ...] = ()) -> Said:
    """Edges as (ms, active); `lost`: those by their number from 1 never come."""
    parts = []
    for number, (at_ms, active) in enumerate(edges, 1):
        if number in lost:
            continue
        at_ns = round((BEGAN_MS + at_ms) * MS)
        start = eye.look(Edge(0, at_ns, active, number), at_ns)
        if start is not None:
            parts.append((start.at_ns // MS - BEGAN_MS, start.unsure))
    return Said(parts, eye.bounces, eye.lost, eye.missed)


def test_blink_sees_each_part_at_its_first_edge() -> None:
    """Rising is the part's, falling its end."""
    said = play(blink(), (0, True), (50, False), (100, True), (150, False))
    assert said == Said([(0, False), (100, False)], 0, 0, 0)


def test_blink_by_the_falling_edge_sees_the_end_of_active() -> None:
    """An eye that is active while nothing is there."""
    eye = blink(rising=False, active=True)
    assert play(eye, (0, False), (50, True), (100, False)).parts == [(0, False), (100, False)]


def test_blink_counts_bounces_at_both_ends_and_makes_one_part() -> None:
    """With the time of the first edge, and nothing is doubted."""
    edges = [(0, True), (0.3, False), (0.9, True), (50, False), (50.4, True), (51, False)]
    said = play(blink(), *edges, (100, True))
    assert said == Said([(0, False), (100, False)], 4, 0, 0)


def test_blink_takes_a_spike_for_a_part() -> None:
    """It cannot wait to see how long it is; and the next one is whole again."""
    said = play(blink(), (0, True), (0.2, False), (100, True), (150, False))
    assert said.parts == [(0, False), (100, False)]
    assert said.missed == 0


def test_blink_does_not_take_chatter_that_goes_on_for_bounces() -> None:
    """A cable that sways: whoever reads the parts finds them too close."""
    edges = [(k, k % 2 == 0) for k in range(9)]
    assert [at for at, _ in play(blink(), *edges).parts] == [0, 2, 4, 6, 8]


@pytest.mark.parametrize(
    ("lost", "missed"),
    [((1,), 1), ((2,), 1), ((2, 3), 1), ((3, 4), 1), ((3, 4, 5, 6), 2), ((2, 3, 4, 5), 2)],
)
def test_blink_counts_what_the_numbers_leave_out(lost: tuple[int, ...], missed: int) -> None:
    """As many parts as had their beginning there, at least one; the next one is unsure."""
    edges = [(50 * k, k % 2 == 0) for k in range(10)]
    said = play(blink(), *edges, lost=lost)
    assert (said.lost, said.missed) == (len(lost), missed)
    unsure = [at for at, doubtful in said.parts if doubtful]
    after = [50 * k for k in range(10) if k % 2 == 0 and k + 1 > max(lost)]
    assert unsure == after[:1]


def test_blink_notices_an_edge_that_was_merged_away() -> None:
    """No number is missing, and two edges in a row say the same: the second part is unsure."""
    # the end of the first part and the beginning of the second shared an interrupt
    said = play(blink(), (0, True), (100, True), (150, False), (200, True))
    assert said == Said([(0, False), (100, True), (200, False)], 0, 0, 1)


def test_blink_notices_an_end_without_a_beginning() -> None:
    """A part of which the kernel saw only that it is over."""
    said = play(blink(), (0, True), (50, False), (150, False), (200, True))
    assert said == Said([(0, False), (200, True)], 0, 0, 1)


def test_blink_notices_a_part_within_the_bounce_of_the_one_before() -> None:
    """Its beginning was taken for a bounce, and it stands there too long for one."""
    said = play(blink(), (0, True), (50, False), (51, True), (90, False), (200, True))
    assert said == Said([(0, False), (200, True)], 1, 0, 1)


def test_blink_takes_a_bounce_that_ends_late_for_no_part() -> None:
    """It began within the bounce of the end, and did not stand."""
    said = play(blink(), (0, True), (50, False), (51, True), (52.5, False), (200, True))
    assert said == Said([(0, False), (200, False)], 1, 0, 0)


def test_blink_takes_the_time_of_debouncing_back() -> None:
    """The kernel stamps a level when it has stood for so long."""
    assert play(blink(debounce_ms=5), (5, True), (55, False)).parts == [(0, False)]


def test_blink_believes_no_stamp_of_the_future() -> None:
    """The deadline would move with it."""
    assert blink().look(Edge(0, 9 * MS, active=True, sequence=1), 7 * MS) == Start(
        7 * MS, unsure=False
    )


def test_blink_that_opens_on_a_part_waits_for_the_next() -> None:
    """The one that is there has no beginning; its end is no news."""
    said = play(blink(active=True), (0, False), (100, True))
    assert said == Said([(100, False)], 0, 0, 0)


def test_blink_begins_anew_with_the_numbers_of_a_chip_that_came_back() -> None:
    """They count from 1 again: nothing is lost by that, and what was doubted stays so."""
    eye = blink()
    play(eye, (0, True), (50, False))
    eye.doubt()
    eye.begin(active=False)
    assert play(eye, (500, True), (550, False), (600, True)).parts == [(500, True), (600, False)]
    assert eye.lost == 0


@given(
    gaps=st.lists(st.integers(BOUNCE_MS, 90), min_size=2, max_size=40),
    lost=st.sets(st.integers(2, 39), max_size=8),
)
def test_blink_never_misses_a_part_without_a_word(gaps: list[int], lost: set[int]) -> None:
    """Whatever is lost: each part is seen, or counted as missed before the next one, unsure."""
    eye = blink()
    at_ms, seen, unsure_after_loss = 0, 0, True
    dropped = 0
    for number, gap in enumerate(gaps, 1):
        at_ms += gap
        if number in lost:
            dropped += 1
            continue
        at_ns = (BEGAN_MS + at_ms) * MS
        start = eye.look(Edge(0, at_ns, number % 2 == 1, number), at_ns)
        if start is not None:
            seen += 1
            unsure_after_loss &= start.unsure or not dropped
            dropped = 0
    assert unsure_after_loss
    last = max((n for n in range(1, len(gaps) + 1) if n not in lost), default=0)
    assert seen + eye.missed >= (last + 1) // 2


def test_blink_sees_a_part_as_the_box_has_just_begun() -> None:
    """CLOCK_MONOTONIC is young then: nothing before it was a bounce."""
    assert blink().look(Edge(0, 1 * MS, active=True, sequence=1), 2 * MS) == Start(
        1 * MS, unsure=False
    )
