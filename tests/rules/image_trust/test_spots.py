"""Places: what hangs together is one, and each is told of once until it is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.rules.image_trust.spots import MOST, Spot, Told, spots_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 40, 60
NONE = np.zeros(SIZE, np.bool_)


def mask_of(*cells: tuple[int, int]) -> NDArray[np.bool_]:
    """These cells, by row and column, and no other."""
    mask = np.zeros(SIZE, np.bool_)
    mask[tuple(zip(*cells, strict=True))] = True
    return mask


def twice(told: Told, found: list[Spot], still: NDArray[np.bool_]) -> list[Spot]:
    """What is told of after two rounds that found the same; after the first one, nothing."""
    assert told.news(found, still) == []
    return told.news(found, still)


def test_spots_are_what_hangs_together() -> None:
    """Over corners, too; a place has its middle and its width."""
    mask = mask_of((5, 7), (6, 8), (20, 30))
    mask[30:34, 50:54] = True
    found = set(spots_of(mask))
    assert found == {Spot(8, 6, 1), Spot(30, 20, 1), Spot(52, 32, 4)}
    assert spots_of(NONE) == []


@pytest.mark.parametrize("cell_px", [1, 4])
def test_spots_are_in_pixels_of_the_frame(cell_px: int) -> None:
    """Also of cells, and of rows that begin further down."""
    (spot,) = spots_of(mask_of((2, 10)), cell_px, top_px=100)
    assert spot == Spot(10 * cell_px + cell_px // 2, 100 + 2 * cell_px + cell_px // 2, cell_px)


def test_spots_are_no_more_than_are_kept() -> None:
    """A frame of noise is no list of places."""
    every = np.zeros((200, 200), np.bool_)
    every[::2, ::2] = True
    assert len(spots_of(every)) == MOST < every.sum()
    told = Told()
    assert len(twice(told, spots_of(every), every)) == MOST
    assert twice(told, [Spot(1000, 5, 1)], every) == []
    assert len(told.spots) == MOST


def test_told_is_each_place_once_until_it_is_well() -> None:
    """Still there, though too little to be found, it is not well."""
    told, spot, there = Told(), Spot(30, 20, 1), mask_of((20, 30))
    assert twice(told, [spot], there) == [spot]
    assert twice(told, [spot], there) == []
    assert told.news([], there) == []
    assert twice(told, [spot], there) == []
    assert told.news([], NONE) == []
    assert told.spots == []
    assert twice(told, [spot], there) == [spot]


def test_told_is_what_two_rounds_have_found() -> None:
    """One after the other, in the same place; a round of other rows does not count."""
    told, spot, there = Told(), Spot(30, 5, 1), np.ones((10, 60), np.bool_)
    for found in ([spot], [], [spot], [Spot(40, 5, 1)]):
        assert told.news(found, there) == []
    assert told.news([spot], there) == []
    assert told.news([], there, 10) == []
    assert told.news([spot], there) == [spot]


def test_told_is_no_place_twice_that_has_moved_a_little() -> None:
    """By its own width; further off it is another one."""
    told, there = Told(4), np.ones(SIZE, np.bool_)
    twice(told, [Spot(100, 60, 12)], there)
    assert twice(told, [Spot(108, 54, 14)], there) == []
    other = Spot(140, 60, 12)
    assert twice(told, [other], there) == [other]
    assert told.spots == [other, Spot(100, 60, 12)]


@pytest.mark.parametrize("row", [9, 20])
def test_told_is_kept_of_rows_that_were_not_looked_at(row: int) -> None:
    """The round was of rows 10 to 19."""
    told, spot = Told(), Spot(30, row, 1)
    for _ in range(2):
        told.news([spot], np.ones((1, 60), np.bool_), row)
    told.news([], np.zeros((10, 60), np.bool_), 10)
    assert told.spots == [spot]
    told.news([], np.zeros((11, 60), np.bool_), 10 if row > 10 else 9)
    assert told.spots == []


def test_told_is_of_cells_as_well() -> None:
    """A place of the frame is found again among the cells, also at an edge."""
    told, spot = Told(4), Spot(238, 2, 8)
    assert twice(told, [spot], mask_of((0, 59))) == [spot]
    assert told.news([spot], mask_of((0, 58))) == []
    assert told.news([], mask_of((5, 58))) == []
    assert told.spots == []
