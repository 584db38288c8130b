"""What outlives a station of its master parts, and with which gates the next one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import MasterPart
from gonogo.ipc.master_part import KNOWN, Gate, MasterPartMemory, Phase
from gonogo.ipc.master_part_file import FILE, KeptGates, kept_beside, kept_of, read_gates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BAD, GOOD = MasterPart.BAD, MasterPart.GOOD


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where it lies."""
    return kept_beside(tmp_path / "records.sqlite", "cell")


def test_file_lies_beside_the_records_under_the_name_of_its_station(tmp_path: Path) -> None:
    """Two stations may have one folder."""
    path = kept_beside(tmp_path / "records.sqlite", "cell")
    assert path == tmp_path / "cell.master-part.json"


@pytest.mark.parametrize(
    ("kept", "gate"),
    [
        ("open", Gate.OPEN),
        ("on trial", Gate.UNKNOWN),
        ("wrong", Gate.WRONG),
        ("overdue", Gate.OVERDUE),
        ("unknown", Gate.UNKNOWN),
    ],
)
def test_station_begins_with_the_gates_that_were_kept(path: Path, kept: str, gate: Gate) -> None:
    """Of a trial that was under way nobody knows the answer: closed."""
    FILE.write(path, KeptGates.model_validate({"good": "open", "bad": kept}))
    assert read_gates(path) == {GOOD: Gate.OPEN, BAD: gate}
    FILE.write(path, KeptGates.model_validate({"good": kept, "bad": "open"}))
    assert read_gates(path) == {GOOD: gate, BAD: Gate.OPEN}


def test_station_that_was_never_shown_one_begins_open(path: Path) -> None:
    """There is no file."""
    assert read_gates(path) == {}


def test_station_says_at_its_start_which_part_opens_it(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Of each whose gate is closed; nothing of the others."""
    FILE.write(path, KeptGates(good="open", bad="wrong"))
    read_gates(path)
    assert caplog.messages == ["no part passes until a right answer to the known bad part"]


def test_file_has_a_version_and_a_size_that_it_never_reaches(path: Path) -> None:
    """Another version is another file; what is longer is none of ours."""
    FILE.write(path, KeptGates(good="on trial", bad="on trial"))
    assert b'"version": 1,' in path.read_bytes()
    assert len(path.read_bytes()) < FILE.max_bytes == 4096
    assert FILE.version == 1


@pytest.mark.parametrize("damage", ["cut", "edited", "empty"])
def test_station_begins_closed_where_the_file_is_damaged(
    path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever stood in it: both are to be shown, and the message says how."""
    FILE.write(path, KeptGates(good="open", bad="wrong"))
    raw = path.read_bytes()
    wrong = {"cut": raw[:-3], "edited": raw.replace(b"wrong", b"open"), "empty": b""}
    path.write_bytes(wrong[damage])
    assert read_gates(path) == dict.fromkeys(KNOWN, Gate.UNKNOWN)
    assert "GN550" in caplog.text
    assert "gonogo master bad" in caplog.text


def a_loop(path: Path) -> Path:
    """A link to itself."""
    path.symlink_to(path)
    return path


def a_folder(path: Path) -> Path:
    """In its place."""
    path.mkdir()
    return path


def in_no_folder(path: Path) -> Path:
    """What was the folder is a file."""
    path.touch()
    return path / "cell.master-part.json"


@pytest.mark.parametrize("lies", [a_loop, a_folder, in_no_folder])
def test_station_begins_closed_where_the_file_cannot_be_looked_at(
    path: Path, lies: Callable[[Path], Path], caplog: pytest.LogCaptureFixture
) -> None:
    """It may say that a gate is closed: only where there is none is nothing kept."""
    assert read_gates(lies(path)) == dict.fromkeys(KNOWN, Gate.UNKNOWN)
    assert "GN550" in caplog.text
    assert "cannot be read" in caplog.text


def test_station_whose_records_lie_elsewhere_begins_open(path: Path, tmp_path: Path) -> None:
    """Not even the folder is there, as without its partition: nobody knows of a gate."""
    FILE.write(path, KeptGates(good="open", bad="wrong"))
    elsewhere = kept_beside(tmp_path / "data" / "records.sqlite", "cell")
    assert read_gates(elsewhere) == {}


@pytest.mark.parametrize("part", KNOWN)
def test_kept_says_of_a_trial_that_is_under_way(station: str, part: MasterPart) -> None:
    """From the request to the answer; a gate that is closed anyway stays what it is."""
    memory = MasterPartMemory.create(station)
    name = part.name.lower()
    assert kept_of(memory) == KeptGates(good="open", bad="open")
    number = memory.ask(part)
    for phase in (Phase.NEW, Phase.KEEPING, Phase.ARMED, Phase.IN_HAND):
        memory.say(number, phase)
        assert kept_of(memory).model_dump()[name] == "on trial"
    memory.places[part].close_gate(Gate.WRONG, 1)
    assert kept_of(memory).model_dump()[name] == "wrong"
    memory.say(number, Phase.WRONG)
    other = next(each.name.lower() for each in KNOWN if each is not part)
    assert kept_of(memory).model_dump()[other] == "open"
    assert kept_of(memory).model_dump()[name] == "wrong"
