"""The bytes of a target: every write of ours goes through here, at an offset of the whole disk.

Partitions are offsets: their device nodes do not appear everywhere (containers, loop devices).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from gonogo.base.errors import DiskFailed, TargetBusy, TargetUnfit
from gonogo.build.flash.lock import claim

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

SECTOR_BYTES = 512
ALIGN_BYTES = 4096  # of O_DIRECT, enough for every disk whose sectors are not larger
MIB = 1 << 20
_BLKFLSBUF = 0x1261  # linux/fs.h


class Disk(Protocol):
    """What is written onto; offsets and lengths in bytes. DiskFailed where the disk does not."""

    size_bytes: int

    def read(self, at: int, length: int) -> bytes:
        """What the kernel has of it; shorter at the end of the disk."""
        ...

    def write(self, at: int, data: bytes) -> None:
        """All of it, or DiskFailed; on the disk for good after `flush`."""
        ...

    def flush(self) -> None:
        """Whatever was written is on the disk."""
        ...

    def fresh(self, at: int, length: int) -> bytes:
        """What the disk itself gives, past the caches of the kernel."""
        ...

    def lent(self) -> AbstractContextManager[None]:
        """For as long as that lasts, another program of ours may claim the disk for itself."""
        ...

    def close(self) -> None:
        """Idempotent."""
        ...


class RawDisk:
    """A block device or a regular file, held against everybody else; TargetBusy, TargetUnfit.

    `fresh_by`: how the caches are passed by: O_DIRECT, or fadvise where the file system of a disk
    image has no O_DIRECT.
    """

    def __init__(self, path: Path, *, writes: bool) -> None:
        self._path = path
        self._is_block = stat.S_ISBLK(path.stat().st_mode)
        # two ways in: one that nobody may mount beside, and one that keeps the lock meanwhile
        self._claims = self._is_block and writes
        self._claim = _claimed(path) if self._claims else -1
        self._fd = -1
        try:
            self._fd = _opened(path, writes=writes)
            claim(self._fd, path, writes=writes)
            self.size_bytes = os.lseek(self._fd, 0, os.SEEK_END)
        except BaseException:
            _shut(self._fd, self._claim)
            raise
        self._direct = _direct(path)
        self.fresh_by = "fadvise" if self._direct is None else "O_DIRECT"

    def read(self, at: int, length: int) -> bytes:
        """What the kernel has of it; shorter at the end of the disk."""
        try:
            return os.pread(self._fd, length, at)
        except OSError as error:
            raise self._failed("read", at, error) from error

    def write(self, at: int, data: bytes) -> None:
        """All of it, where the system call may take less than it is given."""
        left = memoryview(data)
        try:
            while left:
                taken = os.pwrite(self._fd, left, at)
                left, at = left[taken:], at + taken
        except OSError as error:
            raise self._failed("write", at, error) from error

    def flush(self) -> None:
        """Whatever was written is on the disk."""
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise self._failed("flush", 0, error) from error

    def fresh(self, at: int, length: int) -> bytes:
        """What the disk itself gives, past the caches of the kernel."""
        if length <= 0:
            return b""
        first = at // ALIGN_BYTES * ALIGN_BYTES
        whole = -(-(at + length - first) // ALIGN_BYTES) * ALIGN_BYTES
        try:
            data = self._passed_by(first, whole)
        except OSError as error:
            raise self._failed("read", at, error) from error
        return data[at - first : at - first + length]

    def _passed_by(self, at: int, length: int) -> bytes:
        if self._direct is None:
            os.posix_fadvise(self._fd, at, length, os.POSIX_FADV_DONTNEED)
            return os.pread(self._fd, length, at)
        with mmap.mmap(-1, length) as page:  # memory that is aligned, as O_DIRECT wants it
            return page[: os.preadv(self._direct, [page], at)]

    @contextmanager
    def lent(self) -> Iterator[None]:
        """For as long as that lasts, another program of ours may claim the disk for itself."""
        _shut(self._claim)
        self._claim = -1
        yield
        if self._claims:
            self._claim = _claimed(self._path)

    def close(self) -> None:
        """Idempotent."""
        if self._fd < 0:
            return
        if self._is_block:
            with contextlib.suppress(OSError):  # for root alone; the next reader then asks the disk
                fcntl.ioctl(self._fd, _BLKFLSBUF)
        _shut(self._direct or -1, self._fd, self._claim)
        self._fd = self._claim = -1

    def _failed(self, what: str, at: int, error: OSError) -> DiskFailed:
        return DiskFailed(
            f"{self._path}: {what} at {at / MIB:.1f} MiB: {error.strerror}; the disk, its adapter "
            "or its cable does not hold; the same command again goes on, or take another disk"
        )


def _claimed(path: Path) -> int:
    """O_EXCL of a block device: nobody has mounted it, and nobody can while we have it."""
    try:
        return os.open(path, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise _unfit(path, error) from error
        raise TargetBusy(
            f"{path}: mounted, or another program holds it; `lsblk {path}` shows where; unmount it "
            f"(umount {path}?*) and do the same again"
        ) from error


def _shut(*fds: int) -> None:
    for fd in fds:
        if fd >= 0:
            os.close(fd)


def _opened(path: Path, *, writes: bool) -> int:
    try:
        return os.open(path, (os.O_RDWR if writes else os.O_RDONLY) | os.O_CLOEXEC)
    except OSError as error:
        raise _unfit(path, error) from error


def _unfit(path: Path, error: OSError) -> TargetUnfit:
    return TargetUnfit(
        f"{path}: {error.strerror}; expected a disk that this user may write: as root, and its "
        "switch against writing off"
    )


def _direct(path: Path) -> int | None:
    """A second way in that passes the caches by; None where the file system has none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        with mmap.mmap(-1, ALIGN_BYTES) as page:
            os.preadv(fd, [page], 0)
    except OSError:
        os.close(fd)
        return None
    return fd
