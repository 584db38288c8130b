"""Where the part lies in good pictures."""

from __future__ import annotations

import numpy as np

from gonogo.build.firstday.look import SMALL_PX, look_at, shrink
from gonogo.tests.build.firstday.plates import plate


def test_the_part_is_told_from_its_ground_and_its_box_holds_it() -> None:
    """A green plate on light ground, 90 x 60 px in the middle of 160 x 120."""
    way = look_at(plate(k) for k in range(8)).ways[0]
    assert way.segment.channel in {"blue", "red", "saturation", "grey"}
    left, top, width, height = way.box
    assert left <= 35
    assert top <= 30
    assert left + width >= 125
    assert top + height >= 90
    assert way.spread < 0.05


def test_the_cover_is_one_where_every_part_is_and_nothing_beside_it() -> None:
    """So that places beside the part are left alone."""
    cover = look_at(plate(k) for k in range(8)).ways[0].cover
    assert cover[60, 80] == 1
    assert not cover[:10].any()


def test_a_texture_that_fills_the_picture_has_no_outline() -> None:
    """Then there is nothing whose length could be measured."""
    rng = np.random.default_rng(1)
    frames = [rng.integers(90, 110, (120, 160, 3)).astype(np.uint8) for _ in range(6)]
    assert not look_at(frames).ways


def test_parts_that_are_cut_off_by_the_edge_have_no_outline_to_be_measured() -> None:
    """Nobody knows how long they are."""
    frames = [np.roll(plate(k), 60, axis=1) for k in range(6)]
    assert not look_at(frames).ways


def test_large_frames_are_looked_at_in_small_copies() -> None:
    """And the box is in px of the frame."""
    large = [plate(k, size_px=(960, 720), wide_px=500) for k in range(5)]
    assert max(shrink(large[0]).shape) == SMALL_PX
    look = look_at(large)
    assert look.factor == 3
    assert look.ways[0].box.width > 480


def test_grey_frames_are_looked_at_in_their_one_channel() -> None:
    """Rows and columns alone."""
    ways = look_at(plate(k)[:, :, 2].copy() for k in range(6)).ways
    assert {way.segment.channel for way in ways} == {"grey"}
