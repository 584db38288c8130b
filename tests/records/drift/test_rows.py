"""Rows of new parts, read back in order and once, whatever became of the files meanwhile."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import MasterAnswer, MasterPart, VerdictKind
from gonogo.ipc.journal_records import Mastered
from gonogo.records.drift.rows import PAGE, RECENT, Mark, PartRow, Rows
from gonogo.records.volumes import volumes
from gonogo.tests.records.drift.made import ENGINE, NAMES, Recorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = Mark("", -1, -1)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Recorded]:
    """A station that runs."""
    made = Recorded(tmp_path / "records.sqlite")
    yield made
    made.close()


def read(rows: Rows) -> list[PartRow]:
    """All that there is: what came since the look before waits for the next one."""
    found, some = list(rows.newer()), rows.newer()
    while some:
        found += some
        some = rows.newer()
    return found


def serials(rows: Rows) -> list[int]:
    """Of all that there is."""
    return [row.serial for row in read(rows)]


def test_rows_say_of_a_part_what_charts_want(line: Recorded) -> None:
    """Verdict, recipe, times, and of each view whether it was trusted, its score and engine."""
    rows = Rows(line.base, None)
    (entry,) = line.parts(1, kind=VerdictKind.REJECT)
    (row,) = read(rows)
    assert (row.run, row.serial, row.verdict, row.recipe) == ("run1", 1, "REJECT", 1)
    assert (row.trigger_ns, row.master_part) == (entry.part.trigger_ns, False)
    score = entry.scores[0]
    assert score is not None
    assert row.views == (("top", True, score.value, NAMES[ENGINE]),)
    assert row.mark == ("run1", row.id, row.wall_ms)


def test_rows_say_which_part_was_a_master_part(line: Recorded) -> None:
    """It was shown on purpose, and says nothing of the line."""
    rows = Rows(line.base, None)
    (entry,) = line.parts(1)
    shown = entry.part._replace(serial=2)
    line.write(entry._replace(part=shown, master=Mastered(MasterPart.BAD, MasterAnswer.RIGHT)))
    assert [each.master_part for each in read(rows)] == [False, True]


def test_rows_begin_with_those_that_come_from_now_on(line: Recorded) -> None:
    """Nobody knows how the frames of former ones looked."""
    line.parts(3)
    rows = Rows(line.base, None)
    assert read(rows) == []
    line.parts(2)
    assert serials(rows) == [4, 5]
    assert serials(rows) == []


def test_rows_go_on_after_a_mark_page_by_page(line: Recorded) -> None:
    """Each once and in order, also more than a page of them."""
    line.parts(PAGE + 20)
    first = read(Rows(line.base, ALL))
    assert [row.serial for row in first] == [*range(1, PAGE + 21)]
    assert serials(Rows(line.base, first[9].mark)) == [*range(11, PAGE + 21)]


def test_rows_wait_for_the_look_after_the_one_that_saw_them(line: Recorded) -> None:
    """Of two files that are written in turn the older one may not be done yet."""
    rows = Rows(line.base, ALL)
    line.parts(2)
    assert rows.newer() == []
    line.parts(1)
    assert [row.serial for row in rows.newer()] == [1, 2]
    assert [row.serial for row in rows.newer()] == [3]


def test_rows_cross_the_month_and_do_not_mind_the_clock(line: Recorded) -> None:
    """By serial, in whichever files they lie: a day on, a day back, into the next month."""
    line.parts(2)
    line.set("2026-04-01T00:00:10")
    line.parts(2)
    line.set("2026-03-31T00:00:00")
    line.parts(2)
    assert len(volumes(line.base)) == 2
    assert serials(Rows(line.base, ALL)) == [*range(1, 7)]


def test_rows_know_a_run_again_by_its_name(tmp_path: Path) -> None:
    """Older months were moved away while nothing ran: the run that comes has their number."""
    base = tmp_path / "records.sqlite"
    for run, wall in (("run1", "2026-02-01T06:00:00"), ("run2", "2026-03-01T06:00:00")):
        former = Recorded(base, run, wall)
        former.parts(3)
        former.close()
    mark = read(Rows(base, ALL))[-1].mark
    assert (mark.run, mark.part >> 40) == ("run2", 2)
    for each in volumes(base):
        shutil.move(each.path, tmp_path / f"{each.month}.away")
    later = Recorded(base, "run3", "2026-04-01T06:00:00")
    later.parts(2)
    later.close()
    found = read(Rows(base, mark))
    assert [(row.run, row.serial) for row in found] == [("run3", 1), ("run3", 2)]
    assert {row.id >> 40 for row in found} == {1}


def test_rows_after_a_mark_of_which_nothing_is_left_are_none(tmp_path: Path) -> None:
    """What is there is older: it was brought back out of an archive."""
    old = Recorded(tmp_path / "records.sqlite", "run1", "2025-02-01T06:00:00")
    old.parts(3)
    old.close()
    rows = Rows(old.base, Mark("run9", 9 << 40, 2_000_000_000_000))
    assert read(rows) == []


def test_rows_say_how_many_wait(line: Recorded) -> None:
    """Those that are recorded and were not given yet."""
    rows = Rows(line.base, ALL)
    line.parts(7)
    rows.newer()
    assert rows.waiting() == 7
    read(rows)
    assert rows.waiting() == 0


def test_rows_of_damaged_or_absent_files_are_none(tmp_path: Path) -> None:
    """Records sets such a file aside; until then its rows cannot be read, and others can."""
    assert read(Rows(tmp_path / "absent" / "records.sqlite", None)) == []
    line = Recorded(tmp_path / "records.sqlite")
    line.parts(2)
    line.close()
    (tmp_path / "records-2026-01.sqlite").write_bytes(b"no database at all" * 400)
    assert serials(Rows(line.base, ALL)) == [1, 2]


def test_rows_leave_months_alone_that_nobody_writes_to(tmp_path: Path) -> None:
    """A log beside one of them would keep it from being moved away."""
    base = tmp_path / "records.sqlite"
    for month in range(1, 6):
        line = Recorded(base, f"run{month}", f"2026-0{month}-01T06:00:00")
        line.parts(1)
        line.close()
    for path in tmp_path.glob("*-wal"):
        path.unlink()
    rows = Rows(base, None)
    read(rows)
    logs = sorted(path.name for path in tmp_path.glob("*-wal"))
    assert "records-2026-01.sqlite-wal" not in logs
    assert len(logs) <= RECENT
    for path in tmp_path.glob("*-wal"):
        path.unlink()
    read(rows)
    assert list(tmp_path.glob("*-wal")) == []


def test_rows_wait_for_a_file_that_cannot_be_read_now(tmp_path: Path) -> None:
    """Its parts are not passed over."""
    line = Recorded(tmp_path / "records.sqlite")
    line.parts(2)
    line.close()
    rows = Rows(line.base, ALL)
    rows.newer()
    for path in tmp_path.glob("*-wal"):
        path.unlink()
    (month,) = volumes(line.base)
    away = month.path.with_name("away")
    month.path.rename(away)
    month.path.write_bytes(away.read_bytes()[:100] + b"x" * 5000)
    assert rows.newer() == []
    away.replace(month.path)
    assert [row.serial for row in rows.newer()] == [1, 2]
