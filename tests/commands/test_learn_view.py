"""`gonogo learn-view`: from a folder of good pictures to the file that the line reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.base.errors import OutputError, StationFileError, TrustFileError, TrustLearnError
from gonogo.commands.auditing import digest_of
from gonogo.commands.check import check_station
from gonogo.commands.cli import main
from gonogo.commands.learn_view import Asked, learn_view
from gonogo.config.station import load_station
from gonogo.ipc.audit.files import rows_backwards
from gonogo.rules.image_trust.learnt_file import read_learnt, read_optics
from gonogo.rules.image_trust.section import TrustSection
from gonogo.runtime.line import learnt_of
from gonogo.tests.rules.image_trust.pictures import COLOUR, good, quiet
from gonogo.tests.stations import DIAMETER, PLAIN_FILE, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

TRUST = '[view.trust]\nlearnt = "top.trust.json"\n'


def pictures(folder: Path, count: int = 32, **changes: Any) -> Path:  # noqa: ANN401 - of good
    """A folder of good ones."""
    folder.mkdir()
    for k in range(count):
        cv2.imwrite(str(folder / f"{k:03d}.png"), good(k, **changes))
    return folder


def station_file(folder: Path, trust: str = "") -> Path:
    """A station with frames of COLOUR, and what it says of trust."""
    text = PLAIN_FILE.replace("width_px = 640", "width_px = 160")
    text = text.replace("height_px = 480", "height_px = 120")
    path = folder / "cell.toml"
    path.write_text(text.replace("[[view.rule]]", f"{trust}[[view.rule]]"))
    return path


def asked(folder: Path) -> Asked:
    """Of its one view, by pictures that are not there."""
    path = station_file(folder)
    return Asked(path, load_station(path), "top", folder / "none", None)


def learnt(folder: Path, trust: str = "", good_dir: Path | None = None) -> list[str]:
    """What is said."""
    path, said = station_file(folder, trust), list[str]()
    good_ones = good_dir or pictures(folder / "good")
    learn_view(Asked(path, load_station(path), "top", good_ones, None), said.append, quiet)
    return [line for text in said for line in text.splitlines()]


def test_learn_view_writes_a_file_that_the_station_can_be_told_of(tmp_path: Path) -> None:
    """Beside the station file, with the two lines that name it; with them it is taken."""
    said = learnt(tmp_path)
    assert said[-2:] == TRUST.splitlines()
    known = read_learnt(tmp_path / "top.trust.json", "top", COLOUR)
    assert "too dark" in known.limits
    section = load_station(station_file(tmp_path, TRUST)).view[0].trust
    assert isinstance(section, TrustSection)
    assert section.learnt == tmp_path / "top.trust.json"


def test_learn_view_says_which_checks_there_are_and_which_are_not(tmp_path: Path) -> None:
    """Each with what it found; what cannot be told is no secret."""
    good_dir = tmp_path / "good"
    good_dir.mkdir()
    for k in range(32):
        cv2.imwrite(str(good_dir / f"{k:03d}.png"), good(k, light=(0.5, 0.8, 1.0, 1.4)[k % 4]))
    said = learnt(tmp_path, good_dir=good_dir)
    at = said.index("not available here, because good parts vary more than that:")
    assert said[0] == "checks of this view:"
    line = "  shifted across: found 32 of 32 (5 % across), 0 of 32 good ones taken for it"
    assert line in said[:at]
    assert any(text.startswith("  too dark: found ") for text in said[at:])


def test_learn_view_says_which_warnings_there_are_and_which_are_not(tmp_path: Path) -> None:
    """What is offered is in the file; of parts that are one like the other it is said why not."""
    said = learnt(tmp_path)
    at = said.index("no such warning here, because good parts hide it or look like it:")
    offered = said[said.index("warnings of this view, between parts:") : at]
    lines = {line.split(":")[0].strip(): line for line in (*offered[1:], *said[at + 1 : at + 2])}
    assert set(lines) == {"dead pixels", "dust"}
    ends = " after 128 parts, 0 of 4 sequences of good ones taken for it"
    assert lines["dead pixels"].endswith(f" of 80 (20 stuck pixels){ends}")
    usual, clean = read_optics(tmp_path / "top.trust.json", "top", COLOUR)
    assert [usual is not None, clean is not None] == [
        any(line.startswith(f"  {name}:") for line in offered) for name in ("dead pixels", "dust")
    ]


def test_learn_view_writes_where_the_station_says(tmp_path: Path) -> None:
    """And then says no more of the station file."""
    said = learnt(tmp_path, '[view.trust]\nlearnt = "other.json"\n')
    assert read_learnt(tmp_path / "other.json", "top", COLOUR).limits
    assert not any("[view.trust]" in line for line in said)


def test_learn_view_is_a_command(tmp_path: Path) -> None:
    """With its arguments, its options and its numbers."""
    (tmp_path / "station").mkdir()
    path, good_dir = station_file(tmp_path / "station"), pictures(tmp_path / "good")
    out = tmp_path / "elsewhere" / "there.json"
    out.parent.mkdir()
    asked = ["learn-view", str(path), "top", "--good", str(good_dir), "--out", str(out)]
    found = CliRunner().invoke(main, asked)
    assert found.exit_code == 0, found.output
    assert f'[view.trust]\nlearnt = "{out}"' in found.output
    assert read_learnt(out, "top", COLOUR).limits
    (row,) = [row for row in rows_backwards(path.with_name("parts.audit.jsonl")) if row.asked]
    assert (row.what, row.state, row.old["sha256"]) == ("learn view", "done", None)
    assert row.new == {"view": "top", "file": str(out), "sha256": digest_of(out)}
    few = pictures(tmp_path / "few", 29)
    (few / "text.png").write_text("no picture", encoding="utf-8")
    (few / "empty.png").touch()
    (few / "notes.txt").touch()
    found = CliRunner().invoke(main, ["learn-view", str(path), "top", "--good", str(few)])
    assert found.exit_code == 1
    assert "GN221: expected at least 30 good pictures, got 29" in found.output
    assert "left out: empty.png is empty (0 bytes)" in found.output
    assert "left out: text.png is no PNG, JPEG, BMP or TIFF image" in found.output
    assert "left out: notes.txt ends in none of" in found.output


def test_learn_view_of_no_pictures_or_no_such_view_says_so(tmp_path: Path) -> None:
    """With what there is."""
    (tmp_path / "good").mkdir()
    with pytest.raises(TrustLearnError, match="no file that ends in"):
        learnt(tmp_path, good_dir=tmp_path / "good")
    with pytest.raises(StationFileError, match=r"view: expected one of top, got 'side'"):
        learn_view(asked(tmp_path)._replace(view="side"), print, quiet)


def test_learn_view_looks_at_the_place_of_its_file_first(tmp_path: Path) -> None:
    """Before a hundred pictures are read, and damaged in ten ways each."""
    with pytest.raises(OutputError, match="expected the name of a file in a folder that is there"):
        learn_view(asked(tmp_path)._replace(out=tmp_path / "none" / "top.json"), print, quiet)


def test_learn_view_takes_a_hundred_pictures_spread_evenly(tmp_path: Path) -> None:
    """A folder may begin with one batch: of 199 pictures every second."""
    good_dir = tmp_path / "good"
    good_dir.mkdir()
    for k in range(199):
        frame = good(k) if k % 2 == 0 else np.zeros(COLOUR.shape, np.uint8)
        cv2.imwrite(str(good_dir / f"{k:03d}.png"), frame)
    said = learnt(tmp_path, good_dir=good_dir)
    assert any(line.endswith("learnt from 100 pictures of 160 x 120 px") for line in said)


def test_check_tells_what_a_view_has_learnt_or_that_its_file_is_no_good(tmp_path: Path) -> None:
    """Before the line would refuse to start."""
    path = station_file(tmp_path, TRUST)
    said: list[str] = []
    assert check_station(path, said.append) == 1
    assert any("GN220" in line and "learn it again" in line for line in said)
    learnt(tmp_path, TRUST)
    said.clear()
    check_station(path, said.append)
    assert any(line.startswith("  image trust: too dark, ") for line in said)
    assert not any("GN220" in line for line in said)


def test_line_reads_what_a_view_has_learnt_before_it_opens_anything(tmp_path: Path) -> None:
    """A station whose file is missing does not start."""
    trust = {"learnt": tmp_path / "none.json"}
    view = {"name": "top", "camera": synthetic(), "rule": (DIAMETER,), "trust": trust}
    with pytest.raises(TrustFileError, match=r"none\.json: cannot be read"):
        learnt_of(small_station(tmp_path, view).view[0])
    assert learnt_of(small_station(tmp_path).view[0]) is None
