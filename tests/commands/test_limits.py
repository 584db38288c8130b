"""`gonogo limits`: lines for the station file from good parts, and from bad ones."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.base.errors import PicturesUnfit, StationFileError
from gonogo.commands.cli import main
from gonogo.commands.limits import Asked, find_view, named_view, propose
from gonogo.commands.show.rule_limits import proposal_lines
from gonogo.config.limits_applying import undo_path
from gonogo.config.station import load_station
from gonogo.rules.calibration import write_calibration
from gonogo.tests.build.parts import quiet
from gonogo.tests.rules.optics import calibration
from gonogo.tests.stations import small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from gonogo.commands.limits import Proposal
    from gonogo.config.station import Station

WIDTHS_PX = (40, 41, 42, 41, 40, 42, 41)
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
driver = "synthetic"
width_px = 160
height_px = 120

# the left bar
[[view.rule]]
name = "left"
kind = "dimension"
measure = "width"
roi = { x_px = 0, y_px = 0, width_px = 80, height_px = 120 }
segment = { object_is = "light", threshold = 70 }
high = 99.0  # of the drawing

# the right bar
[[view.rule]]
name = "right"
kind = "dimension"
measure = "width"
roi = { x_px = 80, y_px = 0, width_px = 80, height_px = 120 }
segment = { object_is = "light", threshold = 70 }

[records]
path = "parts.sqlite"
"""


def rule(name: str, left_px: int) -> dict[str, Any]:
    """The width of something bright in one half of the frame, in px."""
    roi = {"x_px": left_px, "y_px": 0, "width_px": 80, "height_px": 120}
    segment = {"object_is": "light", "threshold": 70}
    return {"kind": "dimension", "name": name, "measure": "width", "roi": roi, "segment": segment}


def station_of(folder: Path) -> Station:
    """Two rules that look at the left and at the right."""
    rules = (rule("left", 0) | {"high": 99.0}, rule("right", 80))
    return small_station(folder, {"name": "top", "camera": synthetic(), "rule": rules})


def save(folder: Path, left_px: tuple[int, ...], right_px: tuple[int, ...]) -> Path:
    """Images of two bright bars each; a bar without a width is not there; no two are the same."""
    folder.mkdir(parents=True)
    for number, widths in enumerate(zip(left_px, right_px, strict=True)):
        image = np.zeros((120, 160, 3), np.uint8)
        image[0, 0] = number + 10 * (folder.name != "good")
        for side, width in enumerate(widths):
            image[30:90, 80 * side + 10 : 80 * side + 10 + width] = 200
        cv2.imwrite(str(folder / f"{number}.png"), image)
    return folder


def proposed(folder: Path, good: Path, bad: Path | None = None, **asked: Any) -> Proposal:  # noqa: ANN401 - as Asked
    """Of that station."""
    return propose(station_of(folder), Asked(None, good, bad, **asked), quiet)


def lines_of(folder: Path, good: Path, bad: Path | None = None, **asked: Any) -> list[str]:  # noqa: ANN401 - as Asked
    """Every line."""
    return list(proposal_lines(proposed(folder, good, bad, **asked)))


def numbers(lines: list[str], key: str) -> list[float]:
    """What stands behind a key, rule by rule."""
    return [float(line.split(" = ")[1]) for line in lines if line.startswith(f"{key} = ")]


def typed(folder: Path, *words: str) -> Result:
    """`gonogo limits` of that station as a file."""
    (folder / "cell.toml").write_text(FILE)
    return CliRunner().invoke(main, ["limits", str(folder / "cell.toml"), *words])


def test_limits_are_lines_for_each_rule_around_its_good_parts(tmp_path: Path) -> None:
    """Low and high as they are typed into the file, the centre beside them."""
    lines = lines_of(tmp_path, save(tmp_path / "good", WIDTHS_PX, (20,) * len(WIDTHS_PX)))
    heads = [line for line in lines if "measured" in line]
    assert [head.split(":")[0] for head in heads] == ["# left", "# right"]
    lows, highs = numbers(lines, "low"), numbers(lines, "high")
    assert lows[0] < min(WIDTHS_PX)
    assert highs[0] > max(WIDTHS_PX)
    assert lows[1] < 20 < highs[1] < lows[0]
    assert any("escape not known: no bad parts were given" in line for line in lines)


def test_limits_from_both_folders_catch_what_good_parts_alone_let_pass(tmp_path: Path) -> None:
    """And say what all of it is expected to cost and to catch, with intervals."""
    good = save(tmp_path / "good", WIDTHS_PX, (20, 21, 20, 22, 21, 20, 21))
    bad = save(tmp_path / "bad", (44, 41), (20, 21))
    alone, both = lines_of(tmp_path, good), lines_of(tmp_path, good, bad)
    assert numbers(both, "high")[0] == 43.0 < numbers(alone, "high")[0]
    assert numbers(both, "low") == numbers(alone, "low")
    assert "# rejects 1 of 2 bad parts; drawn in towards the good ones for that" in both
    assert any(line.startswith("#   escape ") and "95 % sure of" in line for line in both)
    assert any(line.startswith("#   overkill 0.0 % (0 of 7;") for line in both)
    assert any("no rule tells 1 bad parts from good ones: 1.png" in line for line in both)


def test_limits_of_a_pool_are_the_same_for_all_rules(tmp_path: Path) -> None:
    """One component in two places: twice the values, one pair of limits."""
    good = save(tmp_path / "good", WIDTHS_PX, tuple(reversed(WIDTHS_PX)))
    lines = lines_of(tmp_path, good, pool=True)
    assert len(set(numbers(lines, "low"))) == len(set(numbers(lines, "high"))) == 1
    assert sum(f"{2 * len(WIDTHS_PX)} measured" in line for line in lines) == 2


@pytest.mark.parametrize("pool", [False, True])
def test_limits_name_images_that_are_far_off_or_cannot_be_measured(
    tmp_path: Path, *, pool: bool
) -> None:
    """By file, also where the values of all rules were put together; and how to leave them out."""
    left = (40, 41, 42, 41, 70, 42, 41)
    good = save(tmp_path / "good", left, (40, 0, 42, 41, 40, 42, 41))
    lines = lines_of(tmp_path, good, pool=pool)
    (far,) = {line for line in lines if line.startswith("# look at")}
    assert far.startswith("# look at 4.png: 70 is far off; it was not left out")
    assert "--drop 4.png leaves it out" in far
    assert "# could not measure: 1.png" in lines
    without = lines_of(tmp_path, good, pool=pool, drop=(good / "4.png",))
    assert not any(line.startswith("# look at") for line in without)
    assert "# --good: left out: 4.png by --drop" in without
    assert max(numbers(without, "high")) < 60 < max(numbers(lines, "high"))
    with pytest.raises(PicturesUnfit, match=r"--drop .*9\.png: expected one of the good"):
        lines_of(tmp_path, good, drop=(good / "9.png",))


def test_limits_name_every_file_that_is_left_out_and_why(tmp_path: Path) -> None:
    """Copies, other files, what cannot be read, another size."""
    good = save(tmp_path / "good", WIDTHS_PX, WIDTHS_PX)
    shutil.copy(good / "0.png", good / "copy.png")
    (good / "notes.txt").write_text("x")
    (good / "text.png").write_text("x")
    cv2.imwrite(str(good / "small.png"), np.zeros((60, 160, 3), np.uint8))
    lines = "\n".join(lines_of(tmp_path, good))
    assert "left out: copy.png is a copy of 0.png" in lines
    assert "left out: notes.txt ends in none of .png" in lines
    assert "left out: text.png is no PNG" in lines
    assert "left out: small.png is of the wrong size: expected 160x120 px, got 160x60 px" in lines
    assert "# left: 7 measured" in lines
    assert "the pictures have 2 sizes" in lines


def test_limits_refuse_pictures_from_which_nothing_follows(tmp_path: Path) -> None:
    """Too few, with the reasons; a whole data set; a part in both folders; nothing at all."""
    few = save(tmp_path / "few", WIDTHS_PX[:3], WIDTHS_PX[:3])
    (few / "zero.png").write_bytes(b"")
    with pytest.raises(
        PicturesUnfit, match=r"few: 3 pictures can be used, expected at least 5"
    ) as it:
        proposed(tmp_path, few)
    assert "zero.png is empty (0 bytes)" in str(it.value)
    good = save(tmp_path / "set" / "good", WIDTHS_PX, WIDTHS_PX)
    bad = save(tmp_path / "set" / "dent", (44, 45), (20, 21))
    with pytest.raises(PicturesUnfit, match=r"holds the folders dent, good.*--bad .*/dent"):
        proposed(tmp_path, tmp_path / "set")
    shutil.copy(good / "3.png", bad / "9.png")
    with pytest.raises(PicturesUnfit, match=r"1 pictures are both in --good and in --bad.*3\.png"):
        proposed(tmp_path, good, bad)
    with pytest.raises(PicturesUnfit, match=r"--bad: .*no such folder"):
        proposed(tmp_path, good, tmp_path / "nowhere")
    for path in bad.iterdir():
        path.write_bytes(b"")
    with pytest.raises(PicturesUnfit, match=r"dent: 0 pictures can be used, expected at least 1"):
        proposed(tmp_path, good, bad)


def test_limits_notice_folders_that_look_exchanged(tmp_path: Path) -> None:
    """By their names, or by what the rules say; then nothing is written."""
    good = save(tmp_path / "good", WIDTHS_PX, (20, 21, 20, 22, 21, 20, 21))
    bad = save(tmp_path / "bad", (60, 12, 44, 70, 30, 25), (60, 30, 70, 10, 44, 25))
    assert proposed(tmp_path, good, bad).doubt == ""
    assert "are they exchanged?" in proposed(tmp_path, bad, good).doubt
    elsewhere = [shutil.copytree(each, tmp_path / f"{each.name}-1") for each in (good, bad)]
    assert "--good and --bad exchanged?" in proposed(tmp_path, *reversed(elsewhere)).doubt
    found = typed(tmp_path, "--good", str(bad), "--bad", str(good), "--write")
    assert found.exit_code == 1
    assert "WARNING" in found.output
    assert "Nothing was written" in found.output
    assert (tmp_path / "cell.toml").read_text() == FILE


def test_limits_are_written_in_place_and_taken_back(tmp_path: Path) -> None:
    """The difference is shown, every remark stays, the file is right; undo is to the byte."""
    good = save(tmp_path / "good", WIDTHS_PX, (20, 21, 20, 22, 21, 20, 21))
    found = typed(tmp_path, "--good", str(good), "--write")
    assert found.exit_code == 0, found.output
    path = tmp_path / "cell.toml"
    left, right = load_station(path).view[0].rule
    for one, values in ((left, WIDTHS_PX), (right, (20, 22))):
        assert one.low is not None
        assert one.high is not None
        assert one.low < min(values) < max(values) < one.high
    assert path.read_text().count("#") == FILE.count("#")
    assert "-high = 99.0  # of the drawing" in found.output
    assert f"+low = {right.low:g}" in found.output
    again = CliRunner().invoke(main, ["limits", str(path), "--good", str(good), "--write"])
    assert "the station file says that already" in again.output
    undone = CliRunner().invoke(main, ["limits", "undo", "--station", str(path), "--yes"])
    assert undone.exit_code == 0, undone.output
    assert path.read_text() == FILE
    assert not undo_path(path).exists()


def test_limits_name_every_rule_for_which_none_follow(tmp_path: Path) -> None:
    """At once, with what follows for the others, which is written all the same."""
    good = save(tmp_path / "good", WIDTHS_PX, (0,) * len(WIDTHS_PX))
    found = typed(tmp_path, "--good", str(good), "--write")
    assert found.exit_code == 1
    assert "GN648: 1 of 2 rules:" in found.output
    assert "rule 'right': expected at least 5 good parts that can be measured" in found.output
    left, right = load_station(tmp_path / "cell.toml").view[0].rule
    assert left.low is not None
    assert (right.low, right.high) == (None, None)


def test_find_view_takes_the_only_one_or_the_one_that_is_named(tmp_path: Path) -> None:
    """One that is not there is answered with those that are; one without rules is refused."""
    views: list[dict[str, Any]] = [
        {"name": "top", "camera": synthetic(), "rule": (rule("gap", 0),)},
        {"name": "side", "camera": synthetic(), "engine": {"model": tmp_path / "m.onnx"}},
    ]
    both = small_station(tmp_path, *views)
    assert find_view(both, "top").name == "top"
    for name in (None, "back"):
        with pytest.raises(StationFileError, match=r"expected one of \['side', 'top'\]"):
            find_view(both, name)
    with pytest.raises(StationFileError, match="'side' has no"):
        find_view(both, "side")
    assert named_view(both, "side").name == "side"
    assert find_view(station_of(tmp_path), None).name == "top"


def test_limits_are_in_mm_where_the_view_is_calibrated(tmp_path: Path) -> None:
    """By the scale of its file: half a millimetre a pixel, half the limits."""
    good = save(tmp_path / "good", WIDTHS_PX, WIDTHS_PX)
    plain = proposed(tmp_path, good).limits[0]
    size = {"width_px": 160, "height_px": 120, "lens": None}
    known = calibration(mm_per_px=0.5).model_copy(update=size)
    write_calibration(tmp_path / "top.json", known)
    station = station_of(tmp_path)
    rules = tuple(each.model_copy(update={"lengths_in": "mm"}) for each in station.view[0].rule)
    keys = {"calibration": tmp_path / "top.json", "rule": rules}
    view = station.view[0].model_copy(update=keys)
    scaled = station.model_copy(update={"view": (view,)})
    left, right = propose(scaled, Asked(None, good), quiet).limits
    assert left.from_good is not None
    assert right.from_good is not None
    # the floor of what can be told is another one in mm
    assert left.from_good.centre == right.from_good.centre == 0.5 * 41
    assert left.high < 0.6 * plain.high
