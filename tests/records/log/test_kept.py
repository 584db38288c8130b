"""The files of a kept log: bounded, rotated, and whole lines whatever the disk does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LogUnwritable
from gonogo.records.log.kept import KeptFiles, names

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log lies."""
    return tmp_path / "log.jsonl"


def test_log_is_rotated_and_bounded(path: Path) -> None:
    """The newest under its name; the oldest goes, and no file grows beyond its size."""
    kept = KeptFiles(path, 40, 3)
    for k in range(20):
        kept.append(b"line %04d\n" % k)
    kept.close()
    assert sorted(path.parent.iterdir()) == sorted(names(path, 3))
    lines = b"".join(each.read_bytes() for each in reversed(names(path, 3))).split()
    assert lines[1::2] == [b"%04d" % k for k in range(8, 20)]


def test_log_goes_on_where_it_ended(path: Path) -> None:
    """A line that was torn by a power cut ends; the next one stands by itself."""
    path.write_bytes(b"one\ntw")
    kept = KeptFiles(path, 1000, 3)
    kept.append(b"three\n")
    kept.close()
    assert path.read_bytes() == b"one\ntw\nthree\n"


def test_log_survives_a_file_that_was_taken_away(path: Path) -> None:
    """A gap among the older ones is no reason to stop."""
    kept = KeptFiles(path, 4, 4)
    for k in range(4):
        kept.append(b"%03d\n" % k)
    names(path, 4)[2].unlink()
    kept.append(b"004\n")
    kept.close()
    assert path.read_bytes() == b"004\n"


def test_log_goes_on_under_its_name_where_somebody_renamed_or_removed_it(path: Path) -> None:
    """Another program that rotates it, a person who makes room."""
    kept, old = KeptFiles(path, 1000, 3), path.with_name("old")
    kept.append(b"one\n")
    path.rename(old)
    kept.append(b"two\n")
    assert (old.read_bytes(), path.read_bytes()) == (b"one\n", b"two\n")
    path.unlink()
    kept.append(b"three\n")
    path.rename(old)
    path.write_bytes(b"of somebody else\n")
    kept.append(b"four\n")
    kept.close()
    assert (old.read_bytes(), path.read_bytes()) == (b"three\n", b"of somebody else\nfour\n")


def test_log_whose_folder_was_removed_is_told_and_lines_are_counted(path: Path) -> None:
    """No line goes where nobody can read it."""
    folder = path.parent / "folder"
    folder.mkdir()
    kept = KeptFiles(folder / "log", 1000, 3)
    kept.append(b"one\n")
    (folder / "log").unlink()
    folder.rmdir()
    with pytest.raises(LogUnwritable, match="No such file"):
        kept.append(b"two\n")
    assert kept.lost == 1
    kept.close()


class Disk:
    """One that takes so many bytes, and then none until it is emptied."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, fd: int, data: bytes) -> int:
        """As os.write; a full disk takes a part first."""
        if not self.room:
            raise OSError(28, "No space left on device")
        done = os.write(fd, data[: self.room])
        self.room -= done
        return done


def test_full_disk_is_told_and_lines_are_counted(path: Path) -> None:
    """GN612; once there is room it goes on, on a line of its own."""
    disk = Disk(8)
    kept = KeptFiles(path, 1000, 3, disk.write)
    kept.append(b"one\n")
    with pytest.raises(LogUnwritable, match=r"GN612: log .*No space left.*expected a folder"):
        kept.append(b"two and more\nthree\n")
    assert kept.lost == 2
    disk.room = 100
    kept.append(b"four\n")
    kept.close()
    assert path.read_bytes() == b"one\ntwo \nfour\n"


def test_folder_that_is_not_there_is_told(path: Path) -> None:
    """And tried again with each line: somebody may make it."""
    kept = KeptFiles(path.parent / "later" / "log", 1000, 3)
    with pytest.raises(LogUnwritable, match="No such file"):
        kept.append(b"one\n")
    (path.parent / "later").mkdir()
    kept.append(b"two\n")
    kept.close()
    assert (path.parent / "later" / "log").read_bytes() == b"two\n"
