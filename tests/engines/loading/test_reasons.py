"""The numbered error of each event that ends a swap, and what it tells to do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    EngineWentBack,
    GonogoError,
    HostLost,
    LoadHung,
    RegistryError,
    SwitchRefused,
)
from gonogo.base.words import Reason
from gonogo.engines.loading.background_job import BackgroundJob
from gonogo.engines.loading.reasons import Situation, reason_of
from gonogo.engines.loading.steps import TABLE, Event, Step
from gonogo.engines.loading.task import LoadRequest, SlotRefusal, Task
from gonogo.ipc.engine_slot import Phase, SlotOrder
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.tests.engines.loading.stage import section_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.engines.loading.checks import Checked

UNTOUCHED = "the engine that judges was not touched"


@pytest.fixture
def at(tmp_path: Path, station: str) -> Iterator[Situation]:
    """Bolt 1.1.0 was ordered into slot B."""
    slots = EngineSlots.create(station)
    task = Task(LoadRequest("bolt", "1.1.0", 4))
    task.place = 1
    slots.places[1].order(SlotOrder(bundles={"bolt": tmp_path / "bundle.gng"}))
    yield Situation(task, slots, section_of(tmp_path, load_limit_s=90))
    slots.close()


def played(at: Situation) -> EngineSlots:
    """The slots as hosts and line have them, whose parts the test plays."""
    assert isinstance(at.slots, EngineSlots)
    return at.slots


def begin(at: Situation, phase: Phase) -> None:
    """A host begins with the order of slot B."""
    slot = played(at).places[1]
    slot.begin(slot.load)
    slot.say(phase)


WAYS = sorted((step, event) for step, event in TABLE)
GOOD = {
    Event.LOAD, Event.CHECKED, Event.READY, Event.READY_AGAIN, Event.JUDGED, Event.ACTIVATE,
    Event.ACTIVATE_WITHOUT_SHADOW, Event.RAISED, Event.SWITCHED, Event.TRIED, Event.ROLLBACK,
    Event.COLD, Event.UNLOAD, Event.EMPTY,
}  # fmt: skip


@pytest.mark.parametrize(("step", "event"), WAYS)
def test_only_what_ends_a_swap_has_a_reason(at: Situation, step: Step, event: Event) -> None:
    """What was asked for, or went well, has none; nor what only ends the giving up."""
    played(at).places[1].refuse("no", 310)
    found = reason_of(event, step, at)
    quiet = event in GOOD or step is Step.UNLOADING
    quiet |= (step, event) == (Step.BACKING, Event.ROLLED_BACK)  # whoever had it go back said why
    assert (found is None) is quiet


def test_refusal_before_a_slot_was_told_is_that_of_the_check(at: Situation) -> None:
    """The error of the thread, itself."""
    error = RegistryError("no such disk")

    def fail() -> Checked:
        raise error

    at.task.place = -1
    assert reason_of(Event.REFUSED, Step.CHECKING, at) is None
    job = BackgroundJob(fail)
    while not job.done:
        time.sleep(0.001)
    at.task.check = job
    assert reason_of(Event.REFUSED, Step.CHECKING, at) is error


@pytest.mark.parametrize(
    ("message", "says"),
    [("too large", "GN326: too large"), ("", f"GN326: bolt 1.1.0 was refused; {UNTOUCHED}")],
)
def test_refusal_of_a_host_is_told_under_its_number(at: Situation, message: str, says: str) -> None:
    """With its words where it had any."""
    begin(at, Phase.LOADING)
    played(at).places[1].refuse(message, 326)
    found = reason_of(Event.REFUSED, Step.LOADING, at)
    assert isinstance(found, SlotRefusal)
    assert str(found) == says


def test_refusal_in_slot_a_is_its_hosts(at: Situation) -> None:
    """Number 0 is a slot, too."""
    at.task.place = 0
    played(at).places[0].refuse("too large", 326)
    assert str(reason_of(Event.REFUSED, Step.LOADING, at)) == "GN326: too large"


def told(event: Event, step: Step, at: Situation) -> tuple[type[GonogoError], str]:
    """What kind of error, and its text."""
    found = reason_of(event, step, at)
    assert found is not None
    return type(found), str(found)


def test_late_says_what_was_waited_for(at: Situation) -> None:
    """A disk, a host that never began, a host that is at it, the line."""
    kind, text = told(Event.LATE, Step.CHECKING, at)
    assert kind is LoadHung
    assert f"was not read within 90 s; check the disk of {at.section.folder}" in text
    assert "hung: nobody began with it for 90 s" in told(Event.LATE, Step.LOADING, at)[1]
    begin(at, Phase.TESTING)
    kind, text = told(Event.LATE, Step.LOADING, at)
    assert kind is LoadHung
    assert "bolt 1.1.0: loader hung: still testing for 90 s" in text
    kind, text = told(Event.LATE, Step.SWITCHING, at)
    assert kind is SwitchRefused
    assert text.endswith(f"the line did not answer; is it running? {UNTOUCHED}")


def test_lost_says_at_which_step(at: Situation) -> None:
    """And that what judges was not touched."""
    kind, text = told(Event.LOST, Step.RAISING, at)
    assert kind is HostLost
    assert "its engine process ended at step raising" in text
    assert text.endswith(UNTOUCHED)


def test_not_ready_says_which_engine_goes_on(at: Situation) -> None:
    """On the way there the former one does; on the way back the new one."""
    kind, text = told(Event.NOT_READY, Step.SWITCHING, at)
    assert kind is SwitchRefused
    assert "it scored no live frame in time" in text
    kind, text = told(Event.NOT_READY, Step.BACKING, at)
    assert kind is SwitchRefused
    assert "bolt 1.1.0 goes on judging: the former engine is not ready" in text


def test_way_back_of_the_line_is_told_with_its_reason(at: Situation) -> None:
    """As the line gave it."""
    played(at).roll_back(Reason.ENGINE_SILENT)
    for step in (Step.SWITCHING, Step.TRIAL, Step.SETTLED):
        kind, text = told(Event.ROLLED_BACK, step, at)
        assert kind is EngineWentBack
        assert "did not answer in time (ENGINE_SILENT); the line went back by itself" in text


def test_doubt_is_told_as_it_was_found(at: Situation) -> None:
    """In the words of the watch."""
    at.task.doubt = "7 of 9 parts scored outside"
    kind, text = told(Event.DISAPPOINTED, Step.TRIAL, at)
    assert kind is EngineWentBack
    assert text.endswith("bolt 1.1.0: 7 of 9 parts scored outside; the former engine judges again")
