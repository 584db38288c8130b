"""Candidates of rules, by what good pictures look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.build.firstday.candidate import Candidate, roi
from gonogo.build.firstday.look import Look, look_at
from gonogo.build.firstday.propose import propose
from gonogo.rules.ruleset import open_gauge
from gonogo.tests.build.firstday.plates import plate

COLOUR, GREY = FrameShape(120, 160, 3), FrameShape(120, 160, 1)


def look() -> Look:
    """Eight plates."""
    return look_at(plate(k) for k in range(8))


def kinds(candidates: list[Candidate]) -> set[str]:
    """Which kinds of rules are among them."""
    return {each.keys["kind"] for each in candidates}


@pytest.mark.parametrize("geometry", [COLOUR, GREY])
def test_every_candidate_is_a_rule_that_can_be_opened_and_measures(geometry: FrameShape) -> None:
    """Of a colour camera and of a grey one, and no two have one name."""
    frames = [plate(k) if geometry.channels > 1 else plate(k)[:, :, 1].copy() for k in range(6)]
    found = propose(look_at(frames), geometry, bad=True, stretched=False)
    assert len({each.name for each in found}) == len(found)
    for each in found:
        gauge = open_gauge(each.section, geometry, Path())
        gauge.measure(frames[0])
    assert "dimension" in kinds(found)
    assert ("colour" in kinds(found)) is (geometry is COLOUR)


def test_without_bad_parts_no_place_is_singled_out() -> None:
    """Nobody knows which one matters."""
    found = propose(look(), COLOUR, bad=False, stretched=False)
    assert not [each for each in found if each.keys.get("method") == "intensity"]
    assert [each for each in found if each.holds]


def test_stretched_pictures_have_no_lengths() -> None:
    """They would be those of the stretching."""
    assert "dimension" not in kinds(propose(look(), COLOUR, bad=True, stretched=True))


def test_places_lie_on_the_part() -> None:
    """What is beside it says nothing of it."""
    found = propose(look(), COLOUR, bad=True, stretched=False)
    rois = [each.keys["roi"] for each in found if each.keys.get("method") == "intensity"]
    assert rois
    assert all(place["x_px"] + place["width_px"] / 2 > 30 for place in rois)


def test_accents_that_every_good_part_shows_are_candidates() -> None:
    """A red mark on a green plate."""
    names = {each.name for each in propose(look(), COLOUR, bad=False, stretched=False)}
    assert {"red", "green"} & names
    assert "violet" not in names


def test_a_place_is_in_whole_px() -> None:
    """As the station file has it."""
    assert roi(1.4, 2.6, 10, 20) == {"x_px": 1, "y_px": 3, "width_px": 10, "height_px": 20}
