"""A station whose lamp fails on some parts: what it has learnt keeps them from being accepted.

The judge is the PLC simulator's journal. The rule alone passes these parts, as it would any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import pytest

from gonogo.rules.image_trust.learnt_file import FILE
from gonogo.tests.camera_stations import clean, frames, rehearsed
from gonogo.tests.rules.image_trust.pictures import good, lesson
from gonogo.tests.stations import DIAMETER, remains_of, small_station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station

GOOD, DARK = 9, 2  # three without a trusted frame would put the station into SAFE


def station_of(folder: Path, *, trust: bool) -> Station:
    """One view that replays plates, two of eleven in half of the light."""
    for name, first, count, light in (("good", 200, GOOD, 1.0), ("dark", 300, DARK, 0.55)):
        shown = folder / "shown" / name
        shown.mkdir(parents=True)
        for k in range(count):
            cv2.imwrite(str(shown / f"{k}.png"), good(first + k, light=light))
    camera = {"driver": "replay", "folder": folder / "shown", "width_px": 160, "height_px": 120}
    view = {"name": "top", "camera": camera, "rule": (DIAMETER | {"low": 1.0, "high": 200.0},)}
    if trust:
        path = folder / "top.trust.json"
        FILE.write(path, lesson().learnt.model_copy(update={"view": "top"}))
        view |= {"trust": {"learnt": path}}
    return small_station(folder, view, budget_ms=250.0, pitch_mm=60.0)


@pytest.mark.parametrize("trust", [True, False])
def test_station_rejects_parts_in_bad_light_where_it_has_learnt_the_light(
    tmp_path: Path, *, trust: bool
) -> None:
    """All of them and no good one, in time; without it they pass, as the rule sees them well."""
    station = station_of(tmp_path, trust=trust)
    found, tally = rehearsed(station, tmp_path, lambda *_: None)
    seen = frames(tally)
    if trust:
        assert clean(found)
        assert not all(seen)
        assert found["confusion"]["both"]["overkill"] == 0
    else:
        assert found["confusion"]["both"]["escape"] > 0
        assert all(seen)
    assert remains_of(station) == []
