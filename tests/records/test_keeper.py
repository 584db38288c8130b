"""On the way to the database: nothing that can be written is lost, nothing lost is hidden."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.config.journal_room import MOST_ENTRIES
from gonogo.records import leftover
from gonogo.records.backlog import KEEP
from gonogo.records.complaints import BUSY_FOR_S, COMPLAIN_EVERY_S
from gonogo.records.keeper import ADOPT_S, BATCH, Keeper
from gonogo.records.labels import Clock as BothClocks
from gonogo.records.labels import Labels
from gonogo.records.leftover import Leftover
from gonogo.records.leftover_files import SPILL_FILES
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of, raws_of
from gonogo.tests.programs import launch, told
from gonogo.tests.records.doubles import Clock, FullDisk
from gonogo.tests.records.months import THEN, ask, then

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELS = Labels((), (), ())
CLOCK = BothClocks(1_700_000_000_000_000_000, 1000)
ABOUT = '{"views": [], "rules": [], "units": []}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database goes."""
    return tmp_path / "records.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An open store."""
    opened = Store(path, LABELS, "run1", THEN)
    yield opened
    opened.close()


def left_by(run: str, serials: range, lost: int = 0) -> Leftover:
    """What a run of that name could not write."""
    return Leftover(run, 0, raws_of(entry_of(k) for k in serials), lost, ABOUT, CLOCK)


def test_keeper_writes_everything_in_batches(store: Store, path: Path) -> None:
    """More than one batch, all of it, and no loss is told when there is none."""
    keeper = Keeper(store)
    keeper.take(raws_of(entry_of(k) for k in range(2 * BATCH + 1)), 0)
    assert keeper.flush()
    assert keeper.waiting == 0
    assert keeper.done
    counted = ask(path, "SELECT COUNT(*), COUNT(DISTINCT serial) FROM part")
    assert counted == [(2 * BATCH + 1, 2 * BATCH + 1)]
    assert ask(path, "SELECT * FROM loss") == []


def test_keeper_tells_of_losses_once(store: Store, path: Path) -> None:
    """What the journal overwrote stands in the database, once for each time it happened."""
    keeper = Keeper(store, lost=1)
    keeper.take(raws_of([entry_of(1)]), 3)
    keeper.take([], 2)
    assert not keeper.done
    assert keeper.flush()
    assert keeper.flush()
    assert ask(path, "SELECT run, entries FROM loss") == [("run1", 6)]


def test_keeper_full_drops_the_oldest_and_counts_them(store: Store, path: Path) -> None:
    """Memory is bounded; the youngest are kept, and a whole journal of them."""
    assert KEEP >= MOST_ENTRIES
    keeper, raw = Keeper(store), raws_of([entry_of(0)])
    keeper.take(raw * 7, 0)
    keeper.take(raws_of([entry_of(1)]) * KEEP, 0)
    assert keeper.waiting == KEEP
    assert keeper.flush()
    assert ask(path, "SELECT serial FROM part") == [(1,)]
    assert ask(path, "SELECT entries FROM loss") == [(7,)]


def test_keeper_keeps_what_a_full_disk_refuses_and_writes_it_later(path: Path) -> None:
    """No write succeeds for a while: nothing raised, nothing lost, losses told afterwards."""
    with launch("full_disk", path=str(path)) as process:
        found = told(process)
    assert found == {
        "first": True, "only_losses": False, "full": False, "kept": 80, "free": True, "left": 0,
    }  # fmt: skip
    assert ask(path, "SELECT COUNT(DISTINCT serial) FROM part") == [(100,)]
    assert ask(path, "SELECT entries FROM loss") == [(3,)]


def test_keeper_complains_of_a_refusal_but_not_each_time(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """One line says what is wrong and how much waits, not one for each poll."""
    keeper = Keeper(store)
    store.close()
    keeper.take(raws_of([entry_of(1)]), 5)
    assert [keeper.flush() for _ in range(3)] == [False] * 3
    assert keeper.failing
    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith("1 entries wait, 5 lost")


def test_keeper_says_nothing_of_a_moment_s_wait_and_something_of_a_long_one(
    store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another program that holds the database for long is named; all is written afterwards."""
    clock = Clock()
    keeper = Keeper(store, clock_s=clock)
    assert keeper.flush()
    with closing(sqlite3.connect(then(path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        keeper.take(raws_of([entry_of(1)]), 0)
        assert (keeper.flush(), keeper.failing, caplog.messages) == (False, False, [])
        assert leftover.reserve_path(path).exists()  # from the start on, whoever holds what
        clock.now_s += BUSY_FOR_S
        assert (keeper.flush(), keeper.failing) == (False, True)
        assert "GN602: " in caplog.messages[0]
        assert "another program holds it" in caplog.messages[0]
    assert (keeper.flush(), keeper.failing) == (True, False)
    assert ask(path, "SELECT serial FROM part") == [(1,)]
    assert COMPLAIN_EVERY_S > BUSY_FOR_S


def test_keeper_counts_what_is_no_entry_and_writes_the_rest(store: Store, path: Path) -> None:
    """Nonsense in one record costs that record."""
    good, bad = raws_of(entry_of(k) for k in (1, 2)), b"\x07" * 300
    views = bytearray(raws_of([entry_of(3)])[0])
    views[8 * 11] = 5  # five views, where the station has none
    keeper = Keeper(store)
    keeper.take([good[0], bad, bytes(views), good[1]], 0)
    assert keeper.flush()
    assert ask(path, "SELECT serial FROM part") == [(1,), (2,)]
    assert ask(path, "SELECT entries, why FROM loss") == [(2, "entries that cannot be read")]


def test_keeper_that_finds_no_room_for_a_file_keeps_what_waits(store: Store, path: Path) -> None:
    """In memory, as long as it can; the space for the end is not touched."""
    assert leftover.reserve(path)
    keeper = Keeper(store, files=FullDisk())
    keeper.take(raws_of([entry_of(1)]), 2)
    keeper.spill(keeper.left("run1", 1, ABOUT))
    assert (keeper.waiting, keeper.lost, leftover.pending(path)) == (1, 2, [])
    assert leftover.reserve_path(path).exists()


def test_keeper_begins_with_what_earlier_runs_left(store: Store, path: Path) -> None:
    """Oldest first, under their own names, by the clock of their own boot; then the file goes."""
    for run, serials in (("run0", range(5)), ("runA", range(3))):
        leftover.save(path, left_by(run, serials, lost=len(serials)))
    keeper = Keeper(store)
    before = keeper.done
    keeper.take(raws_of([entry_of(7)]), 0)
    assert keeper.flush()
    assert (before, keeper.done) == (False, True)
    found = ask(path, "SELECT run, COUNT(*) FROM part GROUP BY run")
    assert found == [("run0", 5), ("run1", 1), ("runA", 3)]
    assert [row[:2] for row in ask(path, "SELECT run, entries FROM loss")] == [
        ("run0", 5), ("runA", 3),
    ]  # fmt: skip
    assert ask(path, "SELECT wall FROM part WHERE run='run0' AND serial=0") == [
        ("2023-11-14T22:13:19.999+00:00",)
    ]
    assert leftover.pending(path) == []


def test_keeper_does_not_let_a_leftover_go_before_its_rows_are_there(
    store: Store, path: Path
) -> None:
    """The database is held: the file stays, and nothing of this run overtakes it."""
    assert Keeper(store).flush()
    leftover.save(path, left_by("run0", range(5)))
    keeper = Keeper(store)
    keeper.take(raws_of([entry_of(7)]), 0)
    with closing(sqlite3.connect(then(path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not keeper.flush()
        assert len(leftover.pending(path)) == 1
        assert not keeper.done
    assert ask(path, "SELECT * FROM part") == []
    assert keeper.flush()
    assert ask(path, "SELECT COUNT(*) FROM part") == [(6,)]
    assert leftover.pending(path) == []


def test_keeper_reads_a_leftover_again_without_a_second_row(store: Store, path: Path) -> None:
    """Killed between the commit and the removal of the file: the next start finds it again."""
    left = left_by("run0", range(5), lost=2)
    for _ in range(2):
        leftover.save(path, left)
        assert Keeper(store).flush()
    assert ask(path, "SELECT COUNT(*) FROM part") == [(5,)]
    assert ask(path, "SELECT entries FROM loss") == [(2,)]


def test_keeper_sets_a_damaged_leftover_aside_and_tells_how_many_it_held(
    store: Store, path: Path
) -> None:
    """Not one entry of it is believed, and the file is kept."""
    leftover.save(path, left_by("run0", range(5)))
    (file,) = leftover.pending(path)
    content = bytearray(file.read_bytes())
    content[-10] ^= 1
    file.write_bytes(content)
    keeper = Keeper(store)
    assert keeper.flush()
    assert keeper.done
    assert ask(path, "SELECT * FROM part") == []
    ((entries, why),) = ask(path, "SELECT entries, why FROM loss")
    assert entries == 5
    assert file.name in why
    assert file.with_name(f"{file.name}.damaged-1").read_bytes() == bytes(content)
    assert leftover.pending(path) == []


def test_keeper_has_time_for_its_heartbeat_between_two_leftovers(store: Store, path: Path) -> None:
    """Many of them: one at a time, in order, and this run's entries after the last."""
    for run in ("run0", "runA", "runB"):
        leftover.save(path, left_by(run, range(2)))
    keeper = Keeper(store, clock_s=Clock(step_s=2 * ADOPT_S))
    keeper.take(raws_of([entry_of(7)]), 0)
    counts = []
    while not keeper.done:
        assert keeper.flush()
        counts.append(ask(path, "SELECT COUNT(*) FROM part")[0][0])
    assert counts == [2, 4, 7]


def test_keeper_spills_into_so_many_files_and_not_more(store: Store, path: Path) -> None:
    """A database that never takes a row again must not fill the disk for ever."""
    assert Keeper(store).flush()
    for k in range(SPILL_FILES):
        leftover.put(path, left_by("run0", range(1))._replace(first=k))
    keeper = Keeper(store)
    keeper.take(raws_of([entry_of(7)]), 0)
    keeper.spill(keeper.left("run1", 1, ABOUT))
    assert keeper.waiting == 1
    assert len(leftover.pending(path)) == SPILL_FILES
