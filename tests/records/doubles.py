"""What the records work with, as a test wants it: clocks, connections, disks that fail.

Import as `gonogo.tests.records.doubles`.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

from gonogo.records.leftover import Disk


class Clock:
    """Stands in for `time.monotonic`: moves when a test says so, and by `step_s` at each look."""

    def __init__(self, now_s: float = 1000.0, step_s: float = 0.0) -> None:
        self.now_s = now_s
        self._step_s = step_s

    def __call__(self) -> float:
        """Seconds, as they were set."""
        self.now_s += self._step_s
        return self.now_s


class Connections:
    """Connects as `sqlite3` does, and keeps what it made in `all`; or raises `error`."""

    def __init__(self, factory: type[sqlite3.Connection] = sqlite3.Connection) -> None:
        self.all: list[sqlite3.Connection] = []
        self.error: Exception | None = None
        self._factory = factory

    def __call__(self, path: Path, **keys: Any) -> sqlite3.Connection:  # noqa: ANN401 - of sqlite3
        """A connection more."""
        if self.error is not None:
            raise self.error
        self.all.append(sqlite3.connect(path, factory=self._factory, **keys))
        return self.all[-1]


class Synced(Disk):
    """Tells what is brought to the disk, by the name of what was open."""

    def __init__(self) -> None:
        self.synced: list[Path] = []

    def fsync(self, fd: int) -> None:
        """Told, and done."""
        self.synced.append(Path(f"/proc/self/fd/{fd}").readlink())
        super().fsync(fd)


class FullDisk(Synced):
    """Nothing grows any more, and no name is added; what has its space can be written over.

    `in_place`: whether even that fails.
    """

    def __init__(self, *, in_place: bool = True, rename: bool = True) -> None:
        super().__init__()
        self._in_place = in_place
        self._rename = rename

    def open(self, path: Path, flags: int) -> int:
        """A new file would need space for its name."""
        if flags & os.O_CREAT and not path.exists():
            raise OSError(errno.ENOSPC, "no space left on device")
        return super().open(path, flags)

    def write(self, fd: int, data: bytes) -> int:
        """Within the space that is there, a few bytes at a time."""
        at = os.lseek(fd, 0, os.SEEK_CUR)
        room = os.fstat(fd).st_blocks * 512 - at
        if room <= 0 or not self._in_place:
            raise OSError(errno.ENOSPC, "no space left on device")
        return super().write(fd, data[: min(room, 100_000)])

    def allocate(self, fd: int, size: int) -> None:
        """No."""
        raise OSError(errno.ENOSPC, f"no space left on device for {size} bytes in {fd}")

    def rename(self, old: Path, new: Path) -> None:
        """A longer name may need another block of its folder."""
        if not self._rename:
            raise OSError(errno.ENOSPC, "no space left on device")
        super().rename(old, new)
