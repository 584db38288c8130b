"""The records process: follows the journal, and leaves nothing behind that nobody knows of."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.log.logger import FIELDS
from gonogo.base.words import FaultBit, Reason, VerdictKind
from gonogo.ipc import last_good_file, last_state
from gonogo.ipc.audit.files import beside_records, read_head
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.ipc.journal_records import DeliveryEntry
from gonogo.ipc.last_state import read
from gonogo.ipc.master_part import MasterPartMemory
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.worker import EXIT_DONE, EXIT_LEFT, ORPHAN_NS, STOP_WAIT_S, Worker
from gonogo.records.backlog import KEEP
from gonogo.records.database import BUSY_S
from gonogo.records.keeper import SPILL, Keeper
from gonogo.records.labels import Labels
from gonogo.records.leftover import pending, reserve, unpack
from gonogo.records.metrics.watch import AlertWatch
from gonogo.records.process import PATIENCE_S, Follower, RecordsPlan, follow
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of, part_now, put
from gonogo.tests.records.doubles import FullDisk
from gonogo.tests.records.metrics.made import WELL
from gonogo.tests.records.months import THEN, ask, booted, then
from gonogo.tests.table import PATIENT_MS, supervised, turn_until
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELS = Labels((), (), ())
QUIET = AlertWatch(lambda: WELL)


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


@pytest.fixture
def child(station: str) -> Iterator[Worker]:
    """This process as the first row of a table, asked to stop."""
    Heartbeat.create(station).close()
    MasterPartMemory.create(station).close()
    process = Worker(ProcessTable.create(station), 1, ORPHAN_NS)
    process.stop.ask()
    yield process
    os.close(process.stop.fd)


def plan_of(station: str, path: Path) -> RecordsPlan:
    """The plan of a records process for a station without views and rules."""
    return RecordsPlan(
        station=station, path=path, state=path.with_name("state.json"), poll_ms=5,
        views=(), rules=(), units=(),
    )  # fmt: skip


def test_follow_asked_to_stop_takes_what_is_left(
    station: str, store: Store, path: Path, child: Worker
) -> None:
    """Entries that came before the request are written, and overwritten ones told."""
    journal = Journal.create(station, 4)
    total = journal.records + 3
    for serial in range(total):
        put(journal, entry_of(serial))
    assert follow(plan_of(station, path), journal, Keeper(store), child, QUIET) == EXIT_DONE
    assert ask(path, "SELECT MIN(serial), COUNT(*) FROM part") == [(3, journal.records)]
    assert ask(path, "SELECT entries FROM loss") == [(3,)]
    assert (journal.taken, journal.untold) == (total, 0)
    assert pending(path) == []


def test_follow_leaves_to_the_next_start_what_it_cannot_write(
    station: str, store: Store, path: Path
) -> None:
    """Another program holds the database at the stop: nothing is given up, and the code says so."""
    journal = Journal.create(station, 4)
    assert Keeper(store).flush()
    total = journal.records + 2
    for serial in range(total):
        put(journal, entry_of(serial))
    with closing(sqlite3.connect(then(path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        follower = Follower(journal, Keeper(store))
        assert not follower.catch_up()
        assert (journal.taken, journal.untold) == (2, 2)
        assert follower.finish(patience_s=0.2) == EXIT_LEFT
        assert (journal.taken, journal.untold) == (total, 0)
        (file,) = pending(path)
        left = unpack(file.read_bytes())
        assert (left.run, len(left.raws), left.lost) == (journal.run, journal.records, 2)
    assert ask(path, "SELECT * FROM part") == []
    keeper = Keeper(store)
    assert keeper.flush()
    assert ask(path, "SELECT run, COUNT(*) FROM part") == [(journal.run, journal.records)]
    assert ask(path, "SELECT run, entries FROM loss") == [(journal.run, 2)]
    assert 10 * BUSY_S < PATIENCE_S < STOP_WAIT_S  # or it is killed before it has saved anything


def test_follow_is_patient_with_a_database_that_is_held_for_a_moment(
    station: str, store: Store, path: Path
) -> None:
    """Released within the patience: rows, and no file."""
    journal = Journal.create(station)
    keeper = Keeper(store)
    assert keeper.flush()
    put(journal, entry_of(1))
    other = sqlite3.connect(then(path), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    class Released(Follower):
        """The other program ends meanwhile."""

        def catch_up(self) -> bool:
            written = super().catch_up()
            other.close()
            return written

    follower = Released(journal, keeper)
    assert not follower.catch_up()
    assert follower.finish() == EXIT_DONE
    assert ask(path, "SELECT serial FROM part") == [(1,)]
    assert pending(path) == []


def test_follow_on_a_full_disk_saves_all_in_the_reserved_space(
    station: str, store: Store, path: Path
) -> None:
    """Also what waited in memory alone, long overwritten in the journal."""
    journal = Journal.create(station, 4)
    reserve(path)
    keeper = Keeper(store, files=FullDisk())
    store.close()  # it refuses everything from now on
    follower = Follower(journal, keeper)
    for serial in range(5 * journal.records):
        put(journal, entry_of(serial))
        follower.catch_up()
    assert follower.finish(patience_s=0) == EXIT_LEFT
    (file,) = pending(path)
    left = unpack(file.read_bytes())
    assert (left.first, len(left.raws), left.lost) == (0, 5 * journal.records, 0)
    assert (journal.taken, journal.untold) == (5 * journal.records, 0)


def test_follow_that_can_save_nothing_leaves_it_in_the_journal(
    station: str, store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """For whoever looks after it; the code says that something is left."""
    journal = Journal.create(station, 4)
    put(journal, entry_of(1))
    keeper = Keeper(store, files=FullDisk())
    store.close()
    follower = Follower(journal, keeper)
    follower.catch_up()
    assert follower.finish(patience_s=0) == EXIT_LEFT
    assert (journal.taken, journal.written) == (0, 1)
    assert pending(path) == []
    assert "No such file" in caplog.messages[-1]
    assert getattr(caplog.records[-1], FIELDS)["event"] == "leftover_unwritten"


def test_follow_that_finds_a_part_in_hand_at_the_end_says_so(
    station: str, store: Store, path: Path, child: Worker
) -> None:
    """All rows are written but one that nobody but the line could finish."""
    journal = Journal.create(station)
    put(journal, entry_of(1))
    journal.begin(part_now(2))
    assert follow(plan_of(station, path), journal, Keeper(store), child, QUIET) == EXIT_LEFT
    assert ask(path, "SELECT serial FROM part") == [(1,)]
    assert journal.taken == 1


def test_follow_puts_what_waits_for_long_into_files_and_loses_none(
    station: str, path: Path
) -> None:
    """A database that is held for hours: more than memory keeps, all of it rows afterwards."""
    journal, store = Journal.create(station, SPILL), Store(path, LABELS, "run1")
    keeper = Keeper(store)
    follower, total = Follower(journal, keeper), 2 * KEEP + 5
    with closing(sqlite3.connect(booted(path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for serial in range(total):
            put(journal, entry_of(serial))
            if serial % (SPILL // 2) == 0:
                assert not follower.catch_up()
        assert not follower.catch_up()
        assert len(pending(path)) == total // SPILL
        assert journal.taken >= total - SPILL
    while not keeper.done:
        assert follower.catch_up()
    store.close()
    assert ask(path, "SELECT COUNT(*), MAX(serial) FROM part") == [(total, total - 1)]
    assert ask(path, "SELECT * FROM loss") == []
    assert pending(path) == []


@pytest.mark.parametrize("noticed", ["in the middle", "at the stop"])
def test_follow_writes_a_run_anew_whose_database_was_damaged(
    station: str, store: Store, path: Path, noticed: str
) -> None:
    """As far as the journal still holds it, though all of it had been written."""
    journal = Journal.create(station, 16)
    follower = Follower(journal, Keeper(store))
    for serial in range(journal.records + 5):
        put(journal, entry_of(serial))
        assert follower.catch_up()
    store.database.let_go()  # the log is written back: all is in the one file
    then(path).write_bytes(b"\x5a" * then(path).stat().st_size)
    if noticed == "in the middle":
        assert follower.catch_up()
        assert ask(path, "SELECT COUNT(*) FROM part") == [(journal.records,)]
    assert follower.finish() == EXIT_DONE
    assert ask(path, "SELECT MIN(serial), COUNT(*) FROM part") == [(5, journal.records)]
    assert len(ask(path, "SELECT * FROM loss WHERE why LIKE '%damaged%'")) == 1
    assert path.with_name("records-2023-11.db.damaged-1").exists()


def test_follow_notices_at_the_stop_what_its_cache_hides(
    station: str, store: Store, path: Path
) -> None:
    """The file beneath an open database is damaged: it is read anew before the end."""
    journal = Journal.create(station, 16)
    follower = Follower(journal, Keeper(store))
    put(journal, entry_of(1))
    assert follower.catch_up()
    with closing(sqlite3.connect(then(path))) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    then(path).write_bytes(b"\x5a" * then(path).stat().st_size)
    assert follower.catch_up()
    assert store.asides == 0
    assert follower.finish() == EXIT_DONE
    assert store.asides == 1
    assert ask(path, "SELECT serial FROM part") == [(1,)]


def test_follow_saves_what_lies_in_a_damaged_database_that_stays_where_it_is(
    station: str, store: Store, path: Path
) -> None:
    """It was damaged twice within a minute: the run is left to the next start, and not believed."""
    journal = Journal.create(station, 16)
    follower = Follower(journal, Keeper(store))
    put(journal, entry_of(1))
    assert follower.catch_up()
    for _ in range(2):
        store.database.let_go()
        then(path).write_bytes(b"\x5a" * then(path).stat().st_size)
        code = follower.finish(patience_s=0)
    assert code == EXIT_LEFT
    (file,) = pending(path)
    assert len(unpack(file.read_bytes()).raws) == 1
    assert journal.taken == journal.written


def records_row(plan: RecordsPlan, *, required: bool = True) -> RowPlan:
    """The row of a records process."""
    return RowPlan(
        name="records", module="gonogo.records.process", argument=plan.model_dump_json(),
        limit_ms=PATIENT_MS, required=required, aftercare="gonogo.records.salvage",
    )  # fmt: skip


def test_records_process_writes_what_the_line_appends(
    station: str, tmp_path: Path, path: Path
) -> None:
    """Its own process, a real journal: rows while it runs, the last ones when it is stopped."""
    heart = Heartbeat.create(station)
    heart.begin(1, 77)
    plan = plan_of(station, path)
    journal = Journal.create(station, about=plan.about)
    for serial in range(10):
        put(journal, entry_of(serial))
    with supervised(station, records_row(plan)) as table:
        turn_until(table, lambda: count(path) == 10)
        for serial in range(10, 40):
            put(journal, entry_of(serial))
        put(
            journal,
            DeliveryEntry(7, 7, 1, 2, 3, delivered=True, kind=VerdictKind(2), reason=Reason.OK),
        )
    assert (table.rows[0].standing.last_code, table.left) == (0, EXIT_DONE)
    assert count(path) == 40
    assert ask(path, "SELECT serial FROM part WHERE delivered=1") == [(7,)]
    state = read(tmp_path / "state.json")
    assert state is not None
    assert (state.mode, state.last_part_id, state.reset_reason) == ("FULL", 77, "stopped")


def test_records_process_started_anew_goes_on_where_the_last_one_was(
    station: str, path: Path
) -> None:
    """Killed: its successor writes the rest, and calls nothing lost that was written."""
    heart = Heartbeat.create(station)
    heart.begin(1, 77)
    plan = plan_of(station, path)
    journal = Journal.create(station, 16, plan.about)
    with supervised(station, records_row(plan)) as table:
        for first in range(0, 40, 10):
            for serial in range(first, first + 10):
                put(journal, entry_of(serial))
            turn_until(table, lambda: count(path) == journal.written)
        os.kill(table.beats.rows[1].pid, signal.SIGKILL)
        for serial in range(40, 50):
            put(journal, entry_of(serial))
        turn_until(table, lambda: count(path) == 50)
    assert ask(path, "SELECT * FROM loss") == []


def test_records_process_that_does_not_obey_loses_nothing(station: str, path: Path) -> None:
    """Frozen at the stop and killed for that: what it had not written is saved after it."""
    Heartbeat.create(station).close()
    plan = plan_of(station, path)
    journal = Journal.create(station, 16, plan.about)
    with supervised(station, records_row(plan)) as table:
        turn_until(table, lambda: table.was_up)
        beat = table.beats.rows[1]
        os.kill(beat.pid, signal.SIGKILL)
        turn_until(table, lambda: beat.pid == 0)
        put(journal, entry_of(1))
    assert table.left == EXIT_LEFT
    (file,) = pending(path)
    assert len(unpack(file.read_bytes()).raws) == 1


def count(path: Path) -> int:
    """Rows in the database; 0 while it is being made."""
    try:
        return int(ask(path, "SELECT COUNT(*) FROM part")[0][0])
    except sqlite3.OperationalError:
        return 0


def test_records_process_without_a_database_ends_with_its_reason(
    station: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Exit code 1 and one line for a technician, no traceback; what there is to write is saved."""
    caplog.set_level("INFO")
    plan = plan_of(station, tmp_path / "folder")
    plan.path.mkdir()
    journal = Journal.create(station, about=plan.about)
    put(journal, entry_of(1))
    with supervised(station, records_row(plan)) as table:
        turn_until(table, lambda: table.code is not None)
    assert table.code == 1
    assert caplog.messages[0].startswith("records: GN600: records database")
    assert "records ended (exit code 1)" in caplog.messages
    assert table.left == EXIT_LEFT
    assert len(pending(plan.path)) == 1


def test_follow_warns_the_plc_of_a_disk_that_takes_nothing(
    station: str, store: Store, path: Path, child: Worker
) -> None:
    """FAULT disk while entries cannot be written, and not before."""
    journal, plan = Journal.create(station, 4), plan_of(station, path)
    follow(plan, journal, Keeper(store), child, QUIET)
    assert child.warnings() == 0
    store.close()
    put(journal, entry_of(1))
    follow(plan, journal, Keeper(store), child, QUIET)
    assert child.warnings() == FaultBit.DISK


def test_follow_warns_the_plc_of_what_alerts_say(
    station: str, store: Store, path: Path, child: Worker
) -> None:
    """Beside what it finds by itself, and not longer than they hold."""
    journal, plan, alerts = Journal.create(station, 4), plan_of(station, path), Standing()
    alerts.bits = FaultBit.DISK
    follow(plan, journal, Keeper(store), child, alerts)
    assert child.warnings() == FaultBit.DISK
    assert alerts.looked
    alerts.bits = 0
    follow(plan, journal, Keeper(store), child, alerts)
    assert child.warnings() == 0


class Standing(AlertWatch):
    """Says what a test wants of it."""

    def __init__(self) -> None:
        super().__init__(lambda: WELL)
        self.looked = False

    def keep(self, now_s: float) -> None:
        """Asked."""
        self.looked = now_s > 0


def test_follow_says_in_the_journal_what_was_lost_and_set_aside(
    station: str, store: Store, path: Path
) -> None:
    """Since the journal was made: whoever follows later goes on from there."""
    journal = Journal.create(station, 4)
    journal.lost, journal.asides = 5, 1  # of the process before
    follower = Follower(journal, Keeper(store))
    for serial in range(journal.records + 3):
        put(journal, entry_of(serial))
    assert follower.catch_up()
    assert (journal.lost, journal.asides) == (8, 1)
    store.close()
    then(path).write_bytes(b"damaged" * 1000)
    again = Store(path, LABELS, "run1", THEN)
    later = Follower(journal, Keeper(again))
    put(journal, entry_of(99))
    later.catch_up()
    assert (journal.lost, journal.asides) == (8, 2)
    again.close()


def test_follow_keeps_how_the_last_run_ended_that_judged_a_part(
    station: str, store: Store, path: Path, child: Worker
) -> None:
    """A start that came to nothing says nothing of parts; one that has judged one is the last."""
    journal, plan = Journal.create(station, 4), plan_of(station, path)
    follow(plan, journal, Keeper(store), child, QUIET)
    first = last_state.look(plan.state)
    assert first is not None
    assert not first.judged
    judged = last_state.LastState("FULL", 41, 7, "running", "boot", "2026-11-30T06:00:00Z")
    last_state.write(plan.state, judged)
    follow(plan, journal, Keeper(store), child, QUIET)
    assert last_state.look(plan.state) == judged
    heart = Heartbeat.attach(station)
    heart.words[0] = 1  # a cycle completed
    heart.close()
    follow(plan, journal, Keeper(store), child, QUIET)
    last = last_state.look(plan.state)
    assert last is not None
    assert (last.judged, last.reset_reason, last.last_part_id) == (
        True, "stopped", 0,
    )  # fmt: skip


def test_follow_makes_a_candidate_the_last_good_file_once_the_line_lives(
    station: str, store: Store, path: Path, child: Worker
) -> None:
    """Not before, and only the one that this station was started with."""
    journal = Journal.create(station, 4)
    candidate = path.with_name(".s.toml.last-good.candidate")
    good = path.with_name(".s.toml.last-good")
    candidate.write_bytes(last_good_file.marked(b"file"))
    plan = plan_of(station, path).model_copy(update={"candidate": candidate})
    ours = plan.model_copy(update={"station_sha256": last_good_file.digest(b"file")})
    follow(ours, journal, Keeper(store), child, QUIET)
    assert not good.exists()
    heart = Heartbeat.attach(station)
    heart.idle(1)
    follow(plan, journal, Keeper(store), child, QUIET)
    assert not good.exists(), "another start has left it"
    for _ in range(2):
        follow(ours, journal, Keeper(store), child, QUIET)
        assert good.read_bytes() == last_good_file.marked(b"file")
        assert not candidate.exists()
    heart.close()
    # the audit trail has it that the station came up with this file; its end is known elsewhere
    trail = Trail(beside_records(path))
    row = trail.last("station file")
    assert row is not None
    assert (row.state, row.new) == ("done", {"sha256": ours.station_sha256})
    state = last_state.look(ours.state)
    assert state is not None
    assert (state.audit_row, state.audit_hash) == read_head(trail.path)
