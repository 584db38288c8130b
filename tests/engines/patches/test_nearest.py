"""The worst place of a map, and the patch that is nearest."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.engines.bundles.patch_bank import Head, PatchBank
from gonogo.engines.patches.looker import Seen
from gonogo.engines.patches.nearest import distances, nearest, worst_of, worst_of_map


def spot(shape: tuple[int, int], at: tuple[int, int], high: float = 9.0) -> np.ndarray:
    """Zeros with one high value."""
    found = np.zeros(shape, np.float32)
    found[at] = high
    return found


@pytest.mark.parametrize("at", [(0, 0), (3, 7), (7, 4)])
def test_worst_of_is_where_the_mean_around_is_highest(at: tuple[int, int]) -> None:
    """At an edge what is beyond does not count as nothing: a corner may be the worst place."""
    assert worst_of(spot((8, 8), at)) == at


def test_worst_of_prefers_many_to_a_lone_higher_one() -> None:
    """One cell alone may be noise."""
    found = spot((8, 8), (1, 1), 4.0)
    found[4:7, 4:7] = 2.0
    found[5, 6] = 2.5
    assert worst_of(found) == (5, 6)


@pytest.mark.parametrize("size", [(8, 8), (64, 64), (4, 4)])
def test_worst_of_map_finds_the_cell_of_the_grid_in_a_map_of_any_size(
    size: tuple[int, int],
) -> None:
    """Finer and coarser than the grid."""
    found = np.zeros(size, np.float32)
    share = 0.72
    row, column = int(share * size[0]), int(0.2 * size[1])
    found[max(0, row - size[0] // 16) : row + 1 + size[0] // 16, column] = 5.0
    at = worst_of_map(found, (8, 8))
    assert abs(at[0] - 5) <= 1
    assert abs(at[1] - 1) <= 1


def test_worst_of_map_passes_what_is_no_number_over() -> None:
    """A place that the engine could not reckon is no place to show."""
    found = spot((8, 8), (6, 6))
    found[1, 1] = np.nan
    assert worst_of_map(found, (8, 8)) == (6, 6)


def test_distances_are_root_mean_squares() -> None:
    """Against plain numpy."""
    rng = np.random.default_rng(2)
    rows, patches = (rng.normal(size=(n, 6)).astype(np.float32) for n in (5, 3))
    expected = np.sqrt(((rows[:, None] - patches[None]) ** 2).sum(axis=2) / 4)
    assert np.allclose(distances(rows, patches, 4), expected, atol=1e-5)


def bank(position: float = 0.0) -> PatchBank:
    """Two patches of one channel, 0 at the top and 10 at the bottom of a grid of 4 x 1."""
    head = Head(
        model="0" * 64, tensor="t", rows=4, columns=1, channels=0, depth=1, position=position,
        patches=2, crop_px=8, pictures=("a",),
    )  # fmt: skip
    empty = np.empty(0, np.float32)
    return PatchBank(
        head, empty, np.empty((0, 0), np.float32), np.ones(1, np.float32),
        np.array([[0], [10]], np.int8), np.array([[0, 0], [3, 0]], np.uint16),
        np.zeros(2, np.uint16), (b"a", b"b"),
    )  # fmt: skip


def seen(values: list[float], map_values: list[float] | None = None) -> Seen:
    """A picture of four places."""
    features = np.array(values, np.float32).reshape(1, 4, 1)
    found = None if map_values is None else np.array(map_values, np.float32).reshape(4, 1)
    return Seen({"t": features}, found)


def test_nearest_takes_the_worst_place_of_the_map() -> None:
    """And of the good patches the one that is like it; how far it is, in units of the features."""
    found = nearest(seen([0, 0, 8, 0], [0, 0, 0, 9]), bank())
    assert (found.cell, found.patch, found.distance) == ((3, 0), 0, 0.0)


def test_nearest_of_an_engine_without_a_map_is_furthest_from_all() -> None:
    """4 is further from 0 and 10 than 8 is."""
    found = nearest(seen([0, 4, 4, 10]), bank())
    assert found.cell in {(1, 0), (2, 0)}
    assert found.patch == 0
    assert found.distance == pytest.approx(4.0)


def test_nearest_counts_the_place_where_the_engine_does() -> None:
    """What is good at the top is not good at the bottom."""
    same = seen([4, 4, 4, 4], [0, 0, 0, 9])
    assert nearest(same, bank()).patch == 0
    assert nearest(same, bank(position=100.0)).patch == 1
