"""Which file a row goes into: of its month, of its part, or another one where that cannot be."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Part, Reason, VerdictKind
from gonogo.ipc.journal_records import DeliveryEntry
from gonogo.records.labels import Clock as BothClocks
from gonogo.records.labels import Labels
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import Choice, parts
from gonogo.records.shelf import TIDY_EVERY_S, WAL_MAX_BYTES, Shelf
from gonogo.records.store import Store
from gonogo.records.volumes import volumes
from gonogo.tests.fakes import entry_of, raws_of
from gonogo.tests.records.disk import watched_disk
from gonogo.tests.records.doubles import Clock
from gonogo.tests.records.months import THEN, ask, then

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.ipc.journal_records import AnyEntry

LABELS = Labels((), (), ())
EVERY = int(os.environ.get("GONOGO_EVERY", "0"))  # 1: at each byte, at each call; minutes
READER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN")
db.execute("SELECT count(*) FROM part").fetchall()
print("reading", flush=True)
sys.stdin.read()
"""


class Wall:
    """Both clocks of a box whose wall clock is set at will; `ns` is the monotonic one."""

    def __init__(self, text: str) -> None:
        self.ns = 10**12
        self.set(text)

    def set(self, text: str) -> None:
        """UTC from now on."""
        then = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
        self._ahead_ns = round(then.timestamp()) * 10**9 - self.ns

    def __call__(self) -> BothClocks:
        """Of this moment."""
        return BothClocks(self.ns + self._ahead_ns, self.ns)

    def pass_a_part(self, serial: int) -> AnyEntry:
        """A second later a part passes."""
        self.ns += 10**9
        part = Part(serial, serial, self.ns, self.ns + 1, self.ns + 2, self.ns + 3)
        return entry_of(serial)._replace(part=part)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the station file says the records are."""
    return tmp_path / "records.db"


def delivery(serial: int) -> DeliveryEntry:
    """Of a part whose id is its serial."""
    return DeliveryEntry(
        serial, serial, 1, 2, 3, delivered=True, kind=VerdictKind.REJECT, reason=Reason.OK
    )


def names(path: Path) -> list[str]:
    """The files beside the path."""
    return [each.path.name for each in volumes(path)]


def test_shelf_has_the_bounds_that_are_promised() -> None:
    """Written down once more: docs/records.md says them."""
    assert (WAL_MAX_BYTES, TIDY_EVERY_S) == (64 << 20, 60.0)


def test_shelf_begins_a_file_with_each_month_and_deliveries_follow_their_part(path: Path) -> None:
    """Of a run that crosses the month there are rows in both; each part is whole in one."""
    wall = Wall("2023-11-30T23:59:57")
    store = Store(path, LABELS, "run1", THEN._replace(now=wall))
    entries = [wall.pass_a_part(serial) for serial in range(1, 6)]
    store.take(raws_of(entries[:3]))
    store.take(raws_of([*entries[3:], delivery(1), delivery(5)]))
    store.take(raws_of([delivery(2)]))
    store.close()
    assert names(path) == ["records-2023-11.db", "records-2023-12.db"]
    with closing(sqlite3.connect(then(path))) as db:
        found = db.execute("SELECT serial, delivered FROM part").fetchall()
    assert found == [(1, 1), (2, 1)]
    found = ask(path, "SELECT serial, delivered FROM part ORDER BY serial")
    assert found == [(1, 1), (2, 1), (3, None), (4, None), (5, 1)]


def test_shelf_loses_and_reorders_nothing_when_the_clock_is_set(path: Path) -> None:
    """A day on and two back, over the end of a month; what is read again changes nothing."""
    wall = Wall("2023-11-30T12:00:00")
    store = Store(path, LABELS, "run1", THEN._replace(now=wall))
    entries: list[AnyEntry] = []
    for turn, day in enumerate(("2023-11-30", "2023-12-01", "2023-11-29")):
        wall.set(f"{day}T12:00:00")
        some = [wall.pass_a_part(3 * turn + k) for k in (1, 2, 3)]
        store.take(raws_of(some))
        entries += some
    for day in ("2023-12-01", "2023-11-30"):
        wall.set(f"{day}T12:00:00")
        store.take(raws_of(entries))  # of a records process that begins anew
    store.take(raws_of([delivery(serial) for serial in range(1, 10)]))
    store.close()
    found = [part.serial for part in parts(Files(path), Choice())]
    assert found == list(range(1, 10))
    assert ask(path, "SELECT count(*), sum(delivered) FROM part") == [(9, 9)]
    assert ask(path, "SELECT * FROM loss") == []


def test_shelf_gives_a_run_one_number_in_all_its_files(path: Path) -> None:
    """And each later run a higher one, also in a month that has none yet."""
    for day, run in (("2023-11-30", "b"), ("2023-12-01", "b"), ("2023-12-01", "a")):
        wall = Wall(f"{day}T12:00:00")
        store = Store(path, LABELS, run, THEN._replace(now=wall))
        store.take(raws_of([wall.pass_a_part(int(day[-2:]))]))
        store.close()
    numbers = []
    for each in volumes(path):
        with closing(sqlite3.connect(each.path)) as db:
            numbers.append(db.execute("SELECT name, id FROM runs ORDER BY id").fetchall())
    assert numbers == [[("b", 1)], [("b", 1), ("a", 2)]]


def test_shelf_lets_a_month_go_that_has_passed(path: Path) -> None:
    """Its log is written back while the run goes on in the next one: its file alone is all."""
    wall, clock = Wall("2023-11-30T23:59:57"), Clock()
    store = Store(path, LABELS, "run1", THEN._replace(now=wall, clock_s=clock))
    for serial in range(1, 9):
        store.take(raws_of([wall.pass_a_part(serial)]))
    store.take(raws_of([delivery(1)]))
    for serial in (9, 10, 11):
        clock.now_s += TIDY_EVERY_S
        store.open()
        store.take(raws_of([wall.pass_a_part(serial)]))
    assert not then(path).with_name(f"{then(path).name}-wal").exists()
    with closing(sqlite3.connect(then(path))) as db:
        found = db.execute("SELECT serial, delivered FROM part").fetchall()
    assert found == [(1, 1), (2, None)]
    store.close()


def test_shelf_goes_on_without_months_that_were_archived(path: Path) -> None:
    """Moved away in mid-run: what belonged there is as if it had never been, the rest is whole."""
    wall = Wall("2023-11-30T12:00:00")
    store = Store(path, LABELS, "run1", THEN._replace(now=wall))
    for turn, day in enumerate(("2023-09-30", "2023-10-31", "2023-11-30", "2023-12-01")):
        wall.set(f"{day}T12:00:00")
        store.take(raws_of([wall.pass_a_part(turn + 1)]))
    for month in ("2023-10", "2023-11"):
        path.with_name(f"records-{month}.db").rename(path.with_name(f"archived-{month}.db"))
    store.take(raws_of([wall.pass_a_part(5), delivery(2), delivery(1)]))
    store.close()
    assert [part.serial for part in parts(Files(path), Choice())] == [1, 4, 5]
    assert names(path) == ["records-2023-09.db", "records-2023-12.db"]


def test_shelf_leaves_a_file_of_a_newer_gonogo_as_it_is(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows go on in another file of the month, which says so, and so does the log, once."""
    with closing(sqlite3.connect(then(path))) as db:
        db.execute("CREATE TABLE parts (of_tomorrow)")
        db.execute("PRAGMA user_version=99")
    before = then(path).read_bytes()
    store = Store(path, LABELS, "run1", THEN)
    store.take(raws_of([entry_of(1)]))
    store.take(raws_of([entry_of(2)]))
    store.close()
    assert then(path).read_bytes() == before
    assert names(path) == ["records-2023-11.db", "records-2023-11.2.db"]
    (message,) = caplog.messages
    assert message.startswith("GN605: ")
    assert message.endswith("rows go on in records-2023-11.2.db")
    files = Files(path)
    assert [part.serial for part in parts(files, Choice())] == [1, 2]
    assert "of a newer gonogo" in "".join(files.notes.values())
    with closing(sqlite3.connect(volumes(path)[1].path)) as db:
        ((why,),) = db.execute("SELECT why FROM loss").fetchall()
    assert why == "records-2023-11.db is of a newer gonogo, and was left as it is"


def test_shelf_sets_a_damaged_month_aside_at_the_start(path: Path) -> None:
    """One that is not written any more: told in the file of now, which goes on."""
    wall = Wall("2023-10-31T12:00:00")
    for day in ("2023-10-31", "2023-11-30"):
        wall.set(f"{day}T12:00:00")
        store = Store(path, LABELS, day, THEN._replace(now=wall))
        store.take(raws_of([wall.pass_a_part(1)]))
        store.close()
    old = path.with_name("records-2023-10.db")
    old.write_bytes(b"\x5a" * old.stat().st_size)
    store = Store(path, LABELS, "run9", THEN._replace(now=wall))
    store.take(raws_of([wall.pass_a_part(1)]))
    store.close()
    assert names(path) == ["records-2023-11.db"]
    assert path.with_name("records-2023-10.db.damaged-1").exists()
    assert ask(path, "SELECT count(*) FROM loss WHERE why LIKE '%damaged-1%'") == [(1,)]
    assert ask(path, "SELECT run FROM part ORDER BY run") == [("2023-11-30",), ("run9",)]


# -- readers -------------------------------------------------------------------------------


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Another program is in the middle of a transaction that reads."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", READER, file], stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"reading\n"
        yield
        other.communicate()


def log_bytes(file: Path) -> int:
    """Size of the log of a file that is written."""
    return file.with_name(f"{file.name}-wal").stat().st_size


def test_shelf_bounds_the_log_while_another_program_holds_a_snapshot(path: Path) -> None:
    """Another file of the month is begun; once the reader has gone, its log is written back."""
    bound, batch = 200_000, 50
    clock = Clock()
    means = THEN._replace(clock_s=clock)
    store = Store(path, LABELS, "run1", means, Shelf(path, means, bound))
    store.take(raws_of([entry_of(0)]))
    most = 0
    with reading(then(path)):
        for first in range(1, 4001, batch):
            store.take(raws_of(entry_of(k) for k in range(first, first + batch)))
            logs = [log_bytes(each.path) for each in volumes(path)]
            most = max(most, *logs)
        count = len(names(path))
        assert 1 < count <= 9, "as many as can be attached, and no more than the log needs"
        for serial in (1, 2, 3):
            store.take(raws_of([delivery(serial)]))
        assert len(names(path)) == count, "a late delivery begins no file"
        assert bound < most < 2 * bound
        assert log_bytes(then(path)) > bound
    clock.now_s += TIDY_EVERY_S
    store.open()
    clock.now_s += TIDY_EVERY_S
    store.open()
    assert not then(path).with_name(f"{then(path).name}-wal").exists()
    store.close()
    assert ask(path, "SELECT count(*), max(serial), sum(delivered) FROM part") == [(4001, 4000, 3)]


def test_shelf_is_not_disturbed_by_a_hundred_readers(path: Path) -> None:
    """Every one of them reads, while rows are written: nobody waits for anybody."""
    store = Store(path, LABELS, "run1", THEN)
    store.take(raws_of(entry_of(k) for k in range(1, 200)))
    read: list[int] = []
    together = threading.Barrier(101)

    def look() -> None:
        together.wait(60)
        read.append(len(list(parts(Files(path), Choice(last=100)))))

    readers = [threading.Thread(target=look) for _ in range(100)]
    for reader in readers:
        reader.start()
    together.wait(60)
    for first in range(200, 400, 10):
        store.take(raws_of(entry_of(k) for k in range(first, first + 10)))
    for reader in readers:
        reader.join(60)
    store.close()
    assert read == [100] * 100
    assert ask(path, "SELECT count(*) FROM part") == [(399,)]


# -- power and kills -----------------------------------------------------------------------


def test_store_killed_at_any_write_is_taken_on_by_its_successor(tmp_path: Path) -> None:
    """What it leaves at the N-th call, for N = 1, 6, 11 ...: every row once, none torn."""
    with watched_disk() as disk:
        for nth in range(1, 1000, EVERY or 5):
            place, left = tmp_path / f"{nth}" / "r.db", tmp_path / f"{nth}-left"
            disk.fail_at(nth)
            store = Store(place, LABELS, "run1", THEN._replace(connect=disk.connect))
            try:
                store.take(raws_of([entry_of(1), entry_of(2), delivery(1)]))
                failed = False
            except Exception:  # noqa: BLE001 - whatever it is: the process is gone
                failed = True
            left.mkdir()
            for file in place.parent.glob("r*"):
                (left / file.name).write_bytes(file.read_bytes())
            disk.mend()
            store.close()
            successor = Store(left / "r.db", LABELS, "run1", THEN)
            successor.take(raws_of([entry_of(1), entry_of(2), delivery(1)]))
            successor.close()
            found = ask(left / "r.db", "SELECT serial, delivered FROM part ORDER BY serial")
            assert found == [(1, 1), (2, None)]
            if not failed:
                break
    assert nth > 5


@pytest.mark.parametrize("which", ["file", "log"])
def test_store_goes_on_whatever_is_missing_of_the_last_page(tmp_path: Path, which: str) -> None:
    """The current fails: cut at any byte, the rest is read or set aside whole, never half."""
    whole = tmp_path / "whole" / "r.db"
    store = Store(whole, LABELS, "run0", THEN)
    store.take(raws_of(entry_of(k) for k in range(300)))
    store.database.write_back()
    store.take(raws_of([entry_of(300)]))
    if which == "file":
        store.close()
    ends = ("", "-wal") if which == "log" else ("",)
    content = {end: (whole.parent / f"r-2023-11.db{end}").read_bytes() for end in ends}
    store.close()
    every = EVERY or 512
    for cut in {1, 2, 4095, 4096, *range(every, 4097, every)}:
        place = tmp_path / f"{cut}" / "r.db"
        place.parent.mkdir()
        for end, data in content.items():
            kept = data[:-cut] if end == ends[-1] else data
            (place.parent / f"r-2023-11.db{end}").write_bytes(kept)
        after = Store(place, LABELS, "run1", THEN)
        after.take(raws_of([entry_of(1)]))
        after.close()
        found = ask(place, "SELECT run, count(*) FROM part GROUP BY run ORDER BY run")
        aside = place.with_name("r-2023-11.db.damaged-1").exists()
        old = [] if aside else [("run0", 300)]
        assert aside == (which == "file"), cut
        assert found == [*old, ("run1", 1)], cut
