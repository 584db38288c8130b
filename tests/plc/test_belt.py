"""Where a part is on the belt: by the clock, and by an encoder that wraps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.plc.belt import Belt, signed

BEGIN, END = 800, 1200
U32 = 2**32


def belt(*, by_encoder: bool = True) -> Belt:
    """One with a window of 400 counts."""
    return Belt(BEGIN, END, by_encoder=by_encoder)


@given(st.integers(0, U32 - 1), st.integers(-(2**31), 2**31 - 1))
def test_signed_is_the_shorter_way_round(start: int, step: int) -> None:
    """For every start and every step up to half of the encoder's range."""
    assert signed((start + step) % U32 - start) == step


@pytest.mark.parametrize(
    ("counts", "way"),
    [(0, 0), (1, 1), (2**31 - 1, 2**31 - 1), (2**31, -(2**31)), (U32 - 1, -1), (-1, -1)],
)
def test_signed_is_the_shorter_way(counts: int, way: int) -> None:
    """Half a turn is the edge; it counts as backwards."""
    assert signed(counts) == way


@pytest.mark.parametrize("by_encoder", [True, False])
def test_nothing_is_known_of_the_way_to_where_we_came_in(*, by_encoder: bool) -> None:
    """The first time; from then on it is."""
    made = belt(by_encoder=by_encoder)
    assert not made.advance(10**6)
    assert made.advance(10**6 + 1)


@pytest.mark.parametrize(
    ("moved", "known"), [(END, True), (END + 1, False), (-END, True), (-END - 1, False)]
)
def test_encoder_that_jumps_was_reset(moved: int, known: bool) -> None:  # noqa: FBT001 - a parameter
    """A part's whole way is the most; also over the wrap, and backwards."""
    made = belt()
    made.advance(5)
    assert made.advance((5 + moved) % U32) is known
    assert made.here == (5 + moved) % U32


def test_clock_is_never_reset() -> None:
    """However long nobody looked, and it does not wrap."""
    made = belt(by_encoder=False)
    made.advance(0)
    assert made.advance(U32 + 7)
    assert made.since(0) == U32 + 7


def test_belt_that_moves_is_counted_over_the_wrap() -> None:
    """From the trigger, whatever the encoder reads."""
    made = belt()
    made.advance(U32 - 100)
    made.advance(50)
    assert made.since(U32 - 100) == 150
    assert made.since(60) == -10


@pytest.mark.parametrize(
    ("since", "there"), [(BEGIN - 1, False), (BEGIN, True), (END - 1, True), (END, False)]
)
def test_part_is_in_the_window_from_its_begin_to_before_its_end(
    since: int,
    there: bool,  # noqa: FBT001 - a parameter
) -> None:
    """To the count."""
    made = belt()
    made.advance(1000 + since)
    assert made.in_window(1000) is there


@pytest.mark.parametrize(
    ("since", "edge"),
    [(0, BEGIN), (BEGIN - 1, BEGIN), (BEGIN, END), (END - 1, END), (END, None), (END + 1, None)],
)
def test_next_edge_is_the_nearest_one_that_has_not_passed(since: int, edge: int | None) -> None:
    """One that is now has passed."""
    made = belt(by_encoder=False)
    made.advance(1000 + since)
    assert made.next_edge(1000) == (None if edge is None else 1000 + edge)
