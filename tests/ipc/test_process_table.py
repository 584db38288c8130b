"""The table of processes: which word is which, and who may write it."""

from __future__ import annotations

import os

import pytest

from gonogo.ipc.process_table import (
    ROW_WORDS,
    ProcessTable,
    TableView,
    WorkerTable,
    beats_path,
    start_time,
)
from gonogo.tests.ipc.layout import cannot_write, index_of

WORDS = {
    "count": [0],
    "last_ns": [1],
    "pid": [2],
    "started": [3],
    "state": [4],
    "starts": [5],
    "acknowledged": [6],
    "warning": [7],
    "digest": [9],
}


@pytest.mark.parametrize(("name", "at"), WORDS.items())
def test_row_words_stand_where_the_docstring_says(station: str, name: str, at: list[int]) -> None:
    """Each name reads its own word, and no other; sixteen words a row."""
    table = ProcessTable.create(station)
    row = TableView.attach(station).rows[3]
    assert index_of(row, name, table.segment.words(8 * 3 * 16, 16)) == at


def test_row_of_a_process_is_named_by_the_supervisor_and_beaten_by_itself(station: str) -> None:
    """Named anew it has not beaten, and warns of nothing; vacated it has no name."""
    table = ProcessTable.create(station)
    named, own = table.rows[2], WorkerTable.attach(station).own(2)
    named.occupy(os.getpid())
    own.beat()
    own.beat()
    own.warning = 8
    named.state = 5
    assert (named.count, named.warning, own.state, own.starts) == (2, 8, 5, 1)
    assert (own.pid, own.started, own.lives) == (os.getpid(), start_time(os.getpid()), True)
    named.restart()
    assert (own.count, own.warning) == (0, 8)
    named.vacate()
    assert (own.pid, own.started, own.warning, own.lives) == (0, 0, 0, False)
    assert own.starts == 1


def test_row_views_write_what_is_theirs_and_nothing_else(station: str) -> None:
    """A reader nothing; a process its beat and its warning, of others only that they are seen."""
    ProcessTable.create(station)
    table, watched = WorkerTable.attach(station), TableView.attach(station)
    cannot_write(watched.rows[1], WORDS, watched.rows[1].words)
    other, own = table.rows[2], table.own(1)
    for name in WORDS:
        with pytest.raises(AttributeError):
            setattr(other, name, 1)
        if name != "warning":
            with pytest.raises(AttributeError):
                setattr(own, name, 1)
    assert not hasattr(other, "beat")
    assert not hasattr(own, "occupy")
    other.acknowledge()
    assert [row.acknowledged for row in watched.rows[:4]] == [0, 0, 1, 0]


def test_table_seals_the_plan_in_row_0(station: str) -> None:
    """A supervisor that is started anew finds what the processes were started from."""
    table = ProcessTable.create(station)
    table.rows[0].digest = table.seals.plan(["x"])
    again = TableView.attach(station)
    assert again.rows[0].digest == again.seals.plan(["x"])


def test_table_closed_gives_its_memory_back(station: str) -> None:
    """Nobody holds a row any more."""
    table = ProcessTable.create(station)
    table.close()
    assert table.segment.map.closed


def test_table_of_an_earlier_gonogo_has_the_rows_that_it_has(station: str) -> None:
    """Its processes are found and ended all the same."""
    made = ProcessTable.create(station)
    made.rows[1].occupy(os.getpid())
    made.close()
    os.truncate(beats_path(station), 20 * ROW_WORDS * 8)
    found = ProcessTable.attach(station)
    assert len(found.rows) == 20
    assert found.rows[1].pid == os.getpid()
    found.close()
