"""Limits at the console: those of the start, and the last review taken back."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import NothingToUndo, StationFileError
from gonogo.base.scores import ScoreLimits
from gonogo.config.limits_applying import apply, planned
from gonogo.config.limits_in_file import Place, limits_in
from gonogo.config.station import load_station
from gonogo.console.serial.limits import JUDGES, limits, limits_undo
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.last_good_file import last_good, marked
from gonogo.launch import audit_start
from gonogo.tests.console.serial.ran import at, begun, rows
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.console.serial.told import Told


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """A station that was started by a file."""
    with scratch_station() as name, told_station(name, tmp_path) as found:
        begun(found)
        yield found


def reviewed(file: Path) -> None:
    """Somebody has applied limits to its engine."""
    engine = load_station(file).view[0].engine
    change = planned(file, Place("top"), ScoreLimits(1.5, 2.0), limits_in(engine))
    apply(change, load_station)


def test_limits_are_told_by_the_name_that_a_start_writes() -> None:
    """Two floors, one word."""
    assert JUDGES == audit_start.JUDGES


def test_limits_shows_rules_and_engine_of_the_start(told: Told) -> None:
    """With their unit; the engine's as its loader says them now, in the recipe in force."""
    answer = limits(at(told), ())
    head, rule, engine, undo = answer.lines
    assert head.endswith("cell.toml, as the station was started with it")
    assert rule == "recipe 1   in force view top: rule width at least 1, at most 50 mm"
    assert engine.startswith("recipe 1   in force view top: engine recheck above 0.4")
    assert "nothing to take back" in undo
    assert answer.value["limits"][0]["low"] == 1.0


def test_limits_of_another_recipe_are_those_that_the_start_told(told: Told) -> None:
    """Not what the loader says of the recipe in force."""
    with closing(Heartbeat.attach(told.name)) as heart:
        heart.want(2)
    lines = limits(at(told), ()).lines
    assert lines[2] == "recipe 1            view top: engine recheck above 2.45, reject above 2.45"


def test_limits_of_a_file_that_was_edited_since(told: Told) -> None:
    """The copy of the start counts; without one nothing is guessed."""
    file = told.records.parent / "cell.toml"
    before = file.read_bytes()
    file.write_bytes(before.replace(b"high = 50.0", b"high = 7.0"))
    with pytest.raises(StationFileError, match="edited since"):
        limits(at(told), ())
    last_good(file).write_bytes(marked(before))
    answer = limits(at(told), ())
    assert "edited since" in answer.lines[0]
    assert "at most 50 mm" in answer.lines[1]


def test_limits_undo_takes_the_last_review_back(told: Told) -> None:
    """The file is as it was, to the byte, and the trail has who, what and why."""
    file = told.records.parent / "cell.toml"
    before = file.read_bytes()
    reviewed(file)
    begun(told)  # the station was started again since
    assert limits(at(told), ()).lines[-1] == (
        "`limits undo` takes back recheck above 1.5, reject above 2 of the engine of view 'top'"
    )
    (said,) = limits_undo(at(told), ()).lines
    assert "taken back, now recheck above by the card" in said
    assert file.read_bytes() == before
    asked, done = rows(told, "limits undo")
    assert (asked.why, asked.who["account"], done.state) == ("a reason", "anna", "done")
    assert asked.old["reject_above"] == 2.0
    with pytest.raises(NothingToUndo):
        limits_undo(at(told), ())
