"""A place: what it does about its process, without one that takes its time."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.log.logger import FIELDS
from gonogo.ipc.process_table import ProcessTable
from gonogo.tests.table import row
from gonogo.watchdog.last_words import LastWords
from gonogo.watchdog.means import Means
from gonogo.watchdog.place import NS_PER_MS, NS_PER_S, Place, limit_in_words, limit_ns
from gonogo.watchdog.plan import RowPlan
from gonogo.watchdog.rowstate import RowEvent, RowState

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAN = RowPlan(name="engine", module="none", argument="", limit_ms=250.0, start_limit_s=30.0)


@pytest.mark.parametrize(
    ("state", "limit_s", "words"),
    [
        (RowState.STARTING, 30.0, "30 s"),
        (RowState.UP, 0.25, "250 ms"),
        (RowState.HELD, 0.25, "250 ms"),
        (RowState.STOPPING, 5.0, "5 s after it was asked to stop"),
    ],
)
def test_place_is_patient_by_what_its_process_does(
    state: RowState, limit_s: float, words: str
) -> None:
    """The limit that is kept is the one that is told."""
    assert limit_ns(PLAN, state, 5.0) == limit_s * NS_PER_S
    assert limit_in_words(PLAN, state, 5.0) == words


@pytest.fixture
def place(station: str) -> Iterator[Place]:
    """One whose process lives until it is told to end; beats are the test's own."""
    table = ProcessTable.create(station)
    plan = row("engine", "hold", station, limit_ms=1000.0, strikes=2)
    made = Place(plan, 1, table.rows[1], Means(station, 2))
    yield made
    made.finish()
    table.close()


def test_place_is_up_from_the_first_beat_and_late_after_its_limit(place: Place) -> None:
    """Killed once, however long it takes to end; then it begins anew at once."""
    place.apply(RowEvent.START)
    assert (place.state, place.beat.state) == (RowState.STARTING, RowState.STARTING)
    place.supervise(time.monotonic_ns())
    assert place.state is RowState.STARTING
    place.beat.beat()
    place.supervise(place.beat.last_ns)
    assert (place.state, place.beat.state) == (RowState.UP, RowState.UP)
    place.supervise(place.beat.last_ns + NS_PER_S)
    process, killed = place.occupant.process, [place.occupant.killed]
    place.supervise(place.beat.last_ns + NS_PER_S + 1)
    assert [*killed, place.occupant.killed] == [False, True]
    assert process is not None
    assert process.wait(20.0)
    place.supervise(time.monotonic_ns())
    assert (place.state, place.last_code) == (RowState.BACKOFF, -signal.SIGKILL)
    assert (place.beat.pid, place.beat.starts) == (0, 1)
    place.supervise(time.monotonic_ns())
    assert (place.state, place.beat.starts) == (RowState.STARTING, 2)


def test_place_waits_for_a_start_that_gets_on(place: Place) -> None:
    """The limit of a start counts from when it last said so; that alone is not being up."""
    place.apply(RowEvent.START)
    limit_ns = round(place.plan.start_limit_s * NS_PER_S)
    place.beat.busy()
    place.supervise(place.occupant.since_ns + limit_ns + 1)
    place.supervise(place.beat.last_ns + limit_ns)
    assert (place.state, place.occupant.killed) == (RowState.STARTING, False)
    place.supervise(place.beat.last_ns + limit_ns + 1)
    assert place.occupant.killed


def test_place_spare_waits_until_it_is_promoted(place: Place) -> None:
    """Its first beat only says that it is ready; promoted, it has to beat anew."""
    place.standby = True
    place.apply(RowEvent.START)
    place.beat.beat()
    place.supervise(time.monotonic_ns())
    assert place.state is RowState.HELD
    place.apply(RowEvent.TURN)
    assert (place.state, place.standby, place.beat.count) == (RowState.STARTING, False, 0)
    assert place.running


def test_place_that_is_ready_before_its_turn_is_given_the_time_of_a_start(place: Place) -> None:
    """Engines load beside it, and a box that gives it no real-time rank may let it wait."""
    place.prepare()
    place.beat.beat()
    place.supervise(time.monotonic_ns())
    assert (place.state, place.beat.waits) == (RowState.HELD, 1)
    place.supervise(place.beat.last_ns + round((place.plan.limit_ms + 1) * NS_PER_MS))
    assert not place.occupant.killed
    place.supervise(place.beat.last_ns + round((place.plan.start_limit_s + 1) * NS_PER_S))
    assert place.occupant.killed


def test_place_that_was_ready_before_its_turn_takes_over_from_nobody(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no warning; from then on it has the limit of one that works."""
    place.prepare()
    place.beat.beat()
    place.supervise(time.monotonic_ns())
    place.apply(RowEvent.TURN)
    place.beat.beat()
    place.supervise(time.monotonic_ns())
    assert (place.state, place.early, place.beat.waits) == (RowState.UP, False, 0)
    assert not caplog.messages
    place.supervise(place.beat.last_ns + round((place.plan.limit_ms + 1) * NS_PER_MS))
    assert place.occupant.killed


def test_place_ends_too_often_and_waits_for_somebody(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """The second strike latches it; acknowledged, its ends are forgiven."""
    place.apply(RowEvent.START)
    for _ in range(2):
        process = place.occupant.process
        assert process is not None
        process.send(signal.SIGKILL)
        assert process.wait(20.0)
        place.supervise(time.monotonic_ns())
        place.supervise(time.monotonic_ns())
    assert place.state is RowState.LATCHED
    assert "engine ended 2 times within a minute: left alone until it is acknowledged" in (
        caplog.messages
    )
    place.beat.acknowledge()
    place.supervise(time.monotonic_ns())
    assert (place.state, place.beat.starts) == (RowState.STARTING, 3)


def test_place_adopts_only_what_the_table_proves(place: Place, station: str) -> None:
    """A spare stays one; a name that nobody bears any more leaves the table."""
    place.standby = True
    place.apply(RowEvent.START)
    place.beat.beat()
    place.supervise(time.monotonic_ns())
    heir = Place(place.plan, 1, place.beat, Means(station, 2))
    assert heir.adopt()
    assert (heir.state, heir.standby) == (RowState.HELD, True)
    assert heir.occupant.process is not None
    assert heir.occupant.process.pid == place.beat.pid
    heir.beat.words[3] += 1  # another start: the pid was given to somebody else
    stranger = Place(place.plan, 1, place.beat, Means(station, 2))
    assert not stranger.adopt()
    assert (stranger.state, place.beat.pid) == (RowState.OFF, 0)


def test_place_tells_the_last_words_of_what_ended(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Beside how it ended, as a field."""
    table = ProcessTable.create(station)
    words = LastWords()
    words.heard("engine", "out of memory")
    plan = row("engine", "end", station, code=4)
    made = Place(plan, 1, table.rows[1], Means(station, 2, last_words=words))
    made.apply(RowEvent.START)
    assert made.occupant.process is not None
    assert made.occupant.process.wait(20.0)
    made.supervise(time.monotonic_ns())
    (fields,) = [getattr(each, FIELDS) for each in caplog.records]
    assert (fields["event"], fields["last_words"]) == ("process_ended", ("out of memory",))
    made.finish()
    made.occupant.reap()
    table.close()
