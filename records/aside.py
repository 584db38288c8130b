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

    def __init__(self, files: Files, clock_s: Callable[[], float]) -> None:
        self.count = 0
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

    def put(self, path: Path) -> Path:
        """Rename a database, which nobody of us has open, with its log; its new name. OSError."""
        aside = free_name(path)
        move_whole(path, aside, self._files)
        self.count += 1
        return aside


def move_whole(path: Path, to: Path, files: Files) -> None:
    """Rename a database with its log. OSError: a part of it may have its new name."""
    for end in _BESIDE:
        old = path.with_name(path.name + end)
        if old.exists():
            # SQLite finds a log by the name of its database: both get the same new one
            move(old, to.with_name(to.name + end), files)


def free_name(path: Path, what: str = "damaged") -> Path:
    """Where something damaged can be kept, or what is no longer needed."""
    names = (path.with_name(f"{path.name}.{what}-{k}") for k in itertools.count(1))
    return next(name for name in names if not name.exists())
