"""`gonogo calibrate`: from pictures to a station that measures in mm."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.base.errors import CalibrationError
from gonogo.commands.auditing import digest_of
from gonogo.commands.calibrate import Order, calibrate
from gonogo.commands.cli import main
from gonogo.config.station import load_station
from gonogo.config.view import rules_of
from gonogo.ipc.audit.files import rows_backwards
from gonogo.rules.calibration import read_calibration
from gonogo.rules.dimension import DimensionRule, DimensionSection
from gonogo.tests.rules.optics import BARREL, FRAME, TILTED, board_picture, seen_through
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from click.testing import Result
    from numpy.typing import NDArray

GREY = PLAIN_FILE.replace("height_px = 480", 'height_px = 480\npixel_format = "mono8"\npool = 1')


def station_file(folder: Path, text: str = GREY) -> Path:
    """A station file with a grey camera of FRAME, without a scale of its own."""
    path = folder / "cell.toml"
    # a name that no station has which may run on this box
    named = text.replace('"cell"', f'"calibrate{os.getpid()}"')
    path.write_text(named.replace("mm_per_px = 0.1\n", ""))
    return path


def boards(folder: Path) -> list[str]:
    """Pictures of a board through a lens that bends."""
    names = []
    for number, pose in enumerate(TILTED):
        names.append(str(folder / f"{number}.png"))
        cv2.imwrite(names[-1], board_picture(pose, BARREL))
    return names


def run(*arguments: str | Path) -> Result:
    """The command."""
    return CliRunner().invoke(main, ["calibrate", *map(str, arguments)])


def bar(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """A dark bar of 30 x 8 mm near the upper right corner, at 0.2 mm a straight pixel."""
    inside = (abs(x - 520) <= 75) & (abs(y - 60) <= 20)
    return np.where(inside, 40.0, 220.0)


def test_calibrated_station_measures_in_mm_through_its_lens(tmp_path: Path) -> None:
    """Boards, the file, its line in the station file: a part near a corner is as long as it is."""
    path = station_file(tmp_path)
    result = run(path, "top", "--board", "9x6", "--square-mm", "5", *boards(tmp_path))
    assert result.exit_code == 0, result.output
    assert "mm/px by board, residual 0.0" in result.output
    row = next(rows_backwards(next(tmp_path.glob("*.audit.jsonl"))))
    assert (row.what, row.state, row.new["view"]) == ("calibrate", "done", "top")
    assert row.new["sha256"] == digest_of(tmp_path / "top.calibration.json")
    *_, last, hint = result.output.splitlines()
    assert hint == """for its dimension rules: lengths_in = "mm" instead of mm_per_px"""
    assert last.endswith('calibration = "top.calibration.json"')
    line = last.rpartition(": ")[2]
    loaded = load_station(
        station_file(
            tmp_path,
            GREY.replace("[view.camera]", f"{line}\n[view.camera]").replace(
                'measure = "', 'lengths_in = "mm"\nmeasure = "'
            ),
        )
    )
    (section,) = rules_of(loaded.view[0])
    assert isinstance(section, DimensionSection)
    measured = DimensionRule(section, FRAME, Path()).measure(seen_through(bar, BARREL))
    assert section.unit == "mm"
    assert measured == pytest.approx(30.0, abs=0.25)  # a pixel is 0.2 mm
    plain = DimensionSection(kind="dimension", name="p", measure="width", mm_per_px=0.2)
    assert abs(DimensionRule(plain, FRAME, Path()).measure(seen_through(bar, BARREL)) - 30) > 0.6


def test_gauge_is_measured_by_the_views_rule(tmp_path: Path) -> None:
    """A drawn flange of 72 mm before the simulated camera itself: no picture is needed."""
    segment = '{ object_is = "light", threshold = 70 }'
    text = GREY.replace('measure = "width"', f'measure = "width"\nsegment = {segment}')
    path = station_file(tmp_path, text)
    result = run(path, "top", "--gauge-mm", "72.0", "--measure", "width")
    assert result.exit_code == 0, result.output
    found = read_calibration(tmp_path / "top.calibration.json", "top", FRAME)
    assert found.mm_per_px == pytest.approx(0.2, rel=0.005)
    assert "residual not known (one picture)" in result.output


def test_calibration_goes_where_the_station_file_has_it(tmp_path: Path) -> None:
    """Or where it is told; a wrong ending has a number."""
    text = GREY.replace("[view.camera]", 'calibration = "lens/a.json"\n[view.camera]')
    path = station_file(tmp_path, text)
    (tmp_path / "lens").mkdir()
    picture = tmp_path / "flat.png"
    cv2.imwrite(str(picture), board_picture())
    how = ("--board", "9x6", "--square-mm", "5", picture)
    result = run(path, "top", *how)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == f"written to {tmp_path / 'lens' / 'a.json'}"
    result = run(path, "top", *how, "--out", tmp_path / "b.txt")
    assert result.exit_code == 1
    assert "GN740" in result.output


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (Order(), "expected --board 9x6 or --gauge-mm 72.0, got neither"),
        (Order(board="9x6", gauge_mm=1.0), "got both"),
        (Order(board="9x6"), "--square-mm: expected the side of a square"),
        (Order(board="9by6", square_mm=5.0), "--board: expected inner corners"),
        (Order(gauge_mm=72.0, measure="area"), "--measure: expected one of"),
        (Order(gauge_mm=72.0, measure="height"), "expected a dimension rule with measure = 'hei"),
    ],
)
def test_order_is_checked_before_any_picture(tmp_path: Path, order: Order, message: str) -> None:
    """A picture that is not there is never asked for."""
    station = load_station(station_file(tmp_path))
    with pytest.raises(CalibrationError, match=message):
        calibrate(station, "top", [tmp_path / "no.png"], order, print)


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    """They are of another camera, or were scaled."""
    picture = tmp_path / "small.png"
    cv2.imwrite(str(picture), board_picture()[::2, ::2])
    empty = tmp_path / "empty.png"
    empty.touch()
    asked = ("top", "--board", "9x6", "--square-mm", "5", picture, empty)
    result = run(station_file(tmp_path), *asked)
    assert result.exit_code == 1
    assert "GN210" in result.output
    assert "expected 640x480 px, got 320x240 px" in result.output
    assert "empty.png is empty (0 bytes)" in result.output
    assert not (tmp_path / "top.calibration.json").exists()


def test_pictures_that_are_refused_leave_the_old_file(tmp_path: Path) -> None:
    """What was measured before stays in force."""
    path = station_file(tmp_path)
    flat = tmp_path / "flat.png"
    cv2.imwrite(str(flat), board_picture())
    how = ("--board", "9x6", "--square-mm", "5")
    assert run(path, "top", *how, flat).exit_code == 0
    before = (tmp_path / "top.calibration.json").read_bytes()
    cv2.imwrite(str(flat), np.full((480, 640), 128, np.uint8))
    result = run(path, "top", *how, flat)
    assert (result.exit_code, "GN730" in result.output) == (1, True)
    assert (tmp_path / "top.calibration.json").read_bytes() == before
