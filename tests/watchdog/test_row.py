"""A row: which of its places works, which waits, and in which order they stop."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.process_table import ProcessTable
from gonogo.tests.table import row
from gonogo.watchdog.means import Means
from gonogo.watchdog.row import Row
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def spared(station: str) -> Iterator[Row]:
    """A row with a spare, whose processes only live; beats are the test's own."""
    table = ProcessTable.create(station)
    plan = row("line", "hold", station, spare=True)
    made = Row(plan, 1, table.rows[1:3], Means(station, 2))
    yield made
    made.stop()
    table.close()


def states(of: Row) -> list[RowState]:
    """Of its places."""
    return [place.state for place in of.places]


def bring_up(made: Row) -> None:
    """The first place works, the second is its spare."""
    made.start()
    for place in made.places:
        place.beat.beat()
        made.supervise(time.monotonic_ns())
        place.beat.beat()
        made.supervise(time.monotonic_ns())


def test_row_starts_its_spare_once_its_work_is_done(spared: Row) -> None:
    """Not beside the one that is still coming up."""
    assert (spared.standing.untouched, spared.descriptors()) == (True, [])
    spared.start()
    spared.supervise(time.monotonic_ns())
    assert states(spared) == [RowState.STARTING, RowState.OFF]
    spared.places[0].beat.beat()
    spared.supervise(time.monotonic_ns())
    assert states(spared) == [RowState.UP, RowState.STARTING]
    assert [place.standby for place in spared.places] == [False, True]
    assert len(spared.descriptors()) == 2


def test_row_spare_takes_over_when_the_one_that_works_ends(spared: Row) -> None:
    """At once, and what is started in its place is the spare from then on."""
    bring_up(spared)
    assert states(spared) == [RowState.UP, RowState.HELD]
    first, second = (place.occupant.process for place in spared.places)
    assert first is not None
    assert spared.working is first
    first.send(signal.SIGKILL)
    assert first.wait(20.0)
    spared.supervise(time.monotonic_ns())
    assert states(spared) == [RowState.BACKOFF, RowState.STARTING]
    assert spared.working is second
    spared.supervise(time.monotonic_ns())
    assert [place.standby for place in spared.places] == [True, False]
    spared.reap()


def test_row_passes_an_acknowledgement_to_all_its_places(spared: Row) -> None:
    """Which of them was latched need not be known."""
    spared.acknowledge()
    assert [place.beat.acknowledged for place in spared.places] == [1, 1]


def test_row_adopts_what_runs_already(spared: Row, station: str) -> None:
    """Of both places, each as what it was."""
    bring_up(spared)
    beats = [place.beat for place in spared.places]
    heir = Row(spared.plan, 1, beats, Means(station, 2))
    assert heir.adopt()
    assert states(heir) == [RowState.UP, RowState.HELD]
    assert [place.standby for place in heir.places] == [False, True]
    assert heir.standing.up


def test_row_adopts_a_spare_that_is_on_its_way_up(spared: Row, station: str) -> None:
    """It waits to be called: taken for one that works, it would do nothing for ever."""
    spared.start()
    spared.places[0].beat.beat()
    spared.supervise(time.monotonic_ns())
    assert states(spared) == [RowState.UP, RowState.STARTING]
    heir = Row(spared.plan, 1, [place.beat for place in spared.places], Means(station, 2))
    assert heir.adopt()
    heir.places[1].beat.beat()
    heir.supervise(time.monotonic_ns())
    assert states(heir) == [RowState.UP, RowState.HELD]


def test_row_that_was_prepared_waits_for_its_turn(spared: Row) -> None:
    """As a spare, however long that takes; nobody has failed, and nobody takes over."""
    spared.prepare()
    for _ in range(3):
        spared.places[0].beat.beat()
        spared.supervise(time.monotonic_ns())
    assert states(spared) == [RowState.HELD, RowState.OFF]
    assert (spared.working, spared.standing.settled) == (None, False)
    process = spared.places[0].occupant.process
    spared.start()
    spared.supervise(time.monotonic_ns())
    assert states(spared) == [RowState.STARTING, RowState.OFF]
    assert spared.working is process


def test_row_is_prepared_once_and_not_after_its_turn(spared: Row) -> None:
    """One process, whichever comes first."""
    spared.start()
    process = spared.places[0].occupant.process
    spared.prepare()
    spared.start()
    assert (spared.places[0].standby, spared.places[0].early) == (False, False)
    assert spared.places[0].occupant.process is process
    assert spared.places[0].beat.starts == 1


def test_row_adopts_what_was_prepared_and_calls_it(spared: Row, station: str) -> None:
    """Taken for one that works it would wait for ever: its supervisor was killed in a start."""
    spared.prepare()
    heir = Row(spared.plan, 1, [place.beat for place in spared.places], Means(station, 2))
    assert heir.adopt()
    assert (heir.places[0].state, heir.places[0].standby) == (RowState.STARTING, True)
    heir.places[0].beat.beat()
    heir.supervise(time.monotonic_ns())
    assert (states(heir)[0], heir.places[0].standby) == (RowState.STARTING, False)
    assert heir.places[0].beat.waits == 0
