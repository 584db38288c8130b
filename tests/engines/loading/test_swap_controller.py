"""An exchange of engines through the real shared memory, with a host and a line that act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.engines.loading.steps import Step
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.engine_slots import OrderKind
from gonogo.tests.engines.loading.stage import (
    SHADOW_PARTS,
    TRIAL_PARTS,
    Stage,
    staged,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_exchange_leaves_what_the_station_begins_with_alone(stage: Stage) -> None:
    """Nothing is ordered before somebody asks."""
    stage.tick(1000)
    assert stage.serving() == "1.0.0"
    assert stage.step() is Step.IDLE
    assert [place.load for place in stage.slots.places] == [1, 0]


def test_exchange_goes_all_the_way(stage: Stage) -> None:
    """Loaded, shadowed, reported, activated, tried, settled, the former one unloaded."""
    ticket = stage.load()
    stage.come_to(Step.REPORTED)
    assert stage.outcome()[:2] == (ticket, 0)
    proof = stage.now().proof
    assert proof is not None
    assert (proof.parts, proof.share) == (SHADOW_PARTS, 1.0)
    assert not stage.slots.shadowing
    assert stage.serving() == "1.0.0"
    ticket = stage.ask("activate")["ticket"]
    stage.come_to(Step.TRIAL)
    assert stage.serving() == "1.1.0"
    assert stage.slots.probation_left == TRIAL_PARTS
    assert stage.ask("status")["places"][0]["role"] == "shadow"
    stage.come_to(Step.SETTLED)
    said = "bolt 1.1.0 judges; the former engine is warm for a while"
    assert stage.outcome() == (ticket, 0, said)
    assert not stage.slots.shadowing
    assert stage.resources.warm
    stage.tick(stage.section.keep_warm_s + 1)
    assert stage.step() is Step.UNLOADING
    stage.come_to(Step.IDLE)
    assert stage.slots.places[0].ordered is None
    assert stage.serving() == "1.1.0"
    assert stage.slots.switches == 1


def test_exchange_makes_what_judges_the_active_version(stage: Stage) -> None:
    """So that a restart of the station begins with it; after a rollback, the former one."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(Step.TRIAL)
    stage.tick_until(lambda: stage.registry.selection("bolt") == ("1.1.0", "1.0.0"))
    stage.ask("rollback")
    stage.come_to(Step.IDLE)
    stage.tick_until(lambda: stage.registry.selection("bolt") == ("1.0.0", "1.1.0"))
    assert stage.serving() == "1.0.0"


@pytest.mark.parametrize("step", [Step.TRIAL, Step.SETTLED])
def test_exchange_rolls_back_at_once_while_the_former_one_is_warm(stage: Stage, step: Step) -> None:
    """One order to the line; no place is told to load anything."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(step)
    loads = [place.load for place in stage.slots.places]
    ticket = stage.ask("rollback")["ticket"]
    assert [place.load for place in stage.slots.places] == loads
    order = stage.slots.pending
    assert order is not None
    assert (order.kind, order.place) == (OrderKind.BACK, 0)
    stage.come_to(Step.IDLE)
    assert stage.serving() == "1.0.0"
    assert stage.outcome() == (ticket, 0, "bolt 1.1.0 is unloaded; the former engine judges")


def test_exchange_rolls_back_when_nothing_is_warm_by_loading_the_version_before(
    stage: Stage,
) -> None:
    """Without a shadow: it has judged before."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(Step.SETTLED)
    stage.tick_until(lambda: stage.registry.selection("bolt").previous == "1.0.0")
    stage.ask("unload")
    stage.come_to(Step.IDLE)
    ticket = stage.ask("rollback")["ticket"]
    stage.come_to(Step.SETTLED)
    assert stage.serving() == "1.0.0"
    assert stage.outcome()[:2] == (ticket, 0)


def test_exchange_rolls_back_to_nothing_where_nothing_was_before(stage: Stage) -> None:
    """With its number; no place is told anything."""
    stage.ask("rollback")
    stage.come_to(Step.IDLE)
    assert stage.refusal()[0] == 342
    assert [place.load for place in stage.slots.places] == [1, 0]


def test_exchange_follows_a_line_that_goes_back_by_itself(stage: Stage) -> None:
    """Missed deadlines on trial: the new engine is unloaded, the registry says the former one."""
    stage.load()
    stage.come_to(Step.REPORTED)
    ticket = stage.ask("activate")["ticket"]
    stage.come_to(Step.TRIAL)
    stage.line.judge(late=True)
    stage.tick()
    assert stage.step() is Step.UNLOADING
    number, text = stage.refusal()
    assert number == 355
    assert "ENGINE_SILENT" in text
    assert stage.outcome().ticket == ticket
    assert stage.slots.places[1].ordered is None
    assert stage.serving() == "1.0.0"
    stage.tick_until(lambda: stage.registry.selection("bolt").active == "1.0.0")


def test_exchange_goes_back_when_scores_leave_what_the_shadow_showed(
    tmp_path: Path, station: str
) -> None:
    """In shadow it said the same; judging, it rejects what the former engine accepts."""
    with staged(tmp_path, station, shadow_parts=60, trial_parts=100) as stage:
        stage.load()
        stage.come_to(Step.REPORTED)
        stage.ask("activate")
        stage.come_to(Step.TRIAL)
        stage.tick()
        for _ in range(30):
            stage.line.judge(active=9000, shadow=1000)
            stage.tick()
        assert stage.step() is Step.BACKING
        assert stage.slots.probation_left > 0
        stage.come_to(Step.IDLE)
        number, text = stage.refusal()
        assert number == 355
        assert "it says something else than the engine before it" in text
        assert "the former engine judges again" in text
        assert stage.serving() == "1.0.0"


def test_exchange_stays_with_a_new_engine_that_does_as_it_did(tmp_path: Path, station: str) -> None:
    """The same differences as in shadow are no reason to go back."""
    with staged(tmp_path, station, shadow_parts=30, trial_parts=40) as stage:
        stage.load()
        stage.come_to(Step.SHADOW)
        for k in range(30):
            stage.line.judge(active=1000 + k, shadow=1300 + 2 * k)
        stage.tick()
        stage.ask("activate")
        stage.come_to(Step.TRIAL)
        stage.tick()
        for k in range(40):
            stage.line.judge(active=1300 + 2 * k, shadow=1000 + k)
            stage.tick()
        assert stage.step() is Step.SETTLED
        assert stage.serving() == "1.1.0"


def test_exchange_that_cannot_go_back_stays_and_says_so(stage: Stage) -> None:
    """The former engine dies between the order and the line's look at it."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(Step.SETTLED)
    stage.ask("rollback")
    stage.hosts[0].place.say(Phase.LOADING)
    stage.line.obey()
    stage.tick()
    assert stage.step() is Step.SETTLED
    assert stage.refusal()[0] == 354
    assert stage.serving() == "1.1.0"


def test_registry_that_cannot_be_written_stops_nothing(stage: Stage) -> None:
    """Told and tried again until it can."""
    stage.load()
    stage.come_to(Step.REPORTED)
    selected = stage.section.folder / "bolt" / "selected.new"
    selected.mkdir()  # nobody, root neither, can write a file there
    stage.ask("activate")
    stage.come_to(Step.SETTLED)
    stage.tick_until(lambda: stage.resources.versions.problem != "")
    assert "GN340" in stage.ask("status")["registry"]
    assert stage.serving() == "1.1.0"
    selected.rmdir()

    def written() -> bool:
        stage.tick(11)
        return not stage.resources.versions.behind

    stage.tick_until(written)
    assert stage.registry.selection("bolt").active == "1.1.0"
    assert stage.ask("status")["registry"] == ""
