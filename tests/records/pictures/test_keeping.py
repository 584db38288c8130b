"""What stays: by bytes and by age, the oldest first, and never what is held."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RecordsBusy
from gonogo.records.pictures.keeping import AGE_EVERY_S, IN_VAIN_S, MB, Keeping
from gonogo.records.pictures.rows import PictureRows
from gonogo.records.pictures.tree import Tree
from gonogo.tests.mounts import leave_the_others, memory, permitted, read_only
from gonogo.tests.records.doubles import Clock
from gonogo.tests.records.months import now
from gonogo.tests.records.pictures.made import files_in, images_in, pictures, recorded, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime.now(timezone.utc)
SIZE = 100_000  # bytes of each


def hour(back_h: int) -> str:
    """The folder of so many hours ago."""
    return (NOW - timedelta(hours=back_h)).strftime("%Y/%m/%d/%H")


class SmallDisk(Tree):
    """Has so many bytes in all, and nothing else on it."""

    def __init__(self, folder: Path, nbytes: int) -> None:
        super().__init__(folder)
        self._all = nbytes

    def free_bytes(self) -> int:
        """Left by the pictures."""
        return self._all - sum(self.nbytes(hour) for hour in self.hours())


@contextmanager
def held_by_another(base: Path) -> Iterator[None]:
    """A program that writes, and does not end its transaction."""
    with closing(sqlite3.connect(now(base), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


class Kept:
    """Ten parts, one an hour, the last of now; `paths` from the oldest on."""

    def __init__(self, tmp_path: Path, **keys: int) -> None:
        self.base, self.folder = tmp_path / "records.sqlite", tmp_path / "pictures"
        self.tree, self.clock = Tree(self.folder), Clock()
        self.rows = PictureRows(self.base, self.folder)
        self.held: set[int] = set()
        recorded(self.base, *range(10))
        self.paths = [self.tree.put(hour(9 - k), bytes([k]) * SIZE, ".png").path for k in range(10)]
        self.rows.write([row_of(k, path=path) for k, path in enumerate(self.paths)])
        self.keeping = self.again(**keys)

    def again(self, **keys: int) -> Keeping:
        """As a process that begins."""
        images = images_in(self.folder, **keys)
        return Keeping(images, self.tree, self.rows, self.clock, lambda _, n: n in self.held)

    @property
    def states(self) -> list[str]:
        """What the rows say, from the oldest on."""
        return [state for _, state in pictures(self.base)]

    @property
    def there(self) -> list[int]:
        """Which lie there."""
        return [self.paths.index(path) for path in sorted(files_in(self.folder))]


def test_keeping_makes_room_by_the_oldest_and_tells_so(tmp_path: Path) -> None:
    """No more than is needed, down to a little below the limit."""
    kept = Kept(tmp_path, max_mb=1)
    assert kept.keeping.has_room(0)
    assert kept.there == list(range(10))
    assert kept.keeping.has_room(SIZE)
    assert kept.there == list(range(2, 10))
    assert kept.states == ["NO_ROOM"] * 2 + ["KEPT"] * 8
    kept.rows.close()


def test_keeping_counts_what_is_added_and_dropped(tmp_path: Path) -> None:
    """A folder is looked through at the start alone, not for each picture."""
    kept = Kept(tmp_path, max_mb=1)
    assert kept.keeping.has_room(0)
    kept.keeping.added(1)
    assert kept.keeping.has_room(0)  # what was not so is found out before anything goes
    assert kept.there == list(range(10))
    kept.keeping.drop(kept.paths[9])
    assert kept.keeping.has_room(SIZE)
    assert kept.there == list(range(9))
    kept.rows.close()


def test_keeping_never_removes_what_is_held(tmp_path: Path) -> None:
    """It makes room by the next one; where all is held, that is not asked at every part."""
    kept = Kept(tmp_path, max_mb=1)
    kept.held = {0}
    assert kept.keeping.has_room(SIZE)
    assert kept.there == [0, *range(3, 10)]
    kept.held = set(range(10))
    assert not kept.keeping.has_room(9 * SIZE)
    kept.held = set()
    assert not kept.keeping.has_room(9 * SIZE)
    kept.clock.now_s += IN_VAIN_S
    assert kept.keeping.has_room(9 * SIZE)
    assert kept.there == []
    kept.rows.close()


def test_keeping_leaves_room_on_the_disk_for_rows(tmp_path: Path) -> None:
    """More than the disk has: the oldest go until there is nothing left that could."""
    kept = Kept(tmp_path, min_free_mb=1_000_000)
    if kept.tree.free_bytes() > 1_000_000 * MB:
        pytest.skip("a disk with more than a terabyte free")
    kept.held = {9}
    assert not kept.keeping.has_room(1)
    assert kept.there == [9]
    kept.rows.close()


def test_keeping_removes_what_is_too_old_now_and_then(tmp_path: Path) -> None:
    """By the hour; held ones stay, and what was told in no row goes as well."""
    kept = Kept(tmp_path, max_age_days=1)
    alone = kept.tree.put(hour(30), b"of a process that was killed", ".png")
    later_ms = round((NOW + timedelta(days=1, hours=-5)).timestamp() * 1000)
    kept.held = {1}
    kept.keeping.age(later_ms)
    assert alone.path not in files_in(kept.folder)
    assert kept.there == [1, *range(4, 10)]
    assert kept.states == ["TOO_OLD", "KEPT", "TOO_OLD", "TOO_OLD"] + ["KEPT"] * 6
    kept.keeping.age(later_ms + 3_600_000)
    assert 4 in kept.there
    kept.clock.now_s += AGE_EVERY_S
    kept.keeping.age(later_ms + 3_600_000)
    assert 4 not in kept.there
    kept.rows.close()


def test_keeping_tells_of_nothing_as_gone_on_a_disk_that_is_read_only(tmp_path: Path) -> None:
    """It cannot remove them: their rows stay as they are, and the system's word is heard."""
    if not permitted():
        pytest.skip("a mount of one's own is not permitted here")
    child = os.fork()
    if child == 0:  # a disk of its own, which nobody else sees
        code = 1
        try:
            code = _on_a_read_only_disk(tmp_path)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _on_a_read_only_disk(tmp_path: Path) -> int:
    leave_the_others()
    memory(tmp_path / "pictures")
    kept = Kept(tmp_path, max_mb=1)
    read_only(tmp_path / "pictures")
    try:
        kept.keeping.has_room(SIZE)
    except OSError as error:
        well = error.errno == errno.EROFS and set(kept.states) == {"KEPT"}
        return 0 if well and kept.there == list(range(10)) else 2
    return 3


def test_keeping_removes_nothing_of_which_it_cannot_be_told(tmp_path: Path) -> None:
    """A database that is held: max_mb is passed meanwhile, and nothing goes."""
    kept = Kept(tmp_path, max_mb=1)
    with held_by_another(kept.base):
        assert kept.keeping.has_room(SIZE)
        assert kept.there == list(range(10))
    assert kept.keeping.has_room(SIZE)
    assert kept.there == list(range(2, 10))
    kept.rows.close()


def test_keeping_leaves_room_on_the_disk_also_while_the_database_is_held(tmp_path: Path) -> None:
    """Rows need it: whoever asked hears of it, and the picture is missed."""
    kept = Kept(tmp_path)
    kept.tree = SmallDisk(kept.folder, 11 * SIZE)
    keeping = kept.again(min_free_mb=1, max_mb=1)
    with held_by_another(kept.base), pytest.raises(RecordsBusy):
        keeping.has_room(SIZE)
    assert kept.there == list(range(10))
    kept.rows.close()


def test_keeping_makes_no_room_for_every_picture_where_the_disk_is_the_limit(
    tmp_path: Path,
) -> None:
    """A little more than is needed goes at once, by what lies there: max_mb is far away."""
    kept = Kept(tmp_path)
    kept.tree = SmallDisk(kept.folder, 20 * SIZE)
    keeping = kept.again(min_free_mb=1, max_mb=1_000_000)
    assert keeping.has_room(0)
    assert kept.there == list(range(10))
    assert keeping.has_room(SIZE - 1)
    assert kept.there == list(range(2, 10))
    kept.rows.close()
