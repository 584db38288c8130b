"""Dead pixels and dust are told of once, by their place; what was there at learning is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.rules.image_trust.optics import PARTS, SEEN, Care, StuckWatch
from gonogo.rules.image_trust.optics_learnt import Optics
from gonogo.rules.image_trust.spots import Spot
from gonogo.rules.image_trust.stuck import Usual, tiles_of
from gonogo.tests.rules.image_trust.loose_parts import (
    COLOUR,
    GRAIN,
    GREY,
    MARK,
    STUCK,
    Learnt,
    Station,
    learnt_of,
    part,
    with_dust,
    with_stuck,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

    Frame = NDArray[np.uint8]

SHAPES = pytest.mark.parametrize("geometry", [GREY, COLOUR], ids=["grey", "colour"])
NOTHING_KNOWN = Usual(np.zeros((160, 30), np.uint8), np.zeros(tiles_of(GREY), np.uint8))
PLACES = {(column, row) for row, column, _ in STUCK}


def places(care: Care) -> set[tuple[int, int]]:
    """Where pixels are told of."""
    return {(each.x_px, each.y_px) for each in care.stuck}


@SHAPES
def test_watch_says_nothing_of_clean_frames(geometry: FrameShape) -> None:
    """Whatever lies where, over several rounds; the rivet of the fixture was learnt."""
    assert Station(learnt_of(geometry)).show(parts=2 * SEEN) == []


@SHAPES
def test_watch_tells_of_stuck_pixels_once_by_their_places(geometry: FrameShape) -> None:
    """Black ones and white ones, no other; not before it has seen enough parts."""
    view = Station(learnt_of(geometry))
    assert view.show(with_stuck, SEEN - 1) == []
    (care,) = view.show(with_stuck, SEEN + 1)
    assert places(care) == PLACES
    assert (care.new_stuck, care.new_dust, care.dust) == (True, False, ())


@SHAPES
def test_watch_tells_of_dust_once_by_its_place(geometry: FrameShape) -> None:
    """Within a cell of its middle; no pixel is stuck there."""
    (care,) = Station(learnt_of(geometry)).show(with_dust, 2 * SEEN)
    (grain,) = care.dust
    row, column, width = GRAIN
    assert abs(grain.x_px - column) <= 4
    assert abs(grain.y_px - row) <= 4
    assert width // 2 <= grain.size_px <= 2 * width
    assert (care.new_stuck, care.new_dust, care.stuck) == (False, True, ())


def test_watch_takes_what_one_round_alone_has_shown_for_chance() -> None:
    """Twice in a row, in the same place."""
    view = Station(learnt_of(GREY))
    for harm in (with_stuck, with_dust):
        assert view.show(harm, PARTS) == []
        assert view.show(parts=PARTS) == []
        assert view.show(harm, PARTS) == []
        assert view.show(parts=PARTS) == []


def test_watch_tells_anew_of_what_was_well_in_between() -> None:
    """Of pixels and of dust; what stays is not told of again."""
    view = Station(learnt_of(GREY))
    for harm in (with_stuck, with_dust):
        assert len(view.show(harm)) == 1
        assert view.show(harm) == []
        assert view.show() == []
        assert len(view.show(harm)) == 1
        assert view.show() == []


def test_watch_does_not_repeat_itself_for_a_pixel_that_recovers_now_and_then() -> None:
    """One that is hot in seven frames of ten is not well yet, nor is it anything new."""
    view, number = Station(learnt_of(GREY)), iter(range(10_000))

    def flickering(frame: Frame) -> Frame:
        return with_stuck(frame) if next(number) % 10 < 7 else frame

    assert view.show(flickering) == []
    assert len(view.show(with_stuck)) == 1
    assert view.show(flickering) == []
    assert view.show(with_stuck) == []


def test_watch_names_the_new_places_first() -> None:
    """Those of before stay in the picture."""
    view = Station(learnt_of(GREY))
    view.show(with_stuck)

    def one_more(frame: Frame) -> Frame:
        with_stuck(frame)[50, 100] = 255
        return frame

    (care,) = view.show(one_more)
    assert places(care) == PLACES | {(100, 50)}
    assert "4 places on the sensor" in str(care)
    assert "): x 100 y 50 px, x " in str(care)
    assert "and 1 more" in str(care)


def test_watch_tells_of_a_hot_pixel_that_still_follows_the_light() -> None:
    """It is brighter by as much whatever it sees."""

    def hot(frame: Frame) -> Frame:
        frame[81, 117] = min(int(frame[81, 117]) + 70, 255)
        return frame

    (care,) = Station(learnt_of(GREY)).show(hot)
    assert places(care) == {(117, 81)}


@pytest.mark.parametrize("rows", [slice(60, 62), slice(0, 160)], ids=["pair", "column"])
def test_watch_tells_of_pixels_that_die_together_as_one_place(rows: slice) -> None:
    """Two, or all of a column."""

    def dead(frame: Frame) -> Frame:
        frame[rows, 100] = 0
        return frame

    (care,) = Station(learnt_of(GREY)).show(dead)
    ((x_px, y_px, _),) = care.stuck
    assert x_px == 100
    assert rows.start <= y_px < rows.stop


@pytest.mark.parametrize("site", [(80, 120), (80, 121), (81, 121)], ids=["blue", "green", "red"])
def test_watch_tells_of_a_pixel_behind_a_bayer_pattern_as_one_place(site: tuple[int, int]) -> None:
    """The colours that are made of it spread it over its neighbours."""

    def through(frame: Frame) -> Frame:
        mosaic = frame[:, :, 1].copy()
        mosaic[0::2, 0::2], mosaic[1::2, 1::2] = frame[0::2, 0::2, 0], frame[1::2, 1::2, 2]
        mosaic[site] = 255
        return np.asarray(cv2.cvtColor(mosaic, cv2.COLOR_BayerRG2BGR), np.uint8)

    (care,) = Station(learnt_of(COLOUR)).show(through)
    ((x_px, y_px, _),) = care.stuck
    assert (y_px, x_px) == site


def test_watch_takes_no_lamp_for_dust() -> None:
    """One that ages, and one that fails on one side; each place is compared with what is around."""
    view = Station(learnt_of(GREY))
    slope = np.linspace(0.75, 1.0, GREY.width_px)
    assert view.show(parts=2 * SEEN, light=lambda k: 1 - 0.15 * k / SEEN) == []
    assert view.show(lambda frame: np.asarray(frame * slope, np.uint8)) == []


def test_watch_does_not_tell_of_what_a_fixture_has_shown_at_learning() -> None:
    """The rivet stands out as a hot pixel does, and a new one is told of."""
    (care,) = Station(Learnt(Optics(NOTHING_KNOWN, None), GREY)).show()
    assert places(care) == {(MARK[1], MARK[0])}
    assert Station(learnt_of(GREY)).show() == []


@SHAPES
def test_watch_says_nothing_where_one_part_is_like_the_other(geometry: FrameShape) -> None:
    """A batch of one kind in a fixture: what it shows stays in its place, and is not the camera's.

    Where there was no part when the view was learnt nothing has to differ.
    """
    view, same = Station(learnt_of(geometry)), part(1, geometry)
    bright = np.flatnonzero(same[..., 0] > 0)

    def batch(frame: Frame) -> Frame:
        # with glints and a dark patch of its own, and its noise
        frame[...] = same // 2 + frame // 8 + 20
        frame[40:60, 40:200:7] = 255
        frame[100:120, 100:130] //= 2
        return frame

    assert bright.size
    assert view.show(batch) == []
    assert len(view.show(with_stuck)) == 1


def test_watch_does_not_take_for_well_what_it_cannot_see() -> None:
    """A batch of like parts in between: a place that was told of is not told of anew."""
    view, same = Station(learnt_of(GREY)), part(1, GREY)
    harm = [with_stuck, with_dust]
    assert [len(view.show(each)) for each in harm] == [1, 1]
    assert view.show(lambda _: same.copy()) == []
    assert view.show(with_dust) == []


def test_watch_of_a_view_that_has_learnt_neither_says_nothing() -> None:
    """Both are not available there."""
    view = Station(Learnt(Optics(None, None), GREY))
    assert view.show(with_stuck) == view.show(with_dust) == []


def test_watch_of_a_large_frame_goes_over_it_in_bands() -> None:
    """Each takes its parts; all are found, the ones at the edge of a band too."""
    watch = StuckWatch(GREY, NOTHING_KNOWN, GREY.nbytes // 2)
    edge = 80  # the first row of the lower band
    told = []
    for k in range(2 * SEEN):
        frame = part(2 * k + 1, GREY)
        frame[MARK] = frame[MARK[0], MARK[1] + 1]
        frame[[10, edge - 1, 150], [20, 40, 60]] = 255
        told += [k] if watch.add(frame) else []
    assert told == [3 * PARTS - 1, 4 * PARTS - 1]
    assert {each[:2] for each in watch.spots} == {(20, 10), (40, edge - 1), (60, 150)}


def test_care_says_what_where_and_what_to_do() -> None:
    """Of what is new alone."""
    both = Care((Spot(3, 4, 1),), (Spot(50, 60, 12), Spot(70, 80, 12)), new_dust=True)
    assert "2 places darker than when the view was learnt" in str(both)
    assert "x 50 y 60 px, x 70 y 80 px; clean glass" in str(both)
    assert "sensor did not follow" not in str(both)
    one = str(both._replace(new_stuck=True))
    assert "1 place on the sensor did not follow what 128 parts showed" in one
    assert "x 3 y 4 px" in one
