"""Files beside the database: rows first, then the file goes; and not a disk full of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.lots import LotMark, beside_records
from gonogo.records import leftover
from gonogo.records.labels import Clock as BothClocks
from gonogo.records.labels import Labels
from gonogo.records.leftover import DISK, Disk, Leftover
from gonogo.records.leftover_files import RESERVE_EVERY_S, SPILL_EVERY_S, LeftoverFiles
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of, raws_of
from gonogo.tests.records.doubles import Clock, FullDisk
from gonogo.tests.records.months import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELS = Labels((), (), ())
ABOUT = '{"views": [], "rules": [], "units": []}'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open store."""
    opened = Store(tmp_path / "records.db", LABELS, "run9")
    yield opened
    opened.close()


def left_by(run: str, first: int = 0) -> Leftover:
    """Two entries that a run could not write."""
    raws = raws_of(entry_of(k) for k in (first, first + 1))
    return Leftover(run, first, raws, 0, ABOUT, BothClocks.now())


def runs(store: Store) -> list[str]:
    """Whose rows are in the database."""
    return [run for (run,) in ask(store.path, "SELECT DISTINCT run FROM part ORDER BY run")]


def test_adopt_writes_what_was_there_oldest_first_as_far_as_time_goes(store: Store) -> None:
    """One file at least; what is left of them is left for the next time."""
    for run in ("run1", "run2", "run3"):
        leftover.put(store.path, left_by(run))
    files = LeftoverFiles(store, DISK, Clock(step_s=1.0))
    files.adopt(within_s=-1.0)
    assert (runs(store), bool(files)) == (["run1"], True)
    files.adopt(within_s=10.0)
    assert (runs(store), bool(files)) == (["run1", "run2", "run3"], False)
    assert leftover.pending(store.path) == []


def test_adopt_gives_rows_the_lot_of_their_own_boot(tmp_path: Path) -> None:
    """Whatever has begun since, by a clock that has begun anew."""
    path, triggers_ns = tmp_path / "records.db", [entry_of(k).part.trigger_ns for k in (0, 1)]
    marks = [
        LotMark("boot1", triggers_ns[0] - 1, 0, "L-1"), LotMark("boot1", triggers_ns[1], 0, "L-2"),
        LotMark("boot2", 0, 0, "L-3"),
    ]  # fmt: skip
    lines = "".join(json.dumps(mark._asdict()) + "\n" for mark in marks)
    beside_records(path).write_text(lines)
    leftover.put(path, left_by("20231130T235955.000-boot1-00aa"))
    store = Store(path, LABELS, "run9")
    LeftoverFiles(store, DISK, Clock()).adopt(within_s=1.0)
    assert ask(path, "SELECT lot FROM part ORDER BY serial") == [("L-1",), ("L-2",)]
    store.close()


def test_adopt_of_a_file_that_cannot_be_removed_says_so_and_goes_on(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Its rows are there; the next start reads it again, and changes nothing."""

    class Sticky(Disk):
        """A folder in which nothing may be removed."""

        def unlink(self, path: Path) -> None:
            raise PermissionError(13, "Permission denied", str(path))

    leftover.put(store.path, left_by("run1"))
    files = LeftoverFiles(store, Sticky(), Clock())
    files.adopt(within_s=1.0)
    assert (runs(store), bool(files)) == (["run1"], False)
    assert caplog.messages[-1].endswith("Permission denied; its rows are in the database")
    assert len(leftover.pending(store.path)) == 1


def test_adopt_of_a_file_that_cannot_be_read_leaves_it_and_goes_on(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Of another user, say: later files are not held up by it."""
    first = leftover.put(store.path, left_by("run1"))
    leftover.put(store.path, left_by("run2"))
    files = LeftoverFiles(store, DISK, Clock())
    first.unlink()
    files.adopt(within_s=1.0)
    assert runs(store) == ["run2"]
    assert caplog.messages[0].endswith("its rows are not written")


def test_spill_is_read_after_what_earlier_runs_left(store: Store) -> None:
    """And by this very process, once the database takes rows again."""
    leftover.put(store.path, left_by("run1"))
    files = LeftoverFiles(store, DISK, Clock())
    assert files.spill(left_by("run9"))
    assert files.spill(left_by("run9", first=2)), "a success does not have to wait"
    files.adopt(within_s=10.0)
    assert runs(store) == ["run1", "run9"]


def test_spill_onto_a_full_disk_is_tried_again_later(store: Store) -> None:
    """Not at each poll, and nothing is there meanwhile."""
    clock = Clock()
    full = LeftoverFiles(store, FullDisk(), clock)
    assert [full.spill(left_by("run9")) for _ in range(2)] == [False, False]
    assert leftover.pending(store.path) == []
    assert not full
    opens: list[Path] = []

    class Counting(FullDisk):
        """Counts what is tried."""

        def open(self, path: Path, flags: int) -> int:
            opens.append(path)
            return super().open(path, flags)

    files = LeftoverFiles(store, Counting(), clock)
    for _ in range(3):
        files.spill(left_by("run9"))
    assert len(opens) == 1
    clock.now_s += SPILL_EVERY_S
    files.spill(left_by("run9"))
    assert len(opens) == 2


def test_keep_room_reserves_at_once_and_looks_after_it_each_minute(store: Store) -> None:
    """Whoever removes the space gets it back."""
    clock, place = Clock(now_s=1.0), leftover.reserve_path(store.path)
    files = LeftoverFiles(store, DISK, clock)
    files.keep_room()
    assert place.exists()
    place.unlink()
    files.keep_room()
    assert not place.exists()
    clock.now_s += RESERVE_EVERY_S
    files.keep_room()
    assert place.exists()
