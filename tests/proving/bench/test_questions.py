"""The benchmark of the records asks what it says, of as many parts as it says."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from gonogo.proving.bench import recorded
from gonogo.proving.bench.questions import NAMES, measure
from gonogo.records.questions.files import Files
from gonogo.records.questions.gaps import with_gaps
from gonogo.records.questions.part_row import PartRow
from gonogo.records.questions.parts import Choice

if TYPE_CHECKING:
    from pathlib import Path


def test_measure_gives_every_row_beside_what_is_allowed() -> None:
    """Small, and so without a word on their limits."""
    rows = measure(2000, 3000)
    assert tuple(row.name for row in rows) == NAMES
    assert [row.control for row in rows] == [50.0] * 5 + [250.0]
    assert all(row.value is not None and row.value > 0 for row in rows)
    assert "at 2000 parts" in rows[0].note


def test_recorded_months_hold_every_serial_once(tmp_path: Path) -> None:
    """In the file of the month in which it passed."""
    month = 31 * recorded.WORKED_S
    first, second = recorded.months(month + 5)
    assert (first, second) == (("2026-01", 1, month - 1), ("2026-02", month, month + 5))
    base = tmp_path / "records.sqlite"
    recorded.make(base, 500, lambda path: sqlite3.connect(path, isolation_level=None))
    found = list(with_gaps(Files(base), Choice()))
    assert [each.serial for each in found if isinstance(each, PartRow)] == list(range(1, 501))
    assert len(found) == 500
    assert recorded.size_bytes(base) > 0
