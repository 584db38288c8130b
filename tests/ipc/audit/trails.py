"""Audit trails for tests: written by somebody known, and broken in every way."""

from __future__ import annotations

import errno
import fcntl
import os
from typing import TYPE_CHECKING, Any

from gonogo.base.atomic_file import SYSTEM, Files
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import LIMITS, Limits, Trail

if TYPE_CHECKING:
    from pathlib import Path

ANNA = {"login": "anna", "user": "root", "uid": 0, "over": "sudo", "place": "pts/3"}


def somebody() -> dict[str, Any]:
    """Who did it."""
    return dict(ANNA)


def trail_at(path: Path, limits: Limits = LIMITS, files: Files = SYSTEM) -> Trail:
    """One whose author is known."""
    return Trail(path, files, limits, somebody)


def written(path: Path, count: int, limits: Limits = LIMITS) -> Trail:
    """One with so many rows: old and new are numbers."""
    trail = trail_at(path, limits)
    for number in range(1, count + 1):
        trail.append(Entry("limit", "done", number - 1, number, "because"))
    return trail


class FullDisk(Files):
    """Has no room for a byte more in a trail until its reserve is given up, if ever."""

    def __init__(self, reserve: Path | None = None) -> None:
        self.reserve = reserve

    def open(self, path: Path, flags: int) -> int:
        """A new file would need space for its name."""
        if flags & os.O_CREAT and not path.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().open(path, flags)

    def write(self, fd: int, data: bytes) -> int:
        """Written over what is there, or into the room of the reserve."""
        appends = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND
        if appends and (self.reserve is None or self.reserve.exists()):
            os.write(fd, data[:5])  # a part of it had room
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(fd, data)
