"""The first parts of an engine, with its own scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RecordsUnreadable
from gonogo.base.words import MasterAnswer, MasterPart, Reason, Score, ViewCapture
from gonogo.ipc.journal_records import Mastered
from gonogo.records.questions.files import Files
from gonogo.records.questions.scored import Asked, Scored, first_scored
from gonogo.records.store import Store
from gonogo.tests.records.months import THEN
from gonogo.tests.records.questions.recorded import ENGINE, LABELS, MS, OTHER, S, judged, write

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.journal_records import VerdictEntry

TOP = Asked("top", f"{ENGINE:016x}")


def scored(
    serial: int, value: float, engine: int = ENGINE, fault: Reason = Reason.OK
) -> VerdictEntry:
    """A part that only the first view saw."""
    entry, at = judged(serial), serial * S
    look = ViewCapture(0, 0, at + 9 * MS, fault)
    return entry._replace(
        looks=(look,), scores=(Score(0, value, at + 11 * MS, at + 19 * MS, engine),)
    )


def written(folder: Path, *entries: VerdictEntry) -> Files:
    """The records of a run."""
    path = folder / "records.sqlite"
    store = Store(path, LABELS, "a", THEN)
    store.write(list(entries))
    store.close()
    return Files(path)


def test_first_scored_goes_over_files_and_runs_by_age(tmp_path: Path) -> None:
    """Serials 1 to 9 of a run that crosses the month, then the next; what is missing is told."""
    files = Files(write(tmp_path / "records.sqlite"))
    found = first_scored(files, TOP, 9)
    assert [(part.run, part.serial) for part in found.parts] == [
        *(("a", serial) for serial in (1, 2, 3, 6, 7, 8, 9)),
        ("b", 1),
        ("b", 2),
    ]
    assert {part.score for part in found.parts} == {0.25}
    assert [(gap.run, gap.first, gap.last) for gap in found.gaps] == [("a", 4, 5)]
    assert found.left_out == {}
    assert len(first_scored(files, TOP, 3).parts) == 3


def test_first_scored_leaves_out_and_counts_what_is_of_no_use(tmp_path: Path) -> None:
    """Other engines, master parts, frames that were not trusted, scores that are none."""
    files = written(
        tmp_path,
        scored(1, 9.0, OTHER),  # before the first: not counted
        scored(2, 1.5),
        scored(3, 2.0, OTHER),
        scored(4, 3.0)._replace(master=Mastered(MasterPart.BAD, MasterAnswer.NONE)),
        scored(5, 4.0, fault=Reason.FRAME),
        scored(6, float("nan")),
        scored(7, float("inf")),
        scored(8, 2.5),
        judged(9)._replace(looks=(), scores=()),
        scored(10, 3.5),
        scored(11, 9.0),  # beyond those that were asked for
        scored(12, 9.0, OTHER),
    )
    found = first_scored(files, TOP, 3)
    assert found.parts == [Scored("a", 2, 1.5), Scored("a", 8, 2.5), Scored("a", 10, 3.5)]
    assert found.left_out == {
        "scored by another engine": 1,
        "master parts": 1,
        "of a frame that was not trusted": 1,
        "without a score that can be trusted": 2,
        "not seen by this view": 1,
    }
    assert found.gaps == []


def test_first_scored_may_be_of_one_recipe(tmp_path: Path) -> None:
    """A part of another one is counted, not taken."""
    parts = [scored(serial, 1.0)._replace(recipe=1 + serial % 2) for serial in range(1, 6)]
    files = written(tmp_path, *parts)
    found = first_scored(files, TOP._replace(recipe=2), 9)
    assert [part.serial for part in found.parts] == [1, 3, 5]
    assert found.left_out == {"judged by another recipe": 2}
    assert len(first_scored(files, TOP, 9).parts) == 5


def test_first_scored_of_nothing_is_nothing(tmp_path: Path) -> None:
    """An engine or view that no part met; records that are not there are an error."""
    files = written(tmp_path, scored(1, 1.0))
    for asked in (TOP._replace(view="side"), TOP._replace(engine="0" * 16)):
        assert first_scored(files, asked, 9) == ([], {}, [])
    with pytest.raises(RecordsUnreadable):
        first_scored(Files(tmp_path / "none.sqlite"), TOP, 9)
