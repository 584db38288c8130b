"""How like the good parts a part is: a candidate with a picture of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.build.firstday.likeness import Room, forget, learnt, likeness
from gonogo.build.firstday.look import Box
from gonogo.rules.ruleset import open_gauge
from gonogo.tests.build.firstday.plates import good_plates, plate, save

if TYPE_CHECKING:
    from pathlib import Path

GEOMETRY = FrameShape(120, 160, 3)
PLACE = Box(20, 15, 120, 90)


def test_a_good_part_is_like_them_and_one_without_its_hole_less(tmp_path: Path) -> None:
    """The picture lies in the station's folder, and is found by a path relative to the file."""
    good_plates(tmp_path / "cell-station" / "parts" / "good")
    room = Room(tmp_path, "cell-station")
    candidate = likeness(PLACE, room)
    assert learnt(candidate, room, GEOMETRY, "exact")
    gauge = open_gauge(candidate.section, GEOMETRY, tmp_path)
    assert gauge.measure(plate(77)) > 90
    assert gauge.measure(plate(77, hole=False)) < gauge.measure(plate(77))
    assert candidate.keys["image"] == "cell-station/likeness.png"


def test_flat_pictures_are_like_nothing(tmp_path: Path) -> None:
    """Then there is no such rule."""
    flat = [np.full((120, 160, 3), 90 + k, np.uint8) for k in range(6)]
    save(tmp_path / "cell-station" / "parts" / "good", flat)
    room = Room(tmp_path, "cell-station")
    assert not learnt(likeness(PLACE, room), room, GEOMETRY, "exact")


def test_a_picture_that_no_rule_looks_at_goes(tmp_path: Path) -> None:
    """With its seal; nothing else does."""
    good = good_plates(tmp_path / "cell-station" / "parts" / "good")
    room = Room(tmp_path, "cell-station")
    learnt(likeness(PLACE, room), room, GEOMETRY, "exact")
    forget(room)
    assert [path.name for path in (tmp_path / "cell-station").iterdir()] == ["parts"]
    assert len(list(good.iterdir())) == 12
