"""What stands out always the same way, or keeps its value, is counted as stuck; a part's is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.image_trust.stuck import (
    ALWAYS,
    CALM_LEVELS,
    KNOWN,
    LEVELS,
    MOST_TILES,
    STILL_LEVELS,
    Counts,
    Usual,
    tile_px,
    tiles_of,
    told_of,
    usual_of,
)  # fmt: skip

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


def known(value: Callable[[int], int]) -> list[tuple[int, int]]:
    """What is known of good pictures with such a pixel."""
    bits = usual_of(counted(value)).bits
    return places(np.unpackbits(bits, axis=1, count=SIZE.width_px).astype(np.bool_))


def test_usual_is_what_stood_out_and_what_is_beside_it() -> None:
    """In fewer frames than it takes to be told of."""
    some = int(KNOWN * FRAMES)
    beside = [(AT[0] + y, AT[1] + x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    assert known(lambda k: 100 + 60 * (k < some)) == beside
    assert known(lambda k: 100 + 60 * (k < some - 1)) == []


@pytest.mark.parametrize("shape", [(150, 90), (150, 90, 3), (64, 128)])
def test_ranges_are_between_what_pixels_varied_tile_by_tile(shape: tuple[int, ...]) -> None:
    """Of the channel that varied most; the last tiles reach over the edge."""
    size = FrameShape(shape[0], shape[1], 3 if shape[2:] else 1)
    counts = Counts(size)
    for level in (30, 90, 60):
        frame = np.full(shape, 30, np.uint8)
        frame[24:32, 16:24, ...] = [level, level // 2, 30] if shape[2:] else level
        frame[-1, -1] = level
        counts.add(frame)
    ranges = counts.ranges
    assert ranges.shape == tiles_of(size)
    ranges[-1, -1] = 0  # less than a whole tile
    assert np.argwhere(ranges).tolist() == [[3, 2]]
    assert ranges[3, 2] == 60


def test_tiles_are_few_of_any_frame() -> None:
    """Whole numbers of 8 px."""
    assert (tile_px(SIZE), tiles_of(SIZE)) == (8, (19, 12))
    large = FrameShape(9000, 12000, 1)
    rows, columns = tiles_of(large)
    assert rows * columns <= MOST_TILES
    assert tile_px(large) % 8 == 0


def stuck_in(before: int, now: int) -> tuple[bool, bool, bool]:
    """Whether a hot pixel is told of, is not well, and another one is not, in a place like that."""
    counts = Counts(SIZE, slice(64, 80))
    for k in range(FRAMES):
        frame = np.full(SIZE.shape, 50, np.uint8)
        frame[64:80, 40:56] += np.uint8(now * (k % 2))
        frame[AT] = 255
        counts.add(frame)
    tiles = np.full(tiles_of(SIZE), before, np.uint8)
    stuck, not_well = told_of(counts, Usual(np.zeros((150, 12), np.uint8), tiles))
    row, column = AT[0] - 64, AT[1]
    assert stuck.sum() <= 1
    return bool(stuck[row, column]), bool(not_well[row, column]), bool(not_well[row, column + 6])


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [(100, 60, True), (100, 40, False), (CALM_LEVELS - 1, 0, True), (CALM_LEVELS, 0, False)],
)
def test_pixel_is_told_of_where_parts_differ_as_the_good_ones_did(
    before: int, now: int, *, told: bool
) -> None:
    """Where they are alike nothing is said, and nothing is well; where no part was, all counts."""
    assert stuck_in(before, now) == (told, True, not told)


def test_pixel_that_was_known_is_not_told_of() -> None:
    """Nor is it kept as one that is not well."""
    counts = counted(lambda _: 255)
    known_bits = np.zeros((150, 12), np.uint8)
    known_bits[AT[0]] = 255
    stuck, not_well = told_of(counts, Usual(known_bits, np.zeros(tiles_of(SIZE), np.uint8)))
    assert not stuck.any()
    assert not not_well.any()
