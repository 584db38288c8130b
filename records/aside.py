"""Where something damaged goes: beside its place, under another name, whole. Nothing is deleted."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import move

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.base.atomic_file import Files

ASIDE_EVERY_S = 60.0  # a disk that damages whatever is written must not be filled with it
_BESIDE = ("-wal", "-shm", "")  # the log first: what is left beside a new database is deleted


class Asides:
    """Damaged databases set aside, one in ASIDE_EVERY_S; `count` of them by this process."""

    def __init__(self, path: Path, files: Files, clock_s: Callable[[], float]) -> None:
        self.count = 0
        self._path = path
        self._files = files
        self._clock_s = clock_s
        # the clock is the box's since it was switched on: the very first one may go at once
        self._tried_s = -ASIDE_EVERY_S

    def claim(self) -> bool:
        """Whether one may go now; then not another one for a while, also where it cannot."""
        now_s = self._clock_s()
        if now_s - self._tried_s < ASIDE_EVERY_S:
            return False
        self._tried_s = now_s
        return True

    def put(self) -> Path:
        """Rename the database, which nobody of us has open, with its log; its new name. OSError."""
        aside = free_name(self._path)
        for end in _BESIDE:
            old = self._path.with_name(self._path.name + end)
            if old.exists():
                # SQLite finds a log by the name of its database: both get the same new one
                move(old, aside.with_name(aside.name + end), self._files)
        self.count += 1
        return aside


def free_name(path: Path) -> Path:
    """Where something damaged can be kept."""
    names = (path.with_name(f"{path.name}.damaged-{k}") for k in itertools.count(1))
    return next(name for name in names if not name.exists())
