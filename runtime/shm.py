"""Shared memory as plain files in /dev/shm, mapped by hand.

Not `multiprocessing.shared_memory`: its resource tracker unlinks a segment when
a process that merely attached to it dies, which is exactly when it must survive.

Names are `gonogo-<station>-<boot>-<purpose>`: <boot> is the head of the kernel's
boot id, so nothing of an earlier boot is ever mistaken for ours. The owner of a
station holds an exclusive flock on `gonogo-<station>.lock` for its life: a
second instance is refused, and whatever a dead one left is removed at start.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.runtime.errors import SegmentError, StationRunning

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = mmap.PAGESIZE
SHM_DIR = Path("/dev/shm")  # noqa: S108 - the one place for POSIX shared memory, not a scratch file


def page_up(size: int) -> int:
    """`size` in bytes rounded up to whole pages."""
    return -(-size // PAGE) * PAGE


def boot_tag() -> str:
    """First eight characters of the kernel's boot id (proc(5))."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]


def segment_path(station: str, purpose: str) -> Path:
    """Where the segment of a station for a purpose lies; the name is made file-safe."""
    safe = re.sub(r"[^A-Za-z0-9_.]+", "_", station)
    return SHM_DIR / f"gonogo-{safe}-{boot_tag()}-{purpose}"


class Segment:
    """One mapped file. `create` makes it zeroed and private to the user; `attach` maps one."""

    def __init__(self, path: Path, size: int, *, create: bool) -> None:
        self.path = path
        flags = os.O_RDWR | (os.O_CREAT | os.O_EXCL if create else 0)
        try:
            fd = os.open(path, flags, 0o600)
        except OSError as error:  # a file that is there already is not ours to remove
            raise _refusal(path, size, error) from error
        try:
            if create:
                os.posix_fallocate(fd, 0, size)  # a full /dev/shm fails here, not in the cycle
            size = size or os.fstat(fd).st_size
            self.map = mmap.mmap(fd, size, flags=mmap.MAP_SHARED | mmap.MAP_POPULATE)
        except (OSError, ValueError) as error:  # mmap(2) of an empty file is a ValueError
            if create:
                path.unlink(missing_ok=True)
            raise _refusal(path, size, error) from error
        finally:
            os.close(fd)
        self.size = size

    @classmethod
    def create(cls, path: Path, size: int) -> Segment:
        """Make and map a zeroed segment of `size` bytes, every page already there."""
        return cls(path, page_up(size), create=True)

    @classmethod
    def attach(cls, path: Path) -> Segment:
        """Map a segment that another process made."""
        return cls(path, 0, create=False)

    def words(self, offset: int, count: int) -> memoryview[int]:
        """`count` signed 64-bit words at byte `offset`; one aligned store each."""
        return memoryview(self.map)[offset : offset + 8 * count].cast("q")

    def reals(self, offset: int, count: int) -> memoryview[float]:
        """The same bytes as `words`, as 64-bit floats."""
        return memoryview(self.map)[offset : offset + 8 * count].cast("d")

    def close(self) -> None:
        """Unmap; while views of the memory live on, the mapping does too."""
        with contextlib.suppress(BufferError):
            self.map.close()

    def unlink(self) -> None:
        """Remove the name; processes that have it mapped keep it."""
        self.path.unlink(missing_ok=True)


def _refusal(path: Path, size: int, error: OSError | ValueError) -> SegmentError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    if size:
        return SegmentError(
            f"shared memory {path} of {size} bytes: {why}; "
            f"check free space with `df -h {SHM_DIR}`, and that no other station made it"
        )
    return SegmentError(
        f"shared memory {path}: {why}; expected a file of this user that a running station "
        "made: start the station first, and as the same user"
    )


def sweep(station: str) -> tuple[str, ...]:
    """Remove everything of a station; for whoever holds its lock. The names removed."""
    safe = re.sub(r"[^A-Za-z0-9_.]+", "_", station)
    stale = sorted(SHM_DIR.glob(f"gonogo-{safe}-*-*"))
    for path in stale:
        path.unlink(missing_ok=True)
    return tuple(path.name for path in stale)


class StationLock:
    """Held by whoever runs a station.

    Taking it removes what a dead owner left behind, unless `keep` says that there are
    living processes to be adopted.
    """

    def __init__(self, station: str, keep: Callable[[], bool] = lambda: False) -> None:
        safe = re.sub(r"[^A-Za-z0-9_.]+", "_", station)
        self.path = SHM_DIR / f"gonogo-{safe}.lock"
        self.fd = self._take(station)
        os.ftruncate(self.fd, 0)
        os.write(self.fd, str(os.getpid()).encode())
        self.leftovers = () if keep() else sweep(station)

    def _take(self, station: str) -> int:
        while True:
            try:
                fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise _refusal(self.path, 0, error) from error
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                holder = os.read(fd, 32).decode(errors="replace") or "unknown"
                os.close(fd)
                raise StationRunning(
                    f"station '{station}' already runs on this box (process {holder}); "
                    "stop it first, or give this one another [station] name"
                ) from error
            # An owner that was just leaving may have unlinked the file we locked.
            with contextlib.suppress(FileNotFoundError):
                if os.fstat(fd).st_ino == self.path.stat().st_ino:
                    return fd
            os.close(fd)

    def close(self) -> None:
        """Release the station; idempotent."""
        if self.fd >= 0:
            self.path.unlink(missing_ok=True)
            os.close(self.fd)
            self.fd = -1
