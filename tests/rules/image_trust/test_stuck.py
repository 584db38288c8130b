"""What stands out always the same way, or keeps its value, is counted as stuck; a part's is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.image_trust.stuck import ALWAYS, KNOWN, LEVELS, STILL_LEVELS, Counts, known_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIZE = FrameShape(150, 90, 1)
FRAMES = 40
AT = (70, 44)


def counted(
    value: Callable[[int], int], ground: Callable[[int], int] = lambda _: 100, at: tuple[int, int]
    = AT, rows: slice | None = None,
) -> Counts:  # fmt: skip
    """Frames with an even ground, and a pixel that shows a value by the number of the frame."""
    counts = Counts(SIZE, rows)
    for k in range(FRAMES):
        frame = np.full(SIZE.shape, ground(k), np.uint8)
        frame[at] = value(k)
        counts.add(frame)
    return counts


def places(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Rows and columns of what is in a mask."""
    return [(int(row), int(column)) for row, column in np.argwhere(mask)]


@pytest.mark.parametrize("sign", [1, -1])
def test_pixel_that_stands_out_in_nearly_all_frames_is_stuck(sign: int) -> None:
    """By more than the levels, in as many as are asked for; brighter or darker."""
    some = round(ALWAYS * FRAMES)
    far = sign * (LEVELS + 1)
    assert places(counted(lambda k: 100 + far * (k < some)).stuck(ALWAYS)) == [AT]
    assert places(counted(lambda k: 100 + far * (k < some - 1)).stuck(ALWAYS)) == []
    assert places(counted(lambda _: 100 + sign * LEVELS).stuck(ALWAYS)) == []


def test_pixel_that_stands_out_now_this_way_now_that_is_the_part_s() -> None:
    """However often."""
    assert places(counted(lambda k: 100 + 60 * (-1) ** k).stuck(ALWAYS)) == []


@pytest.mark.parametrize(("value", "ground"), [(255, 180), (0, 70)])
def test_pixel_that_keeps_its_value_is_stuck_where_it_shows_in_some_frames(
    value: int, ground: int
) -> None:
    """White on white is nothing to see; an eighth of the frames must be otherwise."""
    few = FRAMES // 8
    assert places(counted(lambda _: value, lambda k: ground if k < few else value).stuck(1.0)) == [
        AT
    ]
    seen_less = counted(lambda _: value, lambda k: ground if k < few - 1 else value)
    assert places(seen_less.stuck(1.0)) == []
    varies = counted(
        lambda k: abs(value - (k % 2) * (STILL_LEVELS + 1)),
        lambda k: ground if k < few else value,
    )
    assert places(varies.stuck(1.0)) == []


@given(st.integers(0, SIZE.height_px - 1), st.integers(0, SIZE.width_px - 1))
def test_pixel_is_found_wherever_it_lies(row: int, column: int) -> None:
    """At an edge, in a corner, where two slices of rows meet."""
    assert places(counted(lambda _: 255, at=(row, column)).stuck(ALWAYS)) == [(row, column)]


def test_counts_are_of_their_rows_alone_and_begin_anew() -> None:
    """The rows beside them are looked at, and not counted."""
    counts = counted(lambda _: 255, rows=slice(60, 71))
    assert places(counts.stuck(ALWAYS)) == [(10, AT[1])]
    assert places(counted(lambda _: 255, rows=slice(71, 80)).stuck(ALWAYS)) == []
    counts.move(slice(70, 75))
    assert (counts.frames, places(counts.stuck(ALWAYS))) == (0, [])
    frame = np.full(SIZE.shape, 100, np.uint8)
    frame[72, 5] = 0
    counts.add(frame)
    assert places(counts.stuck(ALWAYS)) == [(2, 5)]
    assert counts.stuck(ALWAYS).shape == (5, SIZE.width_px)


def test_known_is_what_stood_out_and_what_is_beside_it() -> None:
    """In fewer frames than it takes to be told of."""
    some = int(KNOWN * FRAMES)
    known = places(known_of(counted(lambda k: 100 + 60 * (k < some))))
    assert known == [(AT[0] + y, AT[1] + x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    assert places(known_of(counted(lambda k: 100 + 60 * (k < some - 1)))) == []
