"""What records keeps of the master parts, and when it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import MasterPart
from gonogo.ipc.master_part import Gate, MasterPartMemory, Phase
from gonogo.ipc.master_part_file import FILE, KeptGates, read_gates
from gonogo.records.gates import GateKeeper

if TYPE_CHECKING:
    from pathlib import Path

BAD = MasterPart.BAD


@pytest.fixture
def memory(station: str) -> MasterPartMemory:
    """As a station makes it."""
    return MasterPartMemory.create(station)


def test_keeper_makes_no_file_for_a_station_that_shows_nothing(
    memory: MasterPartMemory, tmp_path: Path
) -> None:
    """Most stations never need one."""
    GateKeeper(memory, tmp_path / "kept.json").keep()
    assert list(tmp_path.iterdir()) == []


def test_keeper_writes_a_trial_before_the_line_may_arm_it(
    memory: MasterPartMemory, tmp_path: Path
) -> None:
    """And what came of it; whoever reads the file at any moment begins no better than it was."""
    path = tmp_path / "kept.json"
    keeper = GateKeeper(memory, path)
    number = memory.ask(BAD)
    keeper.keep()
    assert memory.kept == number
    assert FILE.read(path) == KeptGates(good="open", bad="on trial")
    memory.places[BAD].close_gate(Gate.WRONG, 1)
    memory.say(number, Phase.WRONG)
    keeper.keep()
    assert read_gates(path)[BAD] is Gate.WRONG
    memory.places[BAD].passed(2, 0)
    keeper.keep()
    assert read_gates(path)[BAD] is Gate.OPEN


def test_keeper_writes_only_what_has_changed(memory: MasterPartMemory, tmp_path: Path) -> None:
    """A disk is not written twenty times a second."""
    path = tmp_path / "kept.json"
    keeper = GateKeeper(memory, path)
    memory.ask(BAD)
    keeper.keep()
    path.unlink()
    keeper.keep()
    assert not path.exists()


def test_keeper_writes_anew_what_an_earlier_process_left(
    memory: MasterPartMemory, tmp_path: Path
) -> None:
    """It was killed after a trial had begun; the answer came while nobody was there."""
    path = tmp_path / "kept.json"
    memory.ask(BAD)
    GateKeeper(memory, path).keep()
    memory.say(1, Phase.LAPSED)
    GateKeeper(memory, path).keep()
    assert FILE.read(path) == KeptGates(good="open", bad="open")


def test_keeper_tells_the_line_nothing_that_the_disk_did_not_take(
    memory: MasterPartMemory, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Said once; once it can be written, the line hears of it."""
    folder = tmp_path / "away"
    keeper = GateKeeper(memory, folder / "kept.json")
    number = memory.ask(BAD)
    for _ in range(3):
        keeper.keep()
    assert memory.kept == 0
    assert len(caplog.messages) == 1
    assert "GN740" in caplog.text
    folder.mkdir()
    keeper.keep()
    assert memory.kept == number
    memory.say(number, Phase.LAPSED)
    (folder / "kept.json").unlink()
    folder.rmdir()
    keeper.keep()
    assert len(caplog.messages) == 2, "said again of another time"
