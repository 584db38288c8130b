"""Scores in bins, as a table and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base import strict_json as strictjson
from gonogo.base.errors import ScoresError
from gonogo.build.bins import BINS, count
from gonogo.build.histogram import picture, table
from gonogo.build.plot import HEIGHT_PX, WIDTH_PX
from gonogo.build.thresholds import propose
from gonogo.engines.bundles.manifest import PNG_SIGNATURE, ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

rng = np.random.default_rng(3)
GOOD = np.exp(rng.normal(0, 0.2, 60)).tolist()
BAD = np.exp(rng.normal(1.2, 0.4, 15)).tolist()

numbers = st.floats(-1e6, 1e6).map(lambda score: round(score, 3))
some_good = st.lists(numbers, min_size=5, max_size=30)
some_bad = st.lists(numbers, max_size=15)


def look(png: bytes) -> NDArray[np.uint8]:
    """The picture as blue, green, red (height, width, 3)."""
    assert png.startswith(PNG_SIGNATURE)
    assert len(png) < ROLES["picture"].max_bytes / 8
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def rows_of(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.int64]:
    """The rows of the plot in which a colour stands."""
    return np.unique(np.nonzero((pixels[100:] == colour).all(axis=2))[0]) + 100


@given(good=some_good, bad=some_bad, bins=st.integers(4, 80))
def test_count_shows_every_part_on_its_side_of_the_limits(
    good: list[float], bad: list[float], bins: int
) -> None:
    """No bin is partly accepted: the bars tell what the limits do with these very parts."""
    found = propose(good, bad)
    counts = count(good, bad, found, bins)
    for scores, parts in ((good, counts.good), (bad, counts.bad)):
        accepted = sum(score <= found.recheck_above for score in scores)
        passed = sum(score <= found.reject_above for score in scores)
        assert len(parts) == bins
        assert parts.sum() == len(scores)
        assert parts[: counts.recheck_edge].sum() == accepted
        assert parts[: counts.reject_edge].sum() == passed
    assert (np.diff(counts.edges) >= 0).all()


@given(good=some_good, bad=some_bad)
def test_axis_has_round_ticks_inside(good: list[float], bad: list[float]) -> None:
    """Some, not too many, rising, and all of them to be seen."""
    axis = count(good, bad, propose(good, bad)).axis
    ticks = axis.ticks(8)
    assert len(ticks) <= 9
    assert ticks == sorted(set(ticks))
    assert all(-1e-6 <= axis.place(tick) <= 1 + 1e-6 for tick in ticks)


def test_axis_is_logarithmic_when_bad_parts_are_far_off() -> None:
    """Or all good parts would stand in one bin."""
    far = [score * 100 for score in BAD]
    counts = count(GOOD, far, propose(GOOD, far))
    assert counts.axis.log
    assert (counts.good > 0).sum() > 4
    assert {1, 10, 100} <= set(counts.axis.ticks(10))
    assert not count(GOOD, BAD, propose(GOOD, BAD)).axis.log


def test_count_has_the_limits_as_edges_to_the_last_bit() -> None:
    """On a logarithmic axis, too: a part at a limit is on the side that the station puts it."""
    far = [score * 100 for score in BAD]
    found = propose(GOOD, far)
    for shift in np.random.default_rng(4).uniform(0.9, 1.1, 100).tolist():
        moved = found._replace(reject_above=found.reject_above * shift)
        counts = count(GOOD, far, moved)
        assert counts.axis.log
        assert (counts.edges[counts.recheck_edge], counts.edges[counts.reject_edge]) == moved[:2]


def test_table_is_whole_and_may_travel_in_a_bundle() -> None:
    """It comes back from strict JSON as it was, with all that the picture shows."""
    found = propose(GOOD, BAD)
    made = table(GOOD, BAD, found)
    assert strictjson.decode(strictjson.encode(made), "histogram.json") == made
    assert (made["good_parts"], made["bad_parts"], made["axis"]) == (60, 15, "linear")
    assert (made["recheck_above"], made["reject_above"]) == found[:2]
    assert made["overkill"] == found.overkill._asdict()
    assert found.escape is not None
    assert made["escape"] == found.escape._asdict()
    assert isinstance(made["edges"], list)
    assert len(made["edges"]) == BINS + 1
    assert found[:2] == tuple(edge for edge in made["edges"] if edge in found[:2])
    assert table(GOOD, [], propose(GOOD))["escape"] is None


def test_picture_shows_good_parts_above_and_bad_ones_below() -> None:
    """Plain bars above the axis, hatched ones below it, and no colour in the other's place."""
    pixels = look(picture(GOOD, BAD, propose(GOOD, BAD), "bolt"))
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
    pixels = look(picture(GOOD, [], propose(GOOD), "bolt"))
    assert not len(rows_of(pixels, (190, 200, 252)))
    both = look(picture(GOOD, BAD, propose(GOOD, BAD), "bolt"))
    tall, short = (len(rows_of(seen, (120, 170, 40))) for seen in (pixels, both))
    assert tall > 1.3 * short


@pytest.mark.parametrize("title", ["", "Schräubchen № 7 \x1b[31m", "long " * 60])
def test_picture_takes_any_title(title: str) -> None:
    """Letters that the font lacks, none at all, and too many."""
    assert look(picture(GOOD, BAD, propose(GOOD, BAD), title)).shape == (HEIGHT_PX, WIDTH_PX, 3)


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
    assert look(picture(good, bad, propose(good, bad), "bolt")).std() > 1


def test_histogram_refuses_scores_that_are_no_numbers() -> None:
    """As the limits do; and scores that no axis holds."""
    found = propose(GOOD, BAD)
    with pytest.raises(ScoresError, match="score 1 of the 1 bad parts is nan"):
        table(GOOD, [float("nan")], found)
    with pytest.raises(ScoresError, match="fit on no axis"):
        table(GOOD, [-1.7e308, 1.7e308], found)
