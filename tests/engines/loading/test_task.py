"""The record of one swap: what is counted, proven, doubted and refused."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import EngineChangeError, HostLost, LoadHung
from gonogo.base.words import VerdictKind
from gonogo.engines.loading.background_job import BackgroundJob
from gonogo.engines.loading.task import LoadRequest, SlotRefusal, Task, number_of
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.ipc.journal_records import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

WATCHED = 100


@pytest.fixture
def task() -> Task:
    """One that is wanted."""
    return Task(LoadRequest("bolt", "1.1.0", 4))


@pytest.fixture
def slots(station: str) -> Iterator[EngineSlots]:
    """Both empty."""
    made = EngineSlots.create(station)
    yield made
    made.close()


def pairs(count: int, active: int = 1000, shadow: int = 1000) -> list[Pair]:
    """Parts of which both engines say `accept`, at those scores."""
    kind = VerdictKind.ACCEPT
    return [Pair(k, k, active, shadow, kind, kind, 1.0, 1.0) for k in range(count)]


def test_task_begins_with_nothing(task: Task, slots: EngineSlots) -> None:
    """No slot was told, nothing counted, shown, doubted or refused."""
    slots.count_shadow(window=True)
    slots.count_shadow(window=False)
    assert (task.place, task.host, task.roll_backs) == (-1, None, 0)
    assert (task.proof, task.doubt, task.why) == (None, "", None)
    assert task.counted(slots) == (1, 1)
    assert (task.wish.keep, task.wish.again) == (False, False)
    assert task.label == "bolt 1.1.0"


def test_task_counts_from_its_beginning(task: Task, slots: EngineSlots) -> None:
    """The line counts for ever."""
    slots.count_shadow(window=True)
    slots.count_shadow(window=False)
    task.count_from(slots)
    assert task.counted(slots) == (0, 0)
    for window in (True, False, False):
        slots.count_shadow(window=window)
    assert task.counted(slots) == (1, 2)


def test_task_belongs_to_the_first_process_that_begins_with_it(task: Task) -> None:
    """Epoch 0 is one, too."""
    task.take_host(None)
    assert task.host is None
    task.take_host(0)
    task.take_host(3)
    task.take_host(None)
    assert task.host == 0


def test_task_is_checked_until_its_thread_ends(task: Task) -> None:
    """Not before it is begun, and not after."""
    assert not task.checking
    go = threading.Event()
    job: BackgroundJob[Any] = BackgroundJob(go.wait)
    task.check = job
    found = [task.checking]
    go.set()
    while not job.done:
        time.sleep(0.001)
    assert [*found, task.checking] == [True, False]


def test_task_is_proven_by_pairs_and_by_nothing_else(task: Task) -> None:
    """Without any there is no proof, and no older one is left."""
    task.prove(pairs(5))
    assert task.proof is not None
    assert task.proof.parts == 5
    task.prove([])
    assert task.proof is None


def test_trial_holds_it_against_its_proof(task: Task) -> None:
    """The first doubt stays, whatever comes after it."""
    task.prove(pairs(60))
    task.begin_trial()
    task.follow_trial(pairs(20))
    assert task.doubt == ""
    task.follow_trial(pairs(20, active=9000))
    first = task.doubt
    assert "parts scored outside of what it showed as a shadow" in first
    task.follow_trial(pairs(20, active=5000))
    assert task.doubt == first


def test_trial_without_a_proof_doubts_nothing(task: Task) -> None:
    """Whoever activates without a shadow has nothing to hold it against."""
    task.follow_trial(pairs(20, active=9000))
    task.begin_trial()
    task.follow_trial(pairs(20, active=9000))
    assert task.doubt == ""


def test_first_reason_counts(task: Task) -> None:
    """What follows is what giving up brings about."""
    first = HostLost("gone")
    task.refuse(first)
    task.refuse(LoadHung("and then late"))
    assert task.why is first


def test_refusal_of_a_host_bears_its_number() -> None:
    """Its text may bear it already."""
    assert str(SlotRefusal(310, "no")) == "GN310: no"
    assert str(SlotRefusal(310, "GN310: no")) == "GN310: no"
    assert number_of(SlotRefusal(310, "no")) == 310
    assert number_of(EngineChangeError("no")) == EngineChangeError.code
    assert isinstance(SlotRefusal(310, "no"), EngineChangeError)
