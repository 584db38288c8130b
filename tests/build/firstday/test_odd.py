"""Good pictures that stand out are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.firstday.choose import fitted
from gonogo.build.firstday.odd import odd_pictures
from gonogo.tests.build.firstday.measurements import around, measurements, width

if TYPE_CHECKING:
    from gonogo.build.firstday.candidate import Candidate

NAMES = [f"p{k:02}.png" for k in range(20)]


def said(far: int) -> list[str]:
    """Four measures, in so many of which the eighth picture is far off."""
    rows: list[tuple[Candidate, list[float], list[float]]] = []
    for k in range(4):
        good = around(100, seed=k)
        if k < far:
            good[7] = 150
        rows.append((width(f"w{k}"), good, []))
    values = measurements(rows)
    return odd_pictures(values, fitted(values), NAMES)


def test_a_picture_that_is_far_off_in_several_measures_is_named() -> None:
    """It widens every limit."""
    (line,) = said(3)
    assert line.startswith("--good: look at p07.png: far off")


def test_one_measure_is_chance() -> None:
    """And nothing is said where nothing is odd."""
    assert not said(1)
    assert not said(0)
