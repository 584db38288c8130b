"""The lot of a part: the one that was in force when its trigger came."""

from __future__ import annotations

import os
from bisect import bisect_right
from itertools import takewhile
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.base.shm import boot_tag
from gonogo.ipc.lots import read_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.ipc.lots import LotMark

log = get_logger(__name__)


class Lots:
    """Reads the file anew when it has changed; `look` before a batch of rows, `of` for each."""

    def __init__(self, path: Path, boot: Callable[[], str] = boot_tag) -> None:
        self._path = path
        self._boot = boot()
        self._seen: tuple[int, ...] | None = None
        self._failed = False
        self._marks: list[LotMark] = []
        self._by_boot: dict[str, list[LotMark]] = {}  # of each by time: two may say it at once

    def look(self) -> None:
        """What has been said meanwhile.

        What cannot be read stays as it was known; that is told once, and tried at each call.
        """
        try:
            seen = _identity(self._path)
            if seen != self._seen:
                self._marks, self._seen = read_marks(self._path), seen
                self._by_boot = _by_boot(self._marks)
        except OSError as error:
            if not self._failed:
                log.warning("lots_unreadable", text="%(path)s: %(why)s; parts keep the lot before",
                            path=self._path, why=error.strerror)  # fmt: skip
            self._failed = True
        else:
            self._failed = False

    def of(self, run: str, trigger_ns: int, wall_ms: int) -> str | None:
        """That of a part of a run, by the clock of its boot; None where there was none."""
        boot = boot_of(run)
        same = self._by_boot.get(boot, [])
        count = bisect_right(same, trigger_ns, key=_at_ns)
        if count:
            return same[count - 1].lot
        # a lot goes on over a restart of the box, whose monotonic clock begins anew
        former = list(takewhile(lambda mark: mark.boot != boot, self._marks))
        if not same and boot != self._boot:
            # rows of an earlier boot in which nobody said anything: only the wall clock is left
            former = [mark for mark in former if mark.wall_ms <= wall_ms]
        return former[-1].lot if former else None


def of_no_lot(_: str, __: int, ___: int) -> None:
    """Where nobody says lots."""


def boot_of(run: str) -> str:
    """Which boot a run was in, by its name (gonogo.ipc.journal); "" of one that says none."""
    words = run.split("-")
    return words[1] if len(words) == 3 else ""  # noqa: PLR2004 - when, boot, random bits


def _by_boot(marks: Sequence[LotMark]) -> dict[str, list[LotMark]]:
    found: dict[str, list[LotMark]] = {}
    for mark in sorted(marks, key=_at_ns):
        found.setdefault(mark.boot, []).append(mark)
    return found


def _at_ns(mark: LotMark) -> int:
    return mark.at_ns


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - once a batch; the other makes an object more
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
