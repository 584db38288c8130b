"""The bytes of a target: written, flushed, and read past the caches."""

from __future__ import annotations

import os
import resource
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import DiskFailed, TargetBusy, TargetUnfit
from gonogo.build.flash.disk import MIB, RawDisk
from gonogo.tests.build.flash import boxes
from gonogo.tests.build.flash.boxes import empty_disk

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_is_read_back_at_any_offset(tmp_path: Path) -> None:
    """Also where neither offset nor length is that of a block, and at the very end."""
    path = empty_disk(tmp_path, 1)
    data = os.urandom(10_000)
    with closing(RawDisk(path, writes=True)) as disk:
        disk.write(5_000, data)
        disk.flush()
        assert disk.read(5_000, 10_000) == disk.fresh(5_000, 10_000) == data
        assert disk.fresh(5_001, 511) == data[1:512]
        assert disk.fresh(MIB - 512, 4096) == bytes(512)
    assert path.read_bytes()[5_000:15_000] == data


def test_the_disk_itself_is_read_and_not_the_cache(tmp_path: Path) -> None:
    """By O_DIRECT where the file system has it; it says how."""
    with closing(RawDisk(empty_disk(tmp_path, 1), writes=False)) as disk:
        assert disk.fresh_by in {"O_DIRECT", "fadvise"}
        assert disk.fresh(0, 512) == bytes(512)


def test_a_target_that_is_not_to_be_written_cannot_be(tmp_path: Path) -> None:
    """Opened for reading alone."""
    with closing(RawDisk(empty_disk(tmp_path, 1), writes=False)) as disk:
        with pytest.raises(DiskFailed, match="write at 0"):
            disk.write(0, b"x")
        disk.close()  # again: idempotent


def test_a_write_that_is_refused_says_where(tmp_path: Path) -> None:
    """The kernel's word, and the place."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(RawDisk(empty_disk(tmp_path, 4), writes=True)) as disk:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, hard))
        try:
            with pytest.raises(DiskFailed, match=r"write at 2\.0 MiB: File too large"):
                disk.write(MIB, bytes(2 * MIB))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_is_no_disk(tmp_path: Path) -> None:
    """And nothing is left open."""
    with pytest.raises(TargetUnfit, match="Is a directory"):
        RawDisk(tmp_path, writes=True)


def test_a_block_device_is_held_alone(loop: Path) -> None:
    """O_EXCL: neither a second flash nor a mount gets it."""
    with closing(RawDisk(loop, writes=True)) as disk:
        disk.write(MIB, b"block")
        disk.flush()
        assert disk.fresh(MIB, 5) == b"block"
        assert disk.size_bytes == boxes.DISK_MIB * MIB
        with pytest.raises(TargetBusy, match="another program holds it"):
            RawDisk(loop, writes=True)
        with pytest.raises(OSError, match="busy"):
            os.open(loop, os.O_RDWR | os.O_EXCL)
        with disk.lent():
            os.close(os.open(loop, os.O_RDWR | os.O_EXCL))
        with pytest.raises(OSError, match="busy"):
            os.open(loop, os.O_RDWR | os.O_EXCL)


def test_a_block_device_that_somebody_has_mounted_is_busy(loop: Path) -> None:
    """A mount claims it, as this does."""
    mounted = os.open(loop, os.O_RDONLY | os.O_EXCL)
    with pytest.raises(TargetBusy, match="mounted, or another program holds it"):
        RawDisk(loop, writes=True)
    os.close(mounted)
    RawDisk(loop, writes=True).close()
