"""Disks that fail, for tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import Files

if TYPE_CHECKING:
    from pathlib import Path


class Failing(Files):
    """A disk on which the n-th call fails."""

    def __init__(self, at: int, code: int) -> None:
        self._left, self._code = at, code

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise OSError(self._code, os.strerror(self._code))

    def open(self, path: Path, flags: int) -> int:
        """Counted."""
        self._count()
        return super().open(path, flags)

    def write(self, fd: int, data: bytes) -> int:
        """Counted; half of it is written, as on a disk that gets full."""
        half = super().write(fd, data[: len(data) // 2 + 1])
        self._count()
        return half

    def fsync(self, fd: int) -> None:
        """Counted."""
        self._count()
        super().fsync(fd)

    def rename(self, old: Path, new: Path) -> None:
        """Counted."""
        self._count()
        super().rename(old, new)
