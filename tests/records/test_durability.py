"""What was committed is on the disk, and what a disk refuses is not forgotten.

Shown by the calls that SQLite makes (gonogo.tests.records.disk), by a library that would not
sync on its own: a promise that is no longer asked for turns these red.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.records.keeper import BATCH, Keeper
from gonogo.records.labels import Labels
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of, raws_of
from gonogo.tests.records.disk import Call, Disk, watched_disk
from gonogo.tests.records.doubles import Synced
from gonogo.tests.records.months import THEN, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELS = Labels((), (), ())
PARTS = 12


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A disk that is watched."""
    with watched_disk() as found:
        yield found


def serials(path: Path) -> list[int]:
    """The parts that have a row."""
    return [serial for (serial,) in ask(path, "SELECT serial FROM part ORDER BY serial")]


def test_store_brings_every_batch_to_the_disk_before_it_says_so(tmp_path: Path, disk: Disk) -> None:
    """The last thing done to the log is its sync."""
    store = Store(tmp_path / "r.db", LABELS, "run1", THEN._replace(connect=disk.connect))
    for serial in range(3):
        disk.calls.clear()
        store.write([entry_of(serial)])
        assert disk.calls[-1] == Call("sync", "r-2023-11.db-wal")
    store.close()


def test_store_loses_no_committed_row_when_the_current_fails(tmp_path: Path, disk: Disk) -> None:
    """After each batch, also of those whose log is written back into the database."""
    store = Store(tmp_path / "r.db", LABELS, "run1", THEN._replace(connect=disk.connect))
    for turn in range(PARTS):
        store.write([entry_of(k) for k in range(turn * BATCH, (turn + 1) * BATCH)])
        disk.cut(tmp_path / f"cut{turn}")
        assert serials(tmp_path / f"cut{turn}" / "r.db") == list(range((turn + 1) * BATCH))
    assert Call("sync", "r-2023-11.db") in disk.calls
    store.close()


def test_store_brings_the_names_of_a_new_database_to_the_disk(tmp_path: Path) -> None:
    """Of its files, and that the journal of its making is gone, which would undo it."""
    disk = Synced()
    store = Store(tmp_path / "r.db", LABELS, "run1", THEN._replace(files=disk))
    store.write([entry_of(1)])
    assert disk.synced == [tmp_path]
    store.close()


def test_keeper_loses_nothing_whichever_call_the_disk_refuses(tmp_path: Path, disk: Disk) -> None:
    """The N-th write or sync fails, for N = 1, 2, 3 ... until none does; later there is room."""
    refused: set[str] = set()
    for nth in range(1, 1000):
        path = tmp_path / f"{nth}.db"
        disk.fail_at(nth)
        store = Store(path, LABELS, "run1", THEN._replace(connect=disk.connect))
        keeper = Keeper(store)
        keeper.take(raws_of(entry_of(k) for k in range(PARTS)), 2)
        written = keeper.flush()
        failed = disk.mend()
        assert written == (failed is None)
        assert written or keeper.waiting == PARTS
        assert keeper.flush()
        store.close()
        assert serials(path) == list(range(PARTS))
        assert ask(path, "SELECT SUM(entries) FROM loss") == [(2,)]
        if failed is None:
            break
        refused.add(failed.what)
    assert refused == {"write", "sync"}
    assert nth > 5
