"""The picture of the scores: bars above and below the axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.build.bins import count
from gonogo.build.plot import HEIGHT_PX, WIDTH_PX, draw
from gonogo.build.thresholds import propose
from gonogo.engines.bundles.manifest import PNG_SIGNATURE, ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

rng = np.random.default_rng(3)
GOOD = np.exp(rng.normal(0, 0.2, 60)).tolist()
BAD = np.exp(rng.normal(1.2, 0.4, 15)).tolist()


def drawn_of(good: Sequence[float], bad: Sequence[float], title: str = "bolt") -> NDArray[np.uint8]:
    """The picture as blue, green, red (height, width, 3)."""
    thresholds = propose(good, bad)
    png = draw(count(good, bad, thresholds), thresholds, title)
    assert png.startswith(PNG_SIGNATURE)
    assert len(png) < ROLES["picture"].max_bytes / 8
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def rows_of(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.int64]:
    """The rows of the plot in which a colour stands."""
    return np.unique(np.nonzero((pixels[100:] == colour).all(axis=2))[0]) + 100


def test_picture_shows_good_parts_above_and_bad_ones_below() -> None:
    """Plain bars above the axis, hatched ones below it, and no colour in the other's place."""
    pixels = drawn_of(GOOD, BAD)
    assert pixels.shape == (HEIGHT_PX, WIDTH_PX, 3)
    good, bad = rows_of(pixels, (120, 170, 40)), rows_of(pixels, (190, 200, 252))
    assert len(good) > 100
    assert len(bad) > 50
    assert good.max() < bad.min()
    drawn = pixels[bad.min() : bad.max() + 1].astype(int)
    fill = (drawn == (190, 200, 252)).all(axis=2).sum()
    inked = ((drawn[:, :, 2] > 150) & (drawn[:, :, 1] < 120)).sum()
    assert inked > 0.2 * fill  # an outline alone is a tenth of that


def test_picture_of_good_parts_alone_has_nothing_bad_in_it() -> None:
    """And uses the whole height."""
    pixels = drawn_of(GOOD, [])
    assert not len(rows_of(pixels, (190, 200, 252)))
    both = drawn_of(GOOD, BAD)
    tall, short = (len(rows_of(seen, (120, 170, 40))) for seen in (pixels, both))
    assert tall > 1.3 * short


@pytest.mark.parametrize("title", ["", "Schräubchen № 7 \x1b[31m", "long " * 60])
def test_picture_takes_any_title(title: str) -> None:
    """Letters that the font lacks, none at all, and too many."""
    assert drawn_of(GOOD, BAD, title).shape == (HEIGHT_PX, WIDTH_PX, 3)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ([1.0] * 9, [1.0] * 3),
        ([0.0] * 5, []),
        ([-3.0] * 6, [1e6]),
        (GOOD, GOOD),
        ([1e-6, 1e-5, 1e-4, 1e-3, 1e-2], [1e9]),
    ],
)
def test_picture_takes_any_scores(good: list[float], bad: list[float]) -> None:
    """Identical ones, complete overlap, and fifteen powers of ten."""
    assert drawn_of(good, bad).std() > 1
