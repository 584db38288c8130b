"""From entries to rows: nothing is replaced, and no part that was begun is without a row."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import (
    MasterAnswer,
    MasterPart,
    Part,
    Reason,
    RuleResult,
    Score,
    Status,
    VerdictKind,
    ViewCapture,
)
from gonogo.ipc.journal_records import DeliveryEntry, Mastered, ShadowEntry, UnfinishedEntry
from gonogo.records import schema
from gonogo.records.labels import Clock, Labels
from gonogo.records.rows import Rows, distinct, read_entry
from gonogo.tests.fakes import entry_of, raws_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.journal_records import AnyEntry

LABELS = Labels(("top",), ("gap", "gap"), ("mm", "deg"))
CLOCK = Clock(1_700_000_000_000_000_000, 5_000_000_000)
JUDGED = entry_of(5)._replace(
    looks=(ViewCapture(0, 3, 111),),
    scores=(Score(0, 0.25, 31, 32, 0xABC),),
    checks=(RuleResult(Status.PASS, 1.0, 0.0, 2.0), RuleResult(Status.FAIL, 3.0, 0.0, 2.0)),
)
DELIVERED = DeliveryEntry(
    5, 5, 9, 1000, 2000, delivered=True, kind=VerdictKind.REJECT, reason=Reason.RULE
)
SHADED = ShadowEntry(
    5, 5, VerdictKind.ACCEPT, Reason.OK, 7, VerdictKind.ACCEPT, (Score(0, 0.5, 41, 42, 0xDEF),)
)
UNFINISHED = UnfinishedEntry(Part(6, 61, 4_000_000_000, 0, 0, 4_200_000_000), recipe=3)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """A database in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        schema.make(opened)
        yield opened


def rows_of(run: str = "run1") -> Rows:
    """What writes the entries of a run."""
    return Rows(LABELS, run, lambda: CLOCK)


def write(db: sqlite3.Connection, *entries: AnyEntry, run: str = "run1") -> None:
    """Write entries of a run, one after the other."""
    for entry in entries:
        rows_of(run).insert(db, entry)


def take(db: sqlite3.Connection, raw: bytes) -> bool:
    """Write one record of the journal, as a batch does; whether it was an entry."""
    entry = read_entry(raw)
    return entry is not None and rows_of().insert_apart(db, entry)


def whole(db: sqlite3.Connection) -> list[list[tuple[Any, ...]]]:
    """All that stands in it."""
    tables = ("part", "view", "rule", "shadow", "loss")
    return [db.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall() for name in tables]  # noqa: S608


def test_rows_of_an_entry_that_is_read_again_stay_as_they_are(db: sqlite3.Connection) -> None:
    """Records was started anew: not one row more, none changed, nothing is called lost."""
    write(db, JUDGED, SHADED, DELIVERED, UNFINISHED)
    before = whole(db)
    write(db, JUDGED, SHADED, DELIVERED, UNFINISHED)
    assert whole(db) == before
    assert [len(rows) for rows in before] == [2, 1, 2, 1, 0]


def test_rows_of_two_runs_with_the_same_numbers_stand_side_by_side(db: sqlite3.Connection) -> None:
    """Every part of each."""
    write(db, JUDGED)
    write(db, JUDGED._replace(kind=VerdictKind.ACCEPT), run="run2")
    found = db.execute("SELECT run, verdict FROM part ORDER BY run").fetchall()
    assert found == [("run1", JUDGED.kind.name), ("run2", "ACCEPT")]
    assert db.execute("SELECT run FROM view ORDER BY run").fetchall() == [("run1",), ("run2",)]


@pytest.mark.parametrize("other", [JUDGED, UNFINISHED])
def test_rows_are_not_replaced_by_another_part_of_that_number(
    db: sqlite3.Connection, other: AnyEntry
) -> None:
    """It is kept out, with all that belongs to it, and that is told, once."""
    write(db, JUDGED, SHADED)
    before = whole(db)
    assert not isinstance(other, DeliveryEntry | ShadowEntry)
    strange = other._replace(part=JUDGED.part._replace(part_id=9, trigger_ns=77))
    write(db, strange, strange, DELIVERED._replace(part_id=9))
    assert whole(db)[:4] == before[:4]
    ((entries, why),) = db.execute("SELECT entries, why FROM loss").fetchall()
    assert entries == 1
    assert why == "serial 5 is that of part id 5: part id 9, triggered at 77 ns, has no row"


def test_rows_say_of_an_unfinished_part_that_its_verdict_is_not_known(
    db: sqlite3.Connection,
) -> None:
    """When it was triggered, in which recipe, and that the line ended; nothing else is known."""
    write(db, UNFINISHED)
    cursor = db.execute("SELECT * FROM part")
    (found,) = cursor.fetchall()
    row = dict(zip([column[0] for column in cursor.description], found, strict=True))
    known = {name: value for name, value in row.items() if value is not None}
    assert known == {
        "run": "run1", "serial": 6, "part_id": 61, "wall": "2023-11-14T22:13:19.000+00:00",
        "verdict": "NOT_KNOWN", "reason": "LINE_ENDED", "trigger_ns": 4_000_000_000,
        "deadline_ns": 4_200_000_000, "recipe": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (JUDGED, (None, None)),
        (JUDGED._replace(master=Mastered(MasterPart.GOOD, MasterAnswer.RIGHT)), ("GOOD", "RIGHT")),
        (JUDGED._replace(master=Mastered(MasterPart.BAD, MasterAnswer.WRONG)), ("BAD", "WRONG")),
        (UNFINISHED._replace(master=Mastered(MasterPart.BAD, MasterAnswer.NONE)), ("BAD", "VOID")),
    ],
)
def test_rows_say_of_a_master_part_what_was_known_and_what_came_of_it(
    db: sqlite3.Connection, entry: AnyEntry, said: tuple[str | None, str | None]
) -> None:
    """Read back from the journal; where the line ended before an answer, that is void."""
    take(db, *raws_of([entry]))
    assert db.execute("SELECT master_part, master_answer FROM part").fetchone() == said


def test_rows_of_two_rules_of_one_name_are_two(db: sqlite3.Connection) -> None:
    """Neither takes the other's place."""
    write(db, JUDGED)
    found = db.execute("SELECT rule, status, unit FROM rule ORDER BY rule").fetchall()
    assert found == [("gap", "PASS", "mm"), ("gap (2)", "FAIL", "deg")]
    assert distinct(("a", "b", "a", "a")) == ("a", "b", "a (2)", "a (3)")


@pytest.mark.parametrize("at", [2, 5, 11, 12])
def test_rows_of_a_record_that_is_no_entry_are_none(db: sqlite3.Connection, at: int) -> None:
    """An unknown kind or verdict, more views or rules than there are: nothing of it is written."""
    raw = bytearray(raws_of([JUDGED])[0])
    raw[8 * at] = 201
    db.execute("BEGIN")
    assert not take(db, bytes(raw))
    assert take(db, raws_of([JUDGED])[0])
    db.execute("COMMIT")
    assert [len(rows) for rows in whole(db)] == [1, 1, 2, 0, 0]


def test_rows_of_a_batch_are_kept_when_one_record_is_no_entry(db: sqlite3.Connection) -> None:
    """What that one had written is taken back, alone; the savepoint of each is let go."""
    short = JUDGED._replace(checks=JUDGED.checks[:1])  # noticed after its part and its views
    db.execute("BEGIN")
    assert take(db, raws_of([entry_of(4)])[0])
    assert not take(db, raws_of([short])[0])
    assert [len(rows) for rows in whole(db)] == [1, 0, 0, 0, 0]
    with pytest.raises(sqlite3.OperationalError, match="no such savepoint"):
        db.execute("RELEASE entry")
    db.execute("COMMIT")
    assert db.execute("SELECT serial FROM part").fetchall() == [(4,)]


@pytest.mark.parametrize(
    "entry",
    [
        JUDGED._replace(scores=()),
        JUDGED._replace(looks=()),
        JUDGED._replace(checks=JUDGED.checks[:1]),
        SHADED._replace(scores=()),
    ],
)
def test_rows_of_an_entry_with_too_few_of_anything_are_refused(
    db: sqlite3.Connection, entry: AnyEntry
) -> None:
    """What would be put under another's name is not written at all."""
    with pytest.raises(ValueError, match="zip"):
        write(db, entry)


@pytest.mark.parametrize("checks", [JUDGED.checks, JUDGED.checks[:1]])
def test_rows_of_labels_that_do_not_match_are_refused(
    db: sqlite3.Connection, checks: tuple[RuleResult, ...]
) -> None:
    """Names without units, even where the entry has no more of them than there are units."""
    rows = Rows(LABELS._replace(units=("mm",)), "run1", lambda: CLOCK)
    with pytest.raises(ValueError, match="zip"):
        rows.insert(db, JUDGED._replace(checks=checks))


def test_rows_tell_a_loss_each_time_unless_it_is_told_once(db: sqlite3.Connection) -> None:
    """Once for a reason and a run, where that is asked for."""
    for _ in range(2):
        rows_of().lose(db, 2, "overwritten")
        rows_of().lose(db, 3, "left behind", once=True)
        rows_of("run2").lose(db, 3, "left behind", once=True)
    found = db.execute("SELECT run, entries, why FROM loss ORDER BY run, why").fetchall()
    assert found == [
        ("run1", 3, "left behind"), ("run1", 2, "overwritten"), ("run1", 2, "overwritten"),
        ("run2", 3, "left behind"),
    ]  # fmt: skip
