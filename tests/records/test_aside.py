"""What is damaged is kept: whole, with its log, and not more often than the disk has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_file import SYSTEM
from gonogo.records.aside import ASIDE_EVERY_S, Asides, free_name
from gonogo.tests.records.doubles import Clock, FullDisk

if TYPE_CHECKING:
    from pathlib import Path

ENDS = ("", "-wal", "-shm")


def lay(path: Path, said: bytes) -> None:
    """A database with its log and its index."""
    for end in ENDS:
        path.with_name(path.name + end).write_bytes(said + end.encode())


def test_put_renames_the_database_and_what_lies_beside_it(tmp_path: Path) -> None:
    """Under one new name, so that SQLite finds the log again; the second under another one."""
    path = tmp_path / "r.db"
    asides = Asides(SYSTEM, Clock())
    for number, said in ((1, b"one"), (2, b"two")):
        lay(path, said)
        found = asides.put(path)
        assert found == tmp_path / f"r.db.damaged-{number}"
        assert asides.count == number
    for end in ENDS:
        assert (tmp_path / f"r.db.damaged-1{end}").read_bytes() == b"one" + end.encode()
        assert not (tmp_path / f"r.db{end}").exists()


def test_put_moves_the_log_before_its_database(tmp_path: Path) -> None:
    """Broken off in the middle, no new database is begun beside an old log."""
    path = tmp_path / "r.db"
    lay(path, b"one")
    moved: list[str] = []

    class Watched(FullDisk):
        """Tells what was renamed."""

        def rename(self, old: Path, new: Path) -> None:
            moved.append(old.name)
            super().rename(old, new)

    Asides(Watched(), Clock()).put(path)
    assert moved == ["r.db-wal", "r.db-shm", "r.db"]


def test_put_that_fails_is_not_counted(tmp_path: Path) -> None:
    """Nothing was set aside: nothing is to be written anew."""
    path = tmp_path / "r.db"
    path.write_bytes(b"one")
    asides = Asides(FullDisk(rename=False), Clock())
    with pytest.raises(OSError, match="no space"):
        asides.put(path)
    assert (asides.count, path.read_bytes()) == (0, b"one")


def test_claim_gives_one_in_a_minute() -> None:
    """From the first second of the box on."""
    clock = Clock(now_s=1.0)
    asides = Asides(SYSTEM, clock)
    assert [asides.claim(), asides.claim()] == [True, False]
    clock.now_s += ASIDE_EVERY_S
    assert [asides.claim(), asides.claim()] == [True, False]


def test_free_name_is_one_that_nothing_has(tmp_path: Path) -> None:
    """Counted from one, gaps first."""
    path = tmp_path / "r.db"
    (tmp_path / "r.db.damaged-1").touch()
    (tmp_path / "r.db.damaged-3").touch()
    assert free_name(path).name == "r.db.damaged-2"
