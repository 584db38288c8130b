"""Gaps are told as gaps: numbers without a row, and what was told of losses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from gonogo.records.labels import Clock
from gonogo.records.questions.files import Files
from gonogo.records.questions.gaps import Gap, losses, with_gaps
from gonogo.records.questions.parts import Choice
from gonogo.records.store import Store
from gonogo.tests.records.months import THEN
from gonogo.tests.records.questions.recorded import LABELS, MS, START_MS, judged, same, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Two runs; of the first one serials 4 and 5 are missing, at the end of a month."""
    return Files(write(tmp_path / "records.db"))


def said(files: Files, choice: Choice) -> str:
    """Parts and gaps in their order."""
    return " ".join(
        f"[{each.first}-{each.last}]" if isinstance(each, Gap) else str(each.serial)
        for each in with_gaps(files, choice)
    )


def test_gap_stands_where_its_parts_would(files: Files) -> None:
    """Also where they would lie in either of two files, and whatever was chosen."""
    assert said(files, Choice()) == "1 2 3 [4-5] 6 7 8 9 1 2 3"
    assert said(files, Choice(verdict="REJECT")) == "3 [4-5] 6 9 3"
    assert said(files, Choice(last=5)) == "8 9 1 2 3"
    assert said(files, Choice(reason="CAMERA")) == ""


def test_gap_at_the_beginning_of_a_run_is_one(tmp_path: Path) -> None:
    """The line numbers its parts from 1 on; what is missing in one file may be in another."""
    path = tmp_path / "records.db"
    for run, serials in (("a", (2, 3)), ("b", (3, 5))):
        clock = Clock(START_MS * MS, 0)
        store = Store(path, LABELS, run, THEN._replace(now=partial(same, clock)))
        store.write([judged(serial) for serial in serials])
        store.close()
    assert said(Files(path), Choice()) == "2 3 [1-2] 3 [4-4] 5"
    (first, second) = [each for each in with_gaps(Files(path), Choice()) if isinstance(each, Gap)]
    assert str(first) == "run b: 2 parts without a row (serials 1 to 2)"
    assert str(second) == "run b: 1 part without a row (serial 4)"


def test_losses_are_told_of_a_time(files: Files) -> None:
    """In their own words."""
    (loss,) = losses(files, START_MS, START_MS + 100_000)
    assert str(loss) == "2023-11-30T23:59:55.000+00:00 run a: 2 entries lost: journal overwritten"
    assert str(loss._replace(entries=None)).split("run a: ")[1].startswith("an unknown number of")
    assert losses(files, 0, START_MS - 1) == []
