"""Shared memory as plain files in the private runtime directory, mapped by hand.

Not `multiprocessing.shared_memory`: its resource tracker unlinks a segment when
a process that merely attached to it dies, which is exactly when it must survive.

Names are `<station>-<boot>-<purpose>`: <boot> is the head of the kernel's boot id,
so nothing of an earlier boot is ever mistaken for ours. Who may make and map them:
gonogo.base.runtime_dir. Who may have a station at all: gonogo.ipc.station_lock.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gonogo.base import fence
from gonogo.base.errors import SegmentError
from gonogo.base.runtime_dir import open_private, runtime_dir

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T", bound="np.generic")

PAGE = mmap.PAGESIZE


def page_up(size: int) -> int:
    """`size` in bytes rounded up to whole pages."""
    return -(-size // PAGE) * PAGE


def boot_tag() -> str:
    """First eight characters of the kernel's boot id (proc(5))."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]


def file_safe(station: str) -> str:
    """The name of a station as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_.]+", "_", station)


def segment_path(station: str, purpose: str) -> Path:
    """Where the segment of a station for a purpose lies."""
    return runtime_dir() / f"{file_safe(station)}-{boot_tag()}-{purpose}"


class Segment:
    """One mapped file. `create` makes it zeroed and private to the user; `attach` maps one.

    A `read_only` one cannot be written by this process, whatever it does. `fence` stands between
    what it holds and the stamps that say so (docs/memory-order.md); NoFence where there is none.
    """

    def __init__(self, path: Path, size: int, *, create: bool, read_only: bool = False) -> None:
        self.fence = fence.here().call
        self.path = path
        flags = os.O_RDONLY if read_only else os.O_RDWR
        flags |= os.O_CREAT | os.O_EXCL if create else 0
        rights = mmap.PROT_READ | (0 if read_only else mmap.PROT_WRITE)
        try:
            fd = open_private(path, flags)
        except SegmentError:  # of somebody else
            raise
        except OSError as error:  # a file that is there already is not ours to remove
            raise _refusal(path, size, error) from error
        try:
            if create:
                os.posix_fallocate(fd, 0, size)  # where it is full, this fails, not the cycle
            found = os.fstat(fd)
            # which file it is, whatever becomes of its name
            self._file = found.st_dev, found.st_ino
            size = size or found.st_size
            # MAP_POPULATE: the first touch of a page in the cycle would wait for the kernel
            self.map = mmap.mmap(fd, size, mmap.MAP_SHARED | mmap.MAP_POPULATE, rights)
        except (OSError, ValueError) as error:  # mmap(2) of an empty file is a ValueError
            # half made, it would be taken for one that is whole
            if create:
                path.unlink(missing_ok=True)
            raise _refusal(path, size, error) from error
        finally:
            # the mapping keeps the file (mmap(2)), and no child inherits a way to it
            os.close(fd)
        self.size = size

    @classmethod
    def create(cls, path: Path, size: int) -> Segment:
        """Make and map a zeroed segment of `size` bytes, every page already there."""
        return cls(path, page_up(size), create=True)

    @classmethod
    def attach(cls, path: Path, *, read_only: bool = False) -> Segment:
        """Map a segment that another process made."""
        return cls(path, 0, create=False, read_only=read_only)

    def words(self, offset: int, count: int, *, read_only: bool = False) -> memoryview[int]:
        """`count` signed 64-bit words at byte `offset`; one aligned store each.

        A store into a `read_only` view is a TypeError; it still sees what others store.
        """
        return self._span(offset, count, read_only=read_only).cast("q")

    def reals(self, offset: int, count: int, *, read_only: bool = False) -> memoryview[float]:
        """The same bytes as `words`, as 64-bit floats."""
        return self._span(offset, count, read_only=read_only).cast("d")

    def array(self, kind: type[T], offset: int, count: int) -> NDArray[T]:
        """`count` numbers of a numpy type at byte `offset`, one dimension."""
        import numpy as np  # noqa: PLC0415 - here: a supervisor maps no frames, and does without

        return np.frombuffer(self.map, kind, count, offset)

    def get(self, offset: int, size: int) -> bytes:
        """A copy of `size` bytes at byte `offset`."""
        return bytes(self.map[offset : offset + size])

    def put(self, offset: int, content: bytes) -> None:
        """Write these bytes at byte `offset`, in no particular order."""
        self.map[offset : offset + len(content)] = content

    def _span(self, offset: int, count: int, *, read_only: bool) -> memoryview[int]:
        span = memoryview(self.map)[offset : offset + 8 * count]
        return span.toreadonly() if read_only else span

    def close(self) -> None:
        """Unmap; while views of the memory live on, the mapping does too."""
        # raised while views are alive: a process that ends gives all back anyhow
        with contextlib.suppress(BufferError):
            self.map.close()

    @property
    def named(self) -> bool:
        """Whether its name still leads to it: only then can another process find it."""
        try:
            found = os.lstat(self.path)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._file

    def unlink(self) -> None:
        """Remove the name; processes that have it mapped keep it."""
        self.path.unlink(missing_ok=True)


def _refusal(path: Path, size: int, error: OSError | ValueError) -> SegmentError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    if size:
        return SegmentError(
            f"shared memory {path} of {size} bytes: {why}; "
            f"check free space with `df -h {path.parent}`, and that no other station made it"
        )
    return SegmentError(
        f"shared memory {path}: {why}; expected a file of this user that a running station "
        "made: start the station first, and as the same user"
    )


def sweep(station: str) -> tuple[str, ...]:
    """Remove everything of a station; for whoever holds its lock. The names removed."""
    # of earlier boots as well, which nobody can have mapped any more
    stale = sorted(runtime_dir().glob(f"{file_safe(station)}-*-*"))
    for path in stale:
        path.unlink(missing_ok=True)
    return tuple(path.name for path in stale)
