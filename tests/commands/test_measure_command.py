"""`gonogo measure`: values, limits and units; what was seen as a picture; a scale from a gauge."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.config.station import load_station
from gonogo.tests.rules.codes import drawn, on_frame
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from numpy.typing import NDArray

FILE = """
[station]
name = "cell"
[trigger]
driver = "plc"
[plc]
driver = "modbus-client"
host = "127.0.0.1"
port = 1502
[[view]]
name = "top"
[view.camera]
driver = "replay"
folder = "parts"
width_px = 160
height_px = 120
ENGINE
# the plate
[[view.rule]]
name = "wide"
kind = "dimension"
measure = "width"
segment = { object_is = "light", threshold = 70 }
low = 40.0   # px
high = 50.0

[[view.rule]]
name = "tall"
kind = "dimension"
measure = "height"
segment = { object_is = "light", threshold = 70 }

[records]
path = "parts.sqlite"
"""


def picture(path: Path, width_px: int, level: int = 200) -> NDArray[np.uint8]:
    """A bright plate on black, 60 px tall; none with a width of 0."""
    frame = np.zeros((120, 160, 3), np.uint8)
    frame[30:90, 50 : 50 + width_px] = level
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", frame)[1].tobytes())
    return frame


def drawn_in(path: Path) -> NDArray[np.uint8]:
    """The picture of what was seen."""
    return np.asarray(cv2.imread(str(path)), np.uint8)


def station(folder: Path, engine: str = "") -> Path:
    """The station file."""
    path = folder / "cell.toml"
    path.write_text(FILE.replace("ENGINE", engine))
    return path


def measure(folder: Path, *words: object) -> Result:
    """`gonogo measure` of that station."""
    path = folder / "cell.toml"
    if not path.exists():
        station(folder)
    return CliRunner().invoke(main, ["measure", str(path), *map(str, words)])


def test_measure_says_of_each_rule_its_value_limits_and_unit(tmp_path: Path) -> None:
    """And what it comes to; a rule without limits passes, and says so."""
    picture(tmp_path / "a.png", 45)
    found = measure(tmp_path, tmp_path / "a.png")
    assert found.exit_code == 0, found.output
    wide, tall, verdict = found.output.splitlines()
    assert wide.split() == ["wide", "45", "px", "40", "to", "50", "pass"]
    assert tall.split() == ["tall", "60", "px", "no", "limits", "yet"]
    assert verdict.startswith("verdict ACCEPT (the view has no engine")
    picture(tmp_path / "b.png", 55)
    assert "FAIL" in measure(tmp_path, tmp_path / "b.png").output
    picture(tmp_path / "c.png", 0)
    lines = measure(tmp_path, tmp_path / "c.png").output.splitlines()
    assert lines[0].split()[:2] == ["wide", "-"]
    assert lines[0].endswith("CANNOT TELL")
    assert lines[-1].startswith("verdict RECHECK")


def test_measure_of_one_rule_is_no_verdict(tmp_path: Path) -> None:
    """Another one is answered with those there are."""
    picture(tmp_path / "a.png", 45)
    found = measure(tmp_path, tmp_path / "a.png", "--rule", "tall")
    assert [line.split()[0] for line in found.output.splitlines()] == ["tall", "rule"]
    wrong = measure(tmp_path, tmp_path / "a.png", "--rule", "long")
    assert wrong.exit_code == 1
    assert "GN647: --rule: expected one of wide, tall, got 'long'" in wrong.output


def test_measure_draws_what_was_seen(tmp_path: Path) -> None:
    """The outline in green, the line that was measured in magenta, as large as can be read."""
    picture(tmp_path / "a.png", 45)
    found = measure(tmp_path, tmp_path / "a.png", "--out", tmp_path / "seen.png")
    assert found.exit_code == 0, found.output
    drawn = drawn_in(tmp_path / "seen.png")
    assert drawn.shape[:2] == (4 * 120 + 3 * 18 + 8, 640)
    rows, columns = np.nonzero((drawn[..., 1] > 200) & (drawn[..., 0] < 90) & (drawn[..., 2] < 90))
    assert (columns.min(), rows.min()) == pytest.approx((4 * 50, 4 * 30), abs=4)
    assert (columns.max(), rows.max()) == pytest.approx((4 * 95, 4 * 90), abs=4)
    magenta = (drawn[..., 0] > 200) & (drawn[..., 1] < 60) & (drawn[..., 2] > 200)
    assert magenta[: 4 * 120, 4 * 51 : 4 * 94].any(axis=0).all()
    wrong = measure(tmp_path, tmp_path / "a.png", "--out", tmp_path / "seen.jpg")
    assert "GN740" in wrong.output


def test_measure_of_a_folder_is_a_line_a_picture_and_names_what_it_leaves_out(
    tmp_path: Path,
) -> None:
    """Copies are pictures as well; what is outside has a mark."""
    folder = tmp_path / "in"
    picture(folder / "good" / "a.png", 45)
    picture(folder / "bad" / "ü b.png", 60)
    picture(folder / "bad" / "c.png", 0)
    shutil.copy(folder / "good" / "a.png", folder / "good" / "z.png")
    (folder / "bad" / "cut.png").write_bytes((folder / "good" / "a.png").read_bytes()[:-20])
    (folder / "notes.txt").write_text("x")
    drawn = tmp_path / "drawn"
    found = measure(tmp_path, folder, "--csv", tmp_path / "t.csv", "--out", drawn)
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert "picture  wide px  tall px  verdict" in lines
    assert "bad/c.png  wide -?  tall -?  RECHECK" in lines
    assert "bad/ü b.png  wide 60!  tall 60  REJECT" in lines
    assert sum(line.endswith("wide 45  tall 60  ACCEPT") for line in lines) == 2
    assert any("# left out: bad/cut.png is cut off" in line for line in lines)
    assert any("# left out: notes.txt ends in none of" in line for line in lines)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["picture", "wide [px]", "tall [px]", "score", "verdict"]
    assert ["bad/c.png", "", "", "", "RECHECK"] in rows
    assert ["good/a.png", "45", "60", "", "ACCEPT"] in rows
    assert {each.name for each in drawn.iterdir()} == {
        "bad_c.png.png", "bad_ü b.png.png", "good_a.png.png", "good_z.png.png",
    }  # fmt: skip
    assert len(rows) == 4


def test_measure_says_what_a_rule_has_read(tmp_path: Path) -> None:
    """On a line, and in a column of its own, which no spreadsheet runs."""
    path = station(tmp_path)
    rule = '\n[[view.rule]]\nname = "label"\nkind = "code"\nsymbology = ["qr"]\ntime_ms = 10000\n'
    path.write_text(path.read_text(encoding="utf-8") + rule, encoding="utf-8")
    width, height = (load_station(path).view[0].camera.geometry.shape[k] for k in (1, 0))
    label = drawn("qr", "=1+1", module_px=2)
    (tmp_path / "in").mkdir()
    frame = on_frame(label, height, width, at=(0, 0))
    cv2.imwrite(str(tmp_path / "in" / "a.png"), frame)
    found = measure(tmp_path, tmp_path / "in", "--csv", tmp_path / "t.csv", "--rule", "label")
    assert found.exit_code == 0, found.output
    assert 'a.png  label 1 "=1+1"' in found.output.splitlines()
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        heading, row = csv.reader(file)
    assert heading == ["picture", "label [count]", "label [text]", "score", "verdict"]
    assert row == ["a.png", "1", "'=1+1", "", ""]


def test_measure_says_why_nothing_can_be_measured(tmp_path: Path) -> None:
    """A picture that is none, a folder without any, and one in which none fits."""
    (tmp_path / "a.png").write_bytes(b"")
    assert "a.png is empty (0 bytes)" in measure(tmp_path, tmp_path / "a.png").output
    assert "cannot be read" in measure(tmp_path, tmp_path / "none.png").output
    (tmp_path / "in").mkdir()
    assert "no file that ends in" in measure(tmp_path, tmp_path / "in").output
    shutil.copy(tmp_path / "a.png", tmp_path / "in" / "a.png")
    found = measure(tmp_path, tmp_path / "in")
    assert found.exit_code == 1
    assert "none of 1 pictures can be measured: a.png is empty" in found.output


def test_measure_asks_the_engine_that_is_there_and_makes_none(tmp_path: Path) -> None:
    """Its score and limits, its map in the picture; without it the rules judge alone."""
    picture(tmp_path / "a.png", 45, level=120)
    section = '[view.engine]\nmodel = "top.onnx"\nbackend = "onnxruntime"'
    station(tmp_path, section)
    missing = measure(tmp_path, tmp_path / "a.png")
    assert "verdict ACCEPT (no engine yet at" in missing.output
    assert not (tmp_path / "top.onnx").exists()
    tiny_engine(tmp_path / "top.onnx", reject_above=100.0)
    found = measure(tmp_path, tmp_path / "a.png", "--out", tmp_path / "seen.png")
    assert found.exit_code == 0, found.output
    (line,) = [line for line in found.output.splitlines() if line.startswith("engine")]
    assert line == "engine (onnxruntime) 120, recheck above 100, reject above 100"
    assert "verdict REJECT" in found.output
    drawn = drawn_in(tmp_path / "seen.png")
    # where it looked, and nowhere else
    on, off = drawn[4 * 45, 4 * 60].tolist(), drawn[4 * 10, 4 * 130].tolist()
    assert on[2] > on[0] + 30
    assert max(off) - min(off) < 30
    alone = measure(tmp_path, tmp_path / "a.png", "--rule", "wide")
    assert "engine" not in alone.output
    (tmp_path / "top.json").unlink()
    broken = measure(tmp_path, tmp_path / "a.png")
    assert broken.exit_code == 0
    assert "the engine is not asked: GN300" in broken.output


def test_measure_finds_the_scale_by_a_gauge_and_writes_it(tmp_path: Path) -> None:
    """Limits that were in px are the same in mm from then on; every remark stays."""
    picture(tmp_path / "a.png", 45)
    path = station(tmp_path)
    words = [tmp_path / "a.png", "--gauge-mm", "22.5", "--rule", "wide"]
    said = measure(tmp_path, *words)
    assert said.exit_code == 0, said.output
    assert "mm_per_px = 0.5\nlow = 20\nhigh = 25\n" in said.output
    assert "the same scale is that of the other dimension rules: tall" in said.output
    assert path.read_text() == FILE.replace("ENGINE", "")
    found = measure(tmp_path, *words, "--write")
    assert found.exit_code == 0, found.output
    assert "+mm_per_px = 0.5" in found.output
    wide = load_station(path).view[0].rule[0]
    assert (wide.low, wide.high, wide.unit) == (20.0, 25.0, "mm")
    assert path.read_text().count("#") == FILE.count("#")
    # by another gauge: limits are in mm already
    again = measure(tmp_path, tmp_path / "a.png", "--gauge-mm", "9", "--rule", "wide")
    assert "mm_per_px = 0.2\nlow = 20\nhigh = 25\n" in again.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--gauge-mm", "5"), "GN647: --gauge-mm: expected --rule with a dimension rule"),
        (
            ("--gauge-mm", "5", "--rule", "long"),
            "one of 'wide' (width), 'tall' (height); got 'long'",
        ),
        (("--gauge-mm", "-5", "--rule", "wide"), "GN730"),
        (("--write",), "--write is of --gauge-mm"),
    ],
)
def test_measure_refuses_a_gauge_that_tells_nothing(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """Without a rule, of another rule, of no length."""
    picture(tmp_path / "a.png", 45)
    found = measure(tmp_path, tmp_path / "a.png", *words)
    assert found.exit_code != 0
    assert said in " ".join(found.output.split())


def test_measure_leaves_a_scale_alone_that_stands_elsewhere(tmp_path: Path) -> None:
    """Of the view's calibration, or of a rule that wants px; and an empty picture is no gauge."""
    picture(tmp_path / "a.png", 45)
    picture(tmp_path / "none.png", 0)
    words = ("--gauge-mm", "5", "--rule", "wide")
    assert "found no object" in measure(tmp_path, tmp_path / "none.png", *words).output
    path = station(tmp_path)
    text = path.read_text()
    path.write_text(text.replace('name = "top"', 'name = "top"\ncalibration = "c.json"'))
    found = measure(tmp_path, tmp_path / "a.png", *words)
    assert "has a calibration of its own" in found.output
    path.write_text(text.replace('name = "wide"', 'name = "wide"\nlengths_in = "px"'))
    assert "lengths_in = 'px'" in measure(tmp_path, tmp_path / "a.png", *words).output
