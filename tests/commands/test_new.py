"""`gonogo new`: from pictures to a station that passes `gonogo check`, and what stops it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.base.errors import StationNotMade
from gonogo.base.images import list_images
from gonogo.build.firstday.make import Asked, make
from gonogo.build.firstday.plc import plc_of
from gonogo.build.firstday.split import Split
from gonogo.build.firstday.text import Line
from gonogo.build.station import engine_is_behind
from gonogo.commands.check import findings_of
from gonogo.commands.cli import main
from gonogo.commands.firstday_table import judged, table
from gonogo.commands.measured import Eyes, look_at
from gonogo.commands.new import wishes
from gonogo.config.station import load_station
from gonogo.tests.build.firstday.plates import bad_plates, good_plates, plate, save

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result


BUSY = ("station.budget_ms", "station.pitch_mm", "another program listens")


def new(*words: object) -> Result:
    """The command, as it is typed."""
    return CliRunner().invoke(main, ["new", *map(str, words)])


class Day:
    """A first day: pictures of plates, what was said, and the station file."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self.good, self.bad = good_plates(room / "good"), bad_plates(room / "bad")
        (self.good / "notes.txt").write_text("from Monday")
        (self.good / "zero.png").touch()
        self.path = room / "cell.toml"
        words = ("--good", self.good, "--bad", self.bad, "--yes", "--out", self.path)
        self.result = new("plates-1", *words)


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    """One station for all: an engine is taught for it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Day(Path(folder))


def test_a_station_is_made_that_passes_check(day: Day) -> None:
    """Nothing by hand, and nothing left to be found."""
    assert day.result.exit_code == 0, day.result.output
    found = findings_of(day.path, lambda _: None)
    # how fast this box is just now, and who else listens there, is no matter of the file
    assert [each for each in found if not any(word in each for word in BUSY)] == []


def test_its_rules_and_engine_accept_good_parts_and_no_bad_one(day: Day) -> None:
    """Those that it was made from, and others like them."""
    eyes = Eyes(load_station(day.path), None, None)
    others = save(day.room / "others", [plate(60 + k) for k in range(4)])
    broken = save(day.room / "broken", [plate(70, wide_px=70), plate(71, hole=False)])
    verdicts = {path: look_at(eyes, path).verdict.name for path in list_images(broken)}
    assert "ACCEPT" not in verdicts.values()
    accepted = [look_at(eyes, path).verdict.name for path in list_images(others)]
    assert accepted.count("ACCEPT") >= 3
    eyes.close()


def test_its_engine_is_whole_and_prepare_has_nothing_to_do(day: Day) -> None:
    """It was made as `gonogo prepare` makes it, from the copies."""
    (view,) = load_station(day.path).view
    assert not engine_is_behind(view)
    save(day.room / "cell-station" / "parts" / "good", [plate(99)], prefix="later")
    assert engine_is_behind(view)
    (day.room / "cell-station" / "parts" / "good" / "later00.png").unlink()


def test_it_says_what_it_left_out_made_and_could_not_know(day: Day) -> None:
    """And what comes next, and in the last lines how good it is."""
    text = day.result.output
    for part in (
        "--good: left out: notes.txt ends in none of",
        "--good: left out: zero.png is empty",
        "not known: how many mm a pixel is",
        "not known: how fast parts come",
        f"  gonogo check {day.path}",
        f"  gonogo rehearse {day.path}",
        f"  gonogo run {day.path}",
        "of good parts to come about",
        "of bad parts like these about",
    ):
        assert part in text
    assert "12 good parts say little of those to come" in text
    assert text.index("next:") < text.index("of good parts to come")


def test_the_file_says_why_each_rule_is_there_and_what_is_not_known(day: Day) -> None:
    """For whoever opens it tomorrow."""
    text = day.path.read_text()
    assert 'name = "plates-1"' in text
    assert "12 good and 4 bad pictures" in text
    assert text.count("[[view.rule]]") == text.count("# good parts: ") >= 2
    assert text.count("NOT KNOWN") >= 3
    assert "# of bad parts like these about" in text


def test_nothing_else_is_left_behind(day: Day) -> None:
    """The station file, its folder, and what was there."""
    names = {path.name for path in day.room.iterdir()}
    assert names <= {"good", "bad", "others", "broken", "cell-station", "cell.toml"}
    assert (day.room / "cell-station" / "engine.onnx").is_file()


def test_what_is_there_is_never_written_over(day: Day, tmp_path: Path) -> None:
    """Neither a file nor its folder, nor a link that leads nowhere."""
    before = day.path.read_bytes()
    words = ("--good", day.good, "--yes", "--out")
    found = new("again", *words, day.path)
    assert found.exit_code == 1
    assert "GN387" in found.output
    assert "is there already" in found.output
    assert day.path.read_bytes() == before
    (tmp_path / "a-station").mkdir()
    (tmp_path / "b.toml").symlink_to("nowhere")
    for name in ("a.toml", "b.toml"):
        assert "is there already" in new("again", *words, tmp_path / name).output


def test_a_file_that_comes_meanwhile_is_not_written_over(tmp_path: Path, day: Day) -> None:
    """Minutes pass; and then nothing of the new station is left."""
    out = tmp_path / "c.toml"

    def progress(what: str, _done: int, _total: int) -> None:
        if what == "patches of good parts":
            out.write_text("of somebody else")

    line = Line(100, 200, known=False)
    with pytest.raises(StationNotMade, match="is there already"):
        make(Asked("n", day.good, None, plc_of(None), line, out), progress)
    assert out.read_text() == "of somebody else"
    assert [path.name for path in tmp_path.iterdir()] == ["c.toml"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("front left", "for example front-left"),
        ("Träger", "for example Tr-ger"),
        ("../x", "for example x"),
        ("", "got ''"),
        ("a" * 41, "1 to 40 letters"),
        ("cell.toml", "for example cell"),
        (".hidden", "for example hidden"),
        ("零件", "expected 1 to 40 letters"),
        ("a\nb", "for example a-b"),
    ],
)
def test_a_name_with_odd_characters_says_which_would_do(
    tmp_path: Path, name: str, hint: str
) -> None:
    """It names folders, records and memory."""
    found = new(name, "--good", tmp_path, "--yes")
    assert found.exit_code == 1
    assert "GN387" in found.output
    assert hint in found.output


def test_a_name_that_looks_like_an_option_is_none(tmp_path: Path) -> None:
    """Behind two dashes it is a name, and an odd one."""
    found = new("--yes", "--good", tmp_path, "--", "-x")
    assert "expected 1 to 40 letters" in found.output


@pytest.mark.parametrize("out", ["cell", "cell.json", "no/folder/cell.toml", ".toml"])
def test_an_odd_place_for_the_file_is_refused_before_pictures_are_read(
    tmp_path: Path, out: str
) -> None:
    """With what was expected."""
    found = new("n", "--good", tmp_path / "nowhere", "--yes", "--out", tmp_path / out)
    assert "GN387" in found.output


def test_too_few_pictures_leave_nothing_behind(tmp_path: Path) -> None:
    """Three good ones."""
    good = good_plates(tmp_path / "good", 3)
    found = new("n", "--good", good, "--yes", "--out", tmp_path / "n.toml")
    assert found.exit_code == 1
    assert "3 pictures can be used, expected at least 5, better 30" in found.output
    assert [path.name for path in tmp_path.iterdir()] == ["good"]


def test_folders_that_look_exchanged_make_no_station(tmp_path: Path) -> None:
    """Good parts are alike; each bad one is bad in its own way."""
    rng = np.random.default_rng(1)
    wild = [plate(k, wide_px=int(rng.integers(40, 120)), hole=bool(k % 2)) for k in range(10)]
    good, bad = save(tmp_path / "monday", wild), good_plates(tmp_path / "tuesday")
    found = new("n", "--good", good, "--bad", bad, "--yes", "--out", tmp_path / "n.toml")
    assert found.exit_code == 1
    assert "are they exchanged?" in found.output
    assert not (tmp_path / "n.toml").exists()


def test_two_parts_in_one_folder_are_said_and_bad_ones_are_not_needed(tmp_path: Path) -> None:
    """A station comes of it all the same, from odd names and grey pictures."""
    plates = [plate(k)[:, :, 1].copy() for k in range(6)]
    discs = []
    for k in range(4):
        disc = np.full((120, 160), 225, np.uint8)
        cv2.circle(disc, (80 + k, 60), 40, 60, cv2.FILLED)
        discs.append(disc)
    good = save(tmp_path / "gut 好", plates + discs, prefix="Träger 零件 ")
    found = new("two", "--good", good, "--yes", "--out", tmp_path / "two.toml")
    assert found.exit_code == 0, found.output
    assert "looks like two kinds of parts" in found.output
    assert "how many bad parts would pass nobody knows" in found.output
    assert 'pixel_format = "mono8"' in (tmp_path / "two.toml").read_text()


@pytest.mark.parametrize(
    ("typed", "plc", "answers", "parts_per_s"),
    [
        (None, "modbus-server", "\n\n", 2),
        (None, "modbus-client", "modbus-client:10.0.0.9\n5\n", 5),
        ("s7:10.0.0.9", "s7", "\n", 2),
    ],
)
def test_on_a_terminal_two_things_are_asked_with_what_is_assumed(
    typed: str | None, plc: str, answers: str, parts_per_s: float
) -> None:
    """A key each where nothing is to be said; what stands in the command is not asked for."""

    @click.command()
    def ask() -> None:
        found, line = wishes(typed, asks=True)
        click.echo(f"{found.keys['driver']} {line.speed_mm_s / line.pitch_mm:g} {line.known}")

    said = CliRunner().invoke(ask, input=answers).output
    assert said.splitlines()[-1] == f"{plc} {parts_per_s:g} True"


def test_without_a_terminal_nothing_is_asked() -> None:
    """And what is assumed counts as not known."""
    plc, line = wishes(None, asks=False)
    assert plc.local
    assert not line.known


def test_a_folder_that_takes_no_files_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: Day
) -> None:
    """A full disk as well: with what was to be written."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(shutil, "copyfile", full)
    found = new("n", "--good", day.good, "--yes", "--out", tmp_path / "n.toml")
    assert found.exit_code == 1
    assert "GN740" in found.output
    assert "No space left" in found.output
    assert list(tmp_path.iterdir()) == []


def test_a_station_is_judged_on_pictures_that_it_was_not_shown(day: Day) -> None:
    """As the table of the first day has it."""
    rest = [save(day.room / "others", [plate(60 + k) for k in range(4)])]
    broken = save(day.room / "broken", [plate(70, wide_px=70), plate(71, hole=False)])
    split = Split((), (), tuple(list_images(rest[0])), tuple(list_images(broken)))
    found = judged(day.path, split)
    assert (found.escape.events, found.escape.of) == (0, 2)
    assert (found.overkill.of, found.overkill.events <= 1) == (4, True)
    assert table([])[0].startswith("| parts | shown: good, bad |")
