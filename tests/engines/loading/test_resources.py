"""What the loader has at hand: which slot judges, and which engine the folder shall call active."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gonogo.engines.loading.resources import Memory, Resources
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.ipc.journal import Journal
from gonogo.tests.engines.loading.stage import section_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.engines.loading.stage import Stage


def test_other_slot_is_the_one_that_does_not_judge(stage: Stage) -> None:
    """It changes with every switch."""
    at = stage.resources
    assert at.other is stage.slots.places[1]
    assert at.judging == {"bolt": stage.section.folder / "bolt" / "1.0.0" / "bundle.gng"}
    stage.slots.switch(1, 1, 1)
    assert at.other is stage.slots.places[0]
    assert at.judging == {}


def test_other_slot_is_warm_while_its_host_is_ready(stage: Stage) -> None:
    """Nothing less, and not what the slot that judges is."""
    for phase in Phase:
        stage.slots.places[1].say(phase)
        assert stage.resources.warm is (phase is Phase.READY)


def test_folder_is_to_call_active_what_judges(stage: Stage) -> None:
    """By version, as far as it lies in that folder."""
    at = stage.resources
    found = [at.versions.behind]
    at.keep_active()
    assert [*found, at.versions.behind] == [False, True]
    stage.tick_until(lambda: not at.versions.behind)
    assert stage.registry.selection("bolt").active == "1.0.0"


def test_resources_of_a_station_that_holds_nothing(tmp_path: Path, station: str) -> None:
    """Nobody has signed anything, nothing judges, and nothing is wanted of the folder."""
    slots, journal = EngineSlots.create(station), Journal.create(station)
    at = Resources.of(section_of(tmp_path), Memory(slots, (), journal))
    assert (at.judging, at.warm, at.signers.of("bolt", "1.0.0")) == ({}, False, "")
    assert at.records is None
    assert at.pairs.read() == ()
    slots.close()
    journal.close()


def test_resources_know_where_the_records_lie(tmp_path: Path, station: str) -> None:
    """As the journal says of itself; nobody else tells the loader."""
    slots = EngineSlots.create(station)
    journal = Journal.create(station, 4, json.dumps({"path": str(tmp_path / "r.sqlite")}))
    at = Resources.of(section_of(tmp_path), Memory(slots, (), journal))
    assert at.records == tmp_path / "r.sqlite"
    slots.close()
    journal.close()
