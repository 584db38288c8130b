"""From the journal to the database: nothing that can be written is lost, nothing lost is hidden."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.plc.map import FaultBit
from gonogo.records.process import BATCH, KEEP, Keeper, RecordsPlan, follow
from gonogo.records.store import Labels, Store
from gonogo.runtime.entries import DeliveryEntry, VerdictEntry
from gonogo.runtime.journal import Journal
from gonogo.runtime.parts import Kind, Reason, Verdict
from gonogo.tests.fakes import entry_of
from gonogo.tests.programs import launch, told
from gonogo.tests.table import PATIENT_MS, supervised, turn_until
from gonogo.watchdog.beats import Beats
from gonogo.watchdog.child import ORPHAN_NS, Child
from gonogo.watchdog.heartbeat import Heartbeat
from gonogo.watchdog.laststate import read
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELS = Labels((), (), ())
WAIT_S = 20.0  # at which a test gives up; none takes that long


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open store."""
    opened = Store(tmp_path / "records.db", LABELS, "run1")
    yield opened
    opened.close()


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    """What another program reads in the database meanwhile."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def put(journal: Journal, entry: VerdictEntry) -> None:
    """Write an entry as the line does."""
    verdict = Verdict(entry.kind, entry.reason, entry.score, entry.mode, entry.rules, entry.engine)
    journal.append(entry.part, verdict, entry.stamps, (), (), ())


def plan_of(station: str, path: Path) -> RecordsPlan:
    """The plan of a records process for a station without views and rules."""
    return RecordsPlan(
        station=station, path=path, state=path.with_name("state.json"), poll_ms=5,
        views=(), rules=(), units=(),
    )  # fmt: skip


def test_keeper_writes_everything_in_batches(store: Store, tmp_path: Path) -> None:
    """More than one batch, all of it, and no loss is told when there is none."""
    keeper = Keeper(store)
    keeper.take([entry_of(k) for k in range(2 * BATCH + 1)], 0)
    assert keeper.flush()
    assert keeper.waiting == 0
    assert ask(tmp_path / "records.db", "SELECT COUNT(*), COUNT(DISTINCT serial) FROM part") == [
        (2 * BATCH + 1, 2 * BATCH + 1)
    ]
    assert ask(tmp_path / "records.db", "SELECT * FROM loss") == []


def test_keeper_tells_of_losses_once(store: Store, tmp_path: Path) -> None:
    """What the journal overwrote stands in the database, once for each time it happened."""
    keeper = Keeper(store)
    keeper.take([entry_of(1)], 4)
    keeper.take([], 2)
    assert keeper.flush()
    assert keeper.flush()
    assert ask(tmp_path / "records.db", "SELECT run, entries FROM loss") == [("run1", 6)]


def test_keeper_full_drops_the_oldest_and_counts_them(store: Store, tmp_path: Path) -> None:
    """Memory is bounded; the youngest are kept."""
    keeper = Keeper(store)
    keeper.take((entry_of(k) for k in range(KEEP + 7)), 0)
    assert keeper.waiting == KEEP
    assert keeper.flush()
    database = tmp_path / "records.db"
    assert ask(database, "SELECT MIN(serial), COUNT(*) FROM part") == [(7, KEEP)]
    assert ask(database, "SELECT entries FROM loss") == [(7,)]


def test_keeper_keeps_what_a_full_disk_refuses_and_writes_it_later(tmp_path: Path) -> None:
    """No write succeeds for a while: nothing raised, nothing lost, losses told afterwards."""
    path = tmp_path / "records.db"
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
    keeper.take([entry_of(1)], 5)
    assert [keeper.flush() for _ in range(3)] == [False] * 3
    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith("1 entries wait, 5 lost")


def test_follow_asked_to_stop_takes_what_is_left(
    station: str, store: Store, tmp_path: Path
) -> None:
    """Entries that came before the request are written, and overwritten ones told."""
    journal, process = Journal.create(station, 4), child_of(station)
    total = journal.records + 3
    for serial in range(total):
        put(journal, entry_of(serial))
    process.stop.ask()
    follow(plan_of(station, tmp_path), journal, Keeper(store), process)
    os.close(process.stop.fd)
    database = tmp_path / "records.db"
    assert ask(database, "SELECT MIN(serial), COUNT(*) FROM part") == [(3, journal.records)]
    assert ask(database, "SELECT entries FROM loss") == [(3,)]


def test_follow_says_what_it_could_not_write_at_the_end(
    station: str, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is given up in silence."""
    journal, process = Journal.create(station, 4), child_of(station)
    put(journal, entry_of(1))
    store.close()
    process.stop.ask()
    follow(plan_of(station, tmp_path), journal, Keeper(store), process)
    os.close(process.stop.fd)
    assert caplog.messages[-1] == f"1 entries of run {journal.run} never became rows"


def child_of(station: str) -> Child:
    """This process as the first row of a table."""
    Heartbeat.create(station).close()
    return Child(Beats.create(station), 1, ORPHAN_NS)


def records_row(plan: RecordsPlan) -> RowPlan:
    """The row of a records process."""
    return RowPlan(
        name="records", module="gonogo.records.process", argument=plan.model_dump_json(),
        limit_ms=PATIENT_MS, required=True,
    )  # fmt: skip


def test_records_process_writes_what_the_line_appends(station: str, tmp_path: Path) -> None:
    """Its own process, a real journal: rows while it runs, the last ones when it is stopped."""
    path = tmp_path / "records.db"
    heart = Heartbeat.create(station)
    heart.begin(1, 77)
    journal = Journal.create(station)
    for serial in range(10):
        put(journal, entry_of(serial))
    with supervised(station, records_row(plan_of(station, path))) as table:
        turn_until(table, lambda: path.exists() and count(path) == 10)
        for serial in range(10, 40):
            put(journal, entry_of(serial))
        journal.deliver(
            DeliveryEntry(7, 7, 1, 2, 3, delivered=True, kind=Kind(2), reason=Reason.OK)
        )
    assert table.rows[0].last_code == 0
    assert count(path) == 40
    assert ask(path, "SELECT serial FROM part WHERE delivered=1") == [(7,)]
    state = read(tmp_path / "state.json")
    assert state is not None
    assert (state.mode, state.last_part_id, state.reset_reason) == ("FULL", 77, "stopped")


def test_records_process_started_anew_goes_on_where_the_last_one_was(
    station: str, tmp_path: Path
) -> None:
    """Killed: its successor writes the rest, and calls nothing lost that was written."""
    path = tmp_path / "records.db"
    heart = Heartbeat.create(station)
    heart.begin(1, 77)
    journal = Journal.create(station, records=16)
    with supervised(station, records_row(plan_of(station, path))) as table:
        for first in range(0, 40, 10):
            for serial in range(first, first + 10):
                put(journal, entry_of(serial))
            turn_until(table, lambda: path.exists() and count(path) == journal.written)
        os.kill(table.beats.rows[1].pid, signal.SIGKILL)
        for serial in range(40, 50):
            put(journal, entry_of(serial))
        turn_until(table, lambda: count(path) == 50)
    assert ask(path, "SELECT * FROM loss") == []


def count(path: Path) -> int:
    """Rows in the database; 0 while it is being made."""
    try:
        return int(ask(path, "SELECT COUNT(*) FROM part")[0][0])
    except sqlite3.OperationalError:
        return 0


def test_records_process_without_a_database_ends_with_its_reason(
    station: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Exit code 1 and one line for a technician, no traceback."""
    caplog.set_level("INFO")
    Journal.create(station)
    plan = plan_of(station, tmp_path)  # a folder
    with supervised(station, records_row(plan)) as table:
        turn_until(table, lambda: table.code is not None)
    assert table.code == 1
    assert caplog.messages[0].startswith("records: GN600: records database")
    assert "records ended (exit code 1)" in caplog.messages


def test_follow_warns_the_plc_of_a_disk_that_takes_nothing(
    station: str, store: Store, tmp_path: Path
) -> None:
    """FAULT disk while entries cannot be written, and not before."""
    journal, process = Journal.create(station, 4), child_of(station)
    process.stop.ask()
    follow(plan_of(station, tmp_path), journal, Keeper(store), process)
    assert process.warnings() == 0
    store.close()
    put(journal, entry_of(1))
    follow(plan_of(station, tmp_path), journal, Keeper(store), process)
    assert process.warnings() == FaultBit.DISK
    os.close(process.stop.fd)


def test_follow_makes_a_candidate_the_last_good_file_once_the_line_lives(
    station: str, store: Store, tmp_path: Path
) -> None:
    """Not before, and only if there is one."""
    journal, process = Journal.create(station, 4), child_of(station)
    candidate, good = tmp_path / ".s.toml.last-good.candidate", tmp_path / ".s.toml.last-good"
    candidate.write_text("file", encoding="utf-8")
    plan = plan_of(station, tmp_path).model_copy(update={"candidate": candidate})
    process.stop.ask()
    follow(plan, journal, Keeper(store), process)
    assert not good.exists()
    heart = Heartbeat.attach(station)
    heart.idle(1)
    for _ in range(2):
        follow(plan, journal, Keeper(store), process)
        assert good.read_text(encoding="utf-8") == "file"
        assert not candidate.exists()
    heart.close()
    os.close(process.stop.fd)
