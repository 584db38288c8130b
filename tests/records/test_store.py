"""The traceability database: one row a part, all of a batch or none of it."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import RecordsBusy, RecordsDamaged, RecordsError
from gonogo.base.words import (
    Mode,
    Reason,
    RuleResult,
    Score,
    Status,
    Undelivered,
    VerdictKind,
    ViewCapture,
)
from gonogo.ipc.journal_records import DeliveryEntry, StageTimes
from gonogo.records.database import BUSY_S
from gonogo.records.labels import Labels
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of, part_now
from gonogo.tests.records.doubles import Connections
from gonogo.tests.records.formerly import back_to_version_1
from gonogo.tests.records.months import THEN, joined, then

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LABELS = Labels(("top", "side"), ("width", "gap"), ("mm", "mm"))
JUDGED = entry_of(5)._replace(
    kind=VerdictKind.REJECT,
    reason=Reason.RULE,
    mode=Mode.RULES_ONLY,
    rules=VerdictKind.REJECT,
    looks=(ViewCapture(0, 3, 111, Reason.OK), ViewCapture(1, 4, 222, Reason.FRAME)),
    scores=(Score(0, 0.25, 31, 32, 0xABC, Reason.OK), None),
    checks=(
        RuleResult(Status.FAIL, 12.5, 10.0, 12.0),
        RuleResult(Status.CANNOT_TELL, math.nan, -math.inf, 1.0),
    ),
)
DELIVERED = DeliveryEntry(
    5, 5, 9, 1000, 2000, delivered=True, kind=VerdictKind.REJECT, reason=Reason.RULE
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database goes; its folder is not there yet."""
    return tmp_path / "var" / "records.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An open store."""
    opened = Store(path, LABELS, "run1", THEN)
    yield opened
    opened.close()


def rows(path: Path, query: str) -> list[dict[str, Any]]:
    """What another program reads in the database meanwhile."""
    with closing(joined(path)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(query)]


def test_store_part_row_holds_what_was_decided_and_when(store: Store, path: Path) -> None:
    """Every field of the verdict under its name, before anything is heard from the PLC."""
    store.write([JUDGED])
    (row,) = rows(path, "SELECT * FROM part")
    row.pop("wall")
    assert row == {
        "run": "run1", "serial": 5, "part_id": 5, "verdict": "REJECT", "reason": "RULE",
        "mode": "RULES_ONLY", "score": 5, "rules_alone": "REJECT", "engine_alone": "NONE",
        "trigger_ns": 6, "frame_ns": 10, "rules_ns": 11, "engine_ns": 12, "decided_ns": 13,
        "reported_ns": 14, "deadline_ns": 9, "overrun": "camera",
        "sequence": None, "published_ns": None, "acked_ns": None, "delivered": None,
        "delivered_as": None, "delivered_reason": None, "recipe": 1,
        "master_part": None, "master_answer": None,
        "lot": None, "serial_number": None,
    }  # fmt: skip


def test_store_view_rows_hold_score_or_its_absence(store: Store, path: Path) -> None:
    """One row a view, under the view's name."""
    store.write([JUDGED])
    found = rows(path, "SELECT * FROM view ORDER BY frame_ns")
    common = {"run": "run1", "serial": 5}
    assert found == [
        {**common, "view": "top", "frame_ns": 111, "fault": "OK", "score": 0.25,
         "score_fault": "OK", "start_ns": 31, "done_ns": 32, "engine_id": "0000000000000abc"},
        {**common, "view": "side", "frame_ns": 222, "fault": "FRAME", "score": None,
         "score_fault": None, "start_ns": None, "done_ns": None, "engine_id": None},
    ]  # fmt: skip


def test_store_keeps_a_score_that_is_no_number_as_null_with_its_fault(
    store: Store, path: Path
) -> None:
    """SQLite has no NaN: the fault says that something came."""
    bad = JUDGED._replace(scores=(Score(0, math.nan, 1, 2, 3, Reason.ENGINE_DATA), None))
    store.write([bad])
    (row,) = rows(path, "SELECT score, score_fault FROM view WHERE view='top'")
    assert row == {"score": None, "score_fault": "ENGINE_DATA"}


def test_store_rule_rows_hold_value_limits_and_unit(store: Store, path: Path) -> None:
    """One row a rule, under its name; a limit that does not exist is NULL."""
    store.write([JUDGED])
    found = rows(path, "SELECT rule, status, value, low, high, unit FROM rule ORDER BY low")
    assert [tuple(row.values()) for row in found] == [
        ("gap", "CANNOT_TELL", None, None, 1.0, "mm"),
        ("width", "FAIL", 12.5, 10.0, 12.0, "mm"),
    ]


def test_store_keeps_what_a_rule_has_read(store: Store, path: Path) -> None:
    """Beside its value, once for a part; a rule that reads nothing has no text."""
    width, gap = JUDGED.checks
    read = JUDGED._replace(checks=(width, gap._replace(text="SN-42")))
    for _ in range(2):
        store.write([read, entry_of(6)])
    found = rows(path, "SELECT serial, rule, text FROM text")
    assert [tuple(row.values()) for row in found] == [(5, "gap", "SN-42")]


def test_store_writes_on_in_a_file_from_before_rules_read_texts(store: Store, path: Path) -> None:
    """It gets what it lacks when it is opened, in one step; its rows stay."""
    store.write([JUDGED])
    store.close()
    (file,) = path.parent.glob("*.db")
    with closing(sqlite3.connect(file)) as db, db:
        back_to_version_1(db)
    width, gap = JUDGED.checks
    later = entry_of(6)._replace(checks=(width._replace(text="SN-43"), gap))
    after = Store(path, LABELS, "run1", THEN)
    after.write([later])
    after.close()
    found = rows(path, "SELECT serial, text FROM text WHERE rule='width'")
    assert [tuple(row.values()) for row in found] == [(6, "SN-43")]
    assert len(rows(path, "SELECT serial FROM part")) == 2


def test_store_part_that_was_refused_has_a_row_and_no_views(store: Store, path: Path) -> None:
    """Not inspected, but recorded."""
    store.write([entry_of(8)])
    assert rows(path, "SELECT serial FROM part") == [{"serial": 8}]
    assert rows(path, "SELECT * FROM view UNION ALL SELECT *, 1, 2 FROM rule") == []


def test_store_delivery_completes_the_row_of_its_part(store: Store, path: Path) -> None:
    """What the PLC made of it; the rows of other parts and other runs stay as they are."""
    earlier = Store(path, LABELS, "run0", THEN)
    earlier.write([JUDGED])
    earlier.close()
    store.write([JUDGED, entry_of(6)])
    store.write([DELIVERED])
    query = "SELECT sequence, published_ns, acked_ns, delivered, delivered_as, delivered_reason"
    done = rows(path, f"{query} FROM part WHERE run='run1' AND serial=5")
    assert [tuple(row.values()) for row in done] == [(9, 1000, 2000, 1, "REJECT", "RULE")]
    assert rows(path, "SELECT COUNT(*) AS n FROM part WHERE sequence IS NULL") == [{"n": 2}]


LOST = DELIVERED._replace(
    acked_ns=0, delivered=False, kind=VerdictKind.ACCEPT, reason=Reason.OK,
    why=Undelivered.UNACKNOWLEDGED,
)  # fmt: skip


@pytest.mark.parametrize("why", [each for each in Undelivered if each])
def test_store_says_of_no_part_that_it_was_delivered_which_the_plc_never_acknowledged(
    store: Store, path: Path, why: Undelivered
) -> None:
    """No verdict, no reason and no time of a delivery: why there was none."""
    store.write([JUDGED, LOST._replace(why=why)])
    columns = "delivered, delivered_as, delivered_reason, published_ns, acked_ns"
    (row,) = rows(path, f"SELECT {columns} FROM part")  # noqa: S608 - our own words
    assert tuple(row.values()) == (0, None, None, None, None)
    with closing(sqlite3.connect(then(path))) as db:
        assert db.execute("SELECT * FROM undelivered").fetchall() == [("run1", 5, why.name)]


def test_store_written_twice_is_one_row(store: Store, path: Path) -> None:
    """A records process that starts again reads the journal from its beginning."""
    for _ in range(2):
        store.write([JUDGED, DELIVERED])
    assert rows(path, "SELECT delivered FROM part") == [{"delivered": 1}]
    assert rows(path, "SELECT COUNT(*) AS n FROM view") == [{"n": 2}]


def test_store_writes_a_whole_batch_or_nothing(store: Store, path: Path) -> None:
    """An entry that cannot be written takes the batch with it, and the store goes on."""
    too_large = entry_of(7)._replace(stamps=StageTimes(1 << 64, 0, 0, 0, 0))
    with pytest.raises(OverflowError):
        store.write([JUDGED, too_large])
    assert rows(path, "SELECT * FROM part") == []
    store.write([JUDGED])
    assert len(rows(path, "SELECT * FROM part")) == 1


def test_store_says_when_a_part_passed_by_the_clock_on_the_wall(path: Path) -> None:
    """UTC of the trigger, also when the row is written much later."""
    part = part_now(5, late_ns=3600 * 10**9)
    around = datetime.now(timezone.utc) - timedelta(hours=1)
    store = Store(path, LABELS, "run1")
    store.write([JUDGED._replace(part=part)])
    store.close()
    (row,) = rows(path, "SELECT wall FROM part")
    wall = datetime.fromisoformat(row["wall"])
    assert wall.tzinfo is not None
    assert abs(wall - around) < timedelta(minutes=1)


def test_store_counts_losses_in_a_table_of_their_own(store: Store, path: Path) -> None:
    """How many never became rows, and why."""
    store.lost(12, "because")
    assert rows(path, "SELECT run, entries, why FROM loss") == [
        {"run": "run1", "entries": 12, "why": "because"}
    ]


def test_store_closed_takes_nothing_and_says_so(store: Store, path: Path) -> None:
    """Close is idempotent; whatever the database says comes as a RecordsError."""
    store.close()
    store.close()
    with pytest.raises(RecordsError, match=f"GN600: records database {then(path)}: .*closed"):
        store.write([JUDGED])
    with pytest.raises(RecordsError, match="closed"):
        store.lost(1, "x")


def test_store_refuses_a_database_of_another_program(tmp_path: Path) -> None:
    """Nothing is changed in it, and whoever hears of it is told what to do."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(then(path))) as db:
        db.execute("CREATE TABLE part (a)")
    before = then(path).read_bytes()
    store = Store(path, LABELS, "run1", THEN)
    with pytest.raises(RecordsError, match=r"of another program; expected .*: move the file away"):
        store.write([JUDGED])
    store.close()
    assert then(path).read_bytes() == before


@pytest.mark.parametrize("name", ["file/records.db", "folder"])
def test_store_refuses_a_place_where_no_file_can_be(tmp_path: Path, name: str) -> None:
    """A folder in the file's place, or a file in the folder's."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(RecordsError, match="expected a writable place"):
        Store(tmp_path / name, LABELS, "run1", THEN)


def test_store_names_the_rules_of_the_recipe_that_judged(path: Path) -> None:
    """The same places in the journal mean other rules in another recipe."""
    labels = LABELS._replace(recipes={7: (("depth", "tilt"), ("mm", "deg"))})
    store = Store(path, labels, "run1", THEN)
    store.write([JUDGED, JUDGED._replace(part=JUDGED.part._replace(serial=6), recipe=7)])
    store.close()
    found = rows(path, "SELECT serial, rule, unit FROM rule ORDER BY serial, rule")
    assert [tuple(row.values()) for row in found] == [
        (5, "gap", "mm"), (5, "width", "mm"), (6, "depth", "mm"), (6, "tilt", "deg"),
    ]  # fmt: skip


# -- a database that is not as it should be ---------------------------------------------------


def scribble(path: Path) -> None:
    """Every byte of it is another."""
    file = then(path)
    file.write_bytes(bytes(byte ^ 0x5A for byte in file.read_bytes()))


def cut_short(path: Path) -> None:
    """Its end is missing."""
    os.truncate(then(path), then(path).stat().st_size // 2)


def empty(path: Path) -> None:
    """Nothing is left in it."""
    os.truncate(then(path), 0)


def scribble_tables(path: Path) -> None:
    """Its head is whole, what follows is not."""
    content = bytearray(then(path).read_bytes())
    content[200:] = b"\x5a" * (len(content) - 200)
    then(path).write_bytes(bytes(content))


DAMAGE = (scribble, cut_short, scribble_tables)


@pytest.fixture
def old(path: Path) -> bytes:
    """A database with a row of an earlier run; its content."""
    earlier = Store(path, LABELS, "run0", THEN)
    earlier.write([entry_of(1)])
    earlier.close()
    return then(path).read_bytes()


@pytest.mark.parametrize("damage", DAMAGE)
def test_store_sets_a_damaged_database_aside_and_begins_a_new_one(
    path: Path, old: bytes, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is deleted, one line says where it lies, and so does the new one."""
    damage(path)
    damaged = then(path).read_bytes()
    assert damaged != old
    store = Store(path, LABELS, "run1", THEN)
    store.open()
    store.write([JUDGED])
    store.close()
    assert rows(path, "SELECT run, serial FROM part") == [{"run": "run1", "serial": 5}]
    aside = path.with_name("records-2023-11.db.damaged-1")
    assert aside.read_bytes() == damaged
    ((entries, why),) = [row.values() for row in rows(path, "SELECT entries, why FROM loss")]
    assert entries is None
    assert aside.name in why
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("GN603: records database")
    assert str(aside) in caplog.messages[0]


@pytest.mark.parametrize("damage", [*DAMAGE, empty])
def test_store_whose_database_is_damaged_under_it_writes_on_in_a_new_one(
    path: Path, damage: Callable[[Path], None]
) -> None:
    """In the middle of a run; the log goes aside with it, and nothing more is called written
    than what a reader finds in either.
    """  # noqa: D205 - one sentence
    store = Store(path, LABELS, "run1", THEN)
    store.write([entry_of(k) for k in range(2000)])
    with closing(sqlite3.connect(then(path))) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(path)
    store.write([entry_of(2001)])
    store.close()
    there = {row["serial"] for row in rows(path, "SELECT serial FROM part")}
    assert 2001 in there
    assert there == {2001} or len(there) == 2001
    if there == {2001}:
        assert path.with_name("records-2023-11.db.damaged-1").exists()
        assert len(rows(path, "SELECT * FROM loss")) == 1


def test_store_sets_the_log_of_a_damaged_database_aside_with_it(path: Path) -> None:
    """While somebody reads it, the log stays: both get the same new name, as SQLite wants them."""
    store = Store(path, LABELS, "run1", THEN)
    store.write([entry_of(k) for k in range(1, 6000)])
    with closing(sqlite3.connect(then(path))) as reader:
        reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        reader.execute("SELECT COUNT(*) FROM part").fetchall()
        store.write([entry_of(6000)])
        wal = path.with_name("records-2023-11.db-wal").read_bytes()
        scribble(path)
        store.write([entry_of(0)])  # far from what it has in its cache
        assert path.with_name("records-2023-11.db.damaged-1-wal").read_bytes() == wal != b""
    store.close()
    assert rows(path, "SELECT serial FROM part") == [{"serial": 0}]


def test_store_never_writes_over_what_it_set_aside_before(path: Path, old: bytes) -> None:
    """The second damaged one gets another name."""
    for number in (1, 2):
        then(path).write_bytes(old[:100] + bytes([number]) * 4000)
        store = Store(path, LABELS, "run1", THEN)
        store.open()
        store.close()
    for number in (1, 2):
        assert path.with_name(f"records-2023-11.db.damaged-{number}").read_bytes()[100] == number


def test_store_does_not_fill_a_disk_that_damages_whatever_is_written(path: Path) -> None:
    """One is set aside, and not the next a moment later."""
    store = Store(path, LABELS, "run1", THEN)
    store.write([JUDGED])
    for _ in range(3):
        store.database.let_go()
        scribble(path)
        with contextlib.suppress(RecordsDamaged):
            store.write([JUDGED])
    store.close()
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def test_store_sets_a_file_aside_that_is_no_database(tmp_path: Path) -> None:
    """Somebody's notes: under another name, whole."""
    path = tmp_path / "notes.txt"
    then(path).write_text("not a database, but somebody's notes\n" * 20, encoding="ascii")
    store = Store(path, LABELS, "run1", THEN)
    store.write([JUDGED])
    store.close()
    kept = tmp_path / "notes-2023-11.txt.damaged-1"
    assert kept.read_text(encoding="ascii").startswith("not a database")
    assert rows(path, "SELECT serial FROM part") == [{"serial": 5}]


@pytest.mark.parametrize("away", ["moved", "removed"])
def test_store_whose_database_was_taken_away_begins_a_new_one(
    store: Store, path: Path, away: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows do not go where nobody finds them."""
    store.write([JUDGED])
    if away == "moved":
        then(path).rename(path.with_name("old.db"))
    else:
        then(path).unlink()
    store.open()
    assert then(path).exists()  # before there is anything to write
    store.write([entry_of(6)])
    assert rows(path, "SELECT serial FROM part") == [{"serial": 6}]
    assert caplog.messages == [f"records database {then(path)} was moved away: a new one is begun"]
    if away == "moved":
        with closing(sqlite3.connect(path.with_name("old.db"))) as db:
            assert db.execute("SELECT serial FROM part").fetchall() == [(5,)]


def test_store_of_a_database_that_another_program_holds_says_so_and_soon(path: Path) -> None:
    """At once, not after the five seconds that a library would wait; later it is written."""
    made = Connections()
    store = Store(path, LABELS, "run1", THEN._replace(connect=made))
    with closing(sqlite3.connect(then(path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsBusy, match=r"GN602: .*locked; another program holds it"):
            store.write([JUDGED])
        (db,) = made.all
        assert db.execute("PRAGMA busy_timeout").fetchone() == (round(BUSY_S * 1000),)
    store.write([JUDGED])
    assert len(rows(path, "SELECT * FROM part")) == 1
    store.close()


def test_store_opens_once_a_database_is_no_longer_held(path: Path, old: bytes) -> None:
    """Held before it was opened: no reason to end."""
    assert old
    with closing(sqlite3.connect(then(path), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        store = Store(path, LABELS, "run1", THEN)
        with pytest.raises(RecordsBusy):
            store.open()
    store.write([JUDGED])
    store.close()
    assert rows(path, "SELECT run FROM part ORDER BY run") == [{"run": "run0"}, {"run": "run1"}]
