"""File systems that go read-only in mid-run: the records count, wait, and go on when they may.

Real ones, in a mount namespace of a child of this process: a disk in memory whose mount is
switched, and an ext4 in a file whose journal the kernel aborts as after a fault of the disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.records.keeper import Keeper
from gonogo.records.labels import Labels
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of, raws_of
from gonogo.tests.mounts import leave_the_others, memory, permitted, read_only, writable
from gonogo.tests.records.months import THEN, ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LABELS = Labels((), (), ())
NO_LOOP = 77  # the exit code of a child that found no loop device
PROGRAMS = ("mkfs.ext4", "mount", "umount", "fsck.ext4")  # e2fsprogs, mount


def apart(work: Callable[[Path], int | None], folder: Path) -> None:
    """Do it in a child that has mounts of its own."""
    if os.geteuid() != 0 or not permitted():
        pytest.skip("a mount of one's own is not permitted here")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            leave_the_others()
            code = work(folder) or 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == NO_LOOP:
        pytest.skip("no loop device to mount a disk of its own on")
    assert code == 0


def begun(path: Path) -> Keeper:
    """Three parts are recorded."""
    keeper = Keeper(Store(path, LABELS, "run1", THEN))
    keeper.take(raws_of(entry_of(k) for k in range(3)), 0)
    assert keeper.flush()
    return keeper


def refused(keeper: Keeper, first: int, count: int) -> None:
    """Parts go on; their rows wait, and people hear of it. Nothing is lost."""
    for k in range(first, first + count):
        keeper.take(raws_of([entry_of(k)]), 0)
        assert not keeper.flush()
    assert keeper.failing
    assert (keeper.waiting, keeper.lost) == (count, 0)


def whole(keeper: Keeper, path: Path, count: int) -> None:
    """It records again, and all are there."""
    assert keeper.flush()
    assert not keeper.failing
    keeper.store.close()
    assert ask(path, "SELECT count(*), min(serial), max(serial) FROM part") == [
        (count, 0, count - 1)
    ]


def test_records_go_on_where_a_disk_was_read_only_for_a_while(tmp_path: Path) -> None:
    """From a start on: no file can be made, and then it can."""
    apart(_from_the_start, tmp_path / "disk")


def _from_the_start(disk: Path) -> None:
    memory(disk)
    begun(disk / "r.db").store.close()
    read_only(disk)
    keeper = Keeper(Store(disk / "r.db", LABELS, "run1", THEN))
    refused(keeper, 3, 4)
    writable(disk)
    whole(keeper, disk / "r.db", 7)


def test_records_go_on_whose_file_was_opened_on_a_read_only_disk(tmp_path: Path) -> None:
    """With the log of a process that was killed beside it SQLite opens it, for reading alone."""
    apart(_opened_read_only, tmp_path / "disk")


def _opened_read_only(disk: Path) -> None:
    memory(disk)
    keeper, killed = begun(disk / "r.db"), disk / "killed"
    killed.mkdir()
    for path in disk.glob("r*"):
        shutil.copy(path, killed)
    keeper.store.close()
    read_only(disk)
    keeper = Keeper(Store(killed / "r.db", LABELS, "run1", THEN))
    refused(keeper, 3, 2)
    writable(disk)
    whole(keeper, killed / "r.db", 5)


def test_records_let_go_of_a_disk_that_failed_until_it_is_mended(tmp_path: Path) -> None:
    """The kernel makes it read-only beneath an open file; it is taken away, checked, and back."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: e2fsprogs, mount)")
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    (tmp_path / "disk").mkdir()
    apart(_aborted, tmp_path)


def _aborted(folder: Path) -> int:
    image, disk = folder / "image", folder / "disk"
    if subprocess.run(["mount", "-o", "loop", image, disk], check=False).returncode:
        return NO_LOOP
    try:
        keeper = begun(disk / "r.db")
        subprocess.run(["mount", "-o", "remount,abort", disk], check=True)
        refused(keeper, 3, 3)
        subprocess.run(["umount", disk], check=True)
        subprocess.run(["fsck.ext4", "-p", image], check=False, stdout=subprocess.DEVNULL)
        subprocess.run(["mount", "-o", "loop", image, disk], check=True)
        whole(keeper, disk / "r.db", 6)
    finally:
        subprocess.run(["umount", disk], check=False)
    return 0
