"""Entries of this run that are not in the database yet, and how many of them are lost."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from gonogo.records.labels import Clock
from gonogo.records.leftover import Leftover

if TYPE_CHECKING:
    from collections.abc import Iterable

KEEP = 20_000  # at least what a journal may hold (gonogo.config.journal_room)


class Backlog:
    """Oldest first, at most KEEP; `lost` is what the database has not been told of."""

    def __init__(self, lost: int = 0) -> None:
        self.lost = lost
        self.lost_ever = 0  # by this process; what was lost before it came has been counted
        self._raws: deque[bytes] = deque()

    def __len__(self) -> int:
        return len(self._raws)

    def take(self, raws: Iterable[bytes], overwritten: int) -> None:
        """Keep new entries; `overwritten` were lost in the journal before we came by."""
        self._lose(overwritten)
        for raw in raws:
            if len(self._raws) >= KEEP:
                # the youngest are kept: a technician asks for what happened just now
                self._raws.popleft()
                self._lose(1)
            self._raws.append(raw)

    def _lose(self, count: int) -> None:
        self.lost += count
        self.lost_ever += count

    def first(self, count: int) -> tuple[bytes, ...]:
        """The oldest entries; they stay until they are `written`."""
        return tuple(islice(self._raws, count))

    def written(self, count: int) -> None:
        """So many of the oldest are rows now, and the database knows of all losses."""
        self.lost = 0
        for _ in range(count):
            self._raws.popleft()

    def left(self, run: str, until: int, about: str) -> Leftover:
        """All of it for a file; `until` is the sequence of the entry after it in the journal."""
        first = until - len(self._raws)
        return Leftover(run, first, tuple(self._raws), self.lost, about, Clock.now())

    def clear(self) -> None:
        """It lies in a file, with the count of the losses."""
        self._raws.clear()
        self.lost = 0
