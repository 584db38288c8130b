"""Pictures damaged on purpose: each damage does what its name says, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.build.image_trust.damage import BEFORE, DAMAGES, MEANT_FOR, Good
from gonogo.rules.image_trust.limits import CHECKS
from gonogo.tests.rules.image_trust.pictures import COLOUR, GREY, NOISE, good

if TYPE_CHECKING:
    from gonogo.base.frame_shape import FrameShape

GEOMETRIES = [COLOUR, GREY]


def damaged(name: str, geometry: FrameShape = GREY, seed: int = 1) -> tuple[Good, np.ndarray]:
    """A good picture and what became of it, as wide numbers."""
    picture = Good(good(1, geometry), good(2, geometry), NOISE)
    return picture, DAMAGES[name](picture, np.random.default_rng(seed)).astype(np.int64)


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=["colour", "grey"])
@pytest.mark.parametrize("name", DAMAGES)
def test_damage_leaves_the_good_picture_and_the_shape_as_they_were(
    name: str, geometry: FrameShape
) -> None:
    """It is another picture, of the same kind; the next damage starts from the good one."""
    picture = Good(good(1, geometry), good(2, geometry), NOISE)
    hurt = DAMAGES[name](picture, np.random.default_rng(1))
    assert hurt.shape == geometry.shape
    assert hurt.dtype == np.uint8
    assert (hurt != picture.frame).any()
    assert (picture.frame == good(1, geometry)).all()
    assert (picture.former == good(2, geometry)).all()


def test_damage_of_the_light_is_40_percent_or_up_to_saturation() -> None:
    """A quarter of the pixels is then at the end."""
    picture, dark = damaged("40 % less light")
    assert np.abs(dark - 0.6 * picture.frame).max() <= 0.5
    _, bright = damaged("light to saturation")
    assert 0.2 < (bright == 255).mean() < 0.5


def test_damage_of_the_focus_keeps_the_noise() -> None:
    """Edges go, noise stays: a check that took noise for sharpness would find nothing."""
    picture, soft = damaged("blur of 2 px")
    corner = (slice(0, 15), slice(0, 25))
    assert soft[corner].std() == pytest.approx(picture.frame[corner].std(), rel=0.25)
    assert (
        np.abs(np.diff(soft, axis=1)).max() < 0.6 * np.abs(np.diff(picture.frame.astype(int))).max()
    )


@pytest.mark.parametrize(("name", "axis", "by"), [("5 % across", 1, 8), ("5 % along", 0, 6)])
def test_damage_of_the_place_is_5_percent_to_either_side(name: str, axis: int, by: int) -> None:
    """Of the width or of the height; the border goes on."""
    seen = set()
    for seed in range(12):
        picture, moved = damaged(name, seed=seed)
        for sign in (1, -1):
            rolled = np.roll(picture.frame, sign * by, axis=axis)
            if (moved[20:100, 20:140] == rolled[20:100, 20:140]).all():
                seen.add(sign)
    assert seen == {1, -1}


@pytest.mark.parametrize("name", ["torn", "partly the frame before"])
def test_damage_of_a_tear_is_the_frame_before_from_some_row_on(name: str) -> None:
    """At any row, but for the topmost and the lowest 16th."""
    rows = set()
    for seed in range(40):
        picture, torn = damaged(name, seed=seed)
        own = (torn == picture.frame).all(axis=1)
        row = int(np.argmin(own))
        assert own[:row].all()
        assert (torn[row:] == picture.former[row:]).all()
        rows.add(row)
    assert min(rows) >= 7
    assert max(rows) < 113
    assert len(rows) > 20


def test_damage_of_a_copy_is_a_level_here_and_there() -> None:
    """As where it was encoded once more."""
    picture, copied = damaged("copy")
    off = np.abs(copied - picture.frame)
    assert off.max() == 1
    assert 0.01 < off.mean() < 0.03


def test_damage_of_dead_pixels_is_20_of_them() -> None:
    """Black and white ones."""
    picture, dead = damaged("20 dead pixels")
    where = dead != picture.frame
    assert 15 <= where.sum() <= 20
    assert set(dead[where].tolist()) <= {0, 255}


def test_damage_of_a_smear_is_in_the_middle_and_small() -> None:
    """Less than a tenth of the picture."""
    picture, smeared = damaged("smear")
    where = np.abs(smeared - picture.frame) > 3 * NOISE
    assert 0.001 < where.mean() < 0.1
    assert not where[:10].any()


def test_damages_are_there_for_every_check() -> None:
    """A check without one could not be tried; those that need a frame before exist."""
    assert set(MEANT_FOR) == set(CHECKS)
    assert {*MEANT_FOR.values(), *BEFORE} <= set(DAMAGES)
