"""When the shift began, and what the records have of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gonogo.console.screen.shift import began_at, counted_before
from gonogo.tests.records.questions.recorded import START_MS, write

if TYPE_CHECKING:
    from pathlib import Path


def test_shift_began_at_the_last_start_by_the_clock_on_the_wall() -> None:
    """Also one that began yesterday."""
    noon = datetime(2026, 11, 30, 12, 1).astimezone()
    began_ms, began = began_at(round(noon.timestamp() * 1000), ("06:00", "14:00"))
    assert began == "06:00"
    assert datetime.fromtimestamp(began_ms / 1000).astimezone().hour == 6
    early = noon.replace(hour=5)
    began_ms, began = began_at(round(early.timestamp() * 1000), ("06:00", "14:00"))
    assert began == "14:00"
    assert datetime.fromtimestamp(began_ms / 1000).astimezone().day == 29


def test_counted_before_leaves_out_what_the_journal_still_holds(tmp_path: Path) -> None:
    """Parts of a run from a serial on; those of other runs and files are all counted."""
    path = write(tmp_path / "records.db")
    ever = 0, 1 << 60
    # run a has 1, 2, 3, 6, 7, 8, 9, run b 1, 2, 3; each third is a reject
    assert counted_before(path, *ever, "b", 2) == {"ACCEPT": 5, "REJECT": 3}
    assert counted_before(path, *ever, "c", 1) == {"ACCEPT": 6, "REJECT": 4}
    assert counted_before(path, START_MS + 3000, START_MS + 3001, "b", 2) == {"REJECT": 1}


def test_counted_before_of_no_records_is_nothing_and_of_damaged_ones_not_known(
    tmp_path: Path,
) -> None:
    """A station that begins has counted none; what cannot be read is not taken for none."""
    assert counted_before(tmp_path / "none.sqlite", 0, 1 << 60, "a", 1) == {}
    damaged = tmp_path / "records.sqlite"
    damaged.write_bytes(b"nothing of a database" * 50)
    assert counted_before(damaged, 0, 1 << 60, "a", 1) is None
