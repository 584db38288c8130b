"""The bad parts that passed, in one picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.build.review.sheet import CELL_PX
from gonogo.proving.plcsim.row import Row
from gonogo.proving.sheet import sheet_of, sheet_path
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ROW = Row(1, 1, False, "dent", 0, 1, 0, "timely", 1, 0, 0, 0, "pass", "")  # noqa: FBT003 - as it stands


def rows(*part_ids: int, **changes: object) -> list[Row]:
    """Bad parts that passed."""
    return [replace(ROW, part=k, part_id=k, **changes) for k in part_ids]  # type: ignore[arg-type]


def seen(png: bytes) -> NDArray[np.uint8]:
    """Its pixels."""
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def test_sheet_shows_each_picture_once(tmp_path: Path) -> None:
    """A folder that is shown again and again has so many pictures and no more."""
    for label, level in (("good", 200), ("dent", 90), ("scratch", 40)):
        (tmp_path / "parts" / label).mkdir(parents=True)
        pixels = np.full((16, 32, 3), level, np.uint8)
        cv2.imwrite(str(tmp_path / "parts" / label / "0.png"), pixels)
    camera = {"driver": "replay", "folder": tmp_path / "parts", "width_px": 32, "height_px": 16}
    station = small_station(tmp_path, {"name": "top", "camera": camera, "rule": (DIAMETER,)})
    # in the order of their names: dent, good, scratch, and again
    png = sheet_of(station, [*rows(1, 3, 4, 6), *rows(2, good=True), *rows(1, outcome="eject")])
    assert png is not None
    sheet = seen(png)
    assert CELL_PX * 2 < sheet.shape[1] < CELL_PX * 3
    for level in (90, 40):
        assert np.all(sheet == level, axis=2).sum() > CELL_PX * CELL_PX / 4


def test_sheet_draws_a_part_of_a_drawn_camera(tmp_path: Path) -> None:
    """As its camera shows it; grey in three equal channels."""
    camera = synthetic(pixel_format="mono8")
    station = small_station(tmp_path, {"name": "top", "camera": camera, "rule": (DIAMETER,)})
    png = sheet_of(station, rows(1))
    assert png is not None
    assert seen(png).std() > 5


def test_sheet_is_none_where_nothing_passed_wrongly(tmp_path: Path) -> None:
    """Good ones that passed, bad ones that did not, and parts on the belt."""
    station = small_station(tmp_path)
    parts = [*rows(1, good=True), *rows(2, outcome="eject"), *rows(3, outcome="")]
    assert sheet_of(station, parts) is None
    assert sheet_path(station).parent == station.records.path.parent
