"""Entries on their way from the journal to the database, those that earlier runs left first.

What cannot be written waits in memory (gonogo.records.backlog), and in a file beside the
database (gonogo.records.leftover_files) once there are SPILL entries. Where the disk has no room
either, the oldest beyond KEEP are counted as lost, and the database is told how many once it
takes rows again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsError
from gonogo.records.backlog import KEEP, Backlog
from gonogo.records.complaints import Complaints
from gonogo.records.fault_injection import refuse_if_asked
from gonogo.records.leftover import DISK, Disk
from gonogo.records.leftover_files import LeftoverFiles
from gonogo.records.migration import Migration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gonogo.ipc.fault_table import FaultsToShow
    from gonogo.records.leftover import Leftover
    from gonogo.records.store import Store

SPILL = KEEP // 2  # half: the other half is kept while the disk has no room for a file
BATCH = 500  # entries a transaction: one sync of the disk for all of them
ADOPT_S = 1.0  # of each flush: the supervisor waits for a beat between two of them


class Keeper:
    """Brings what waits into the database. `failing`: whether people should hear of it."""

    def __init__(
        self,
        store: Store,
        board: FaultsToShow | None = None,
        *,
        lost: int = 0,
        files: Disk = DISK,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.files = files
        self.board = board
        self._backlog = Backlog(lost)
        self._leftovers = LeftoverFiles(store, files, clock_s)
        self._complaints = Complaints(clock_s)
        self._migration = Migration(store, clock_s)

    @property
    def waiting(self) -> int:
        """Entries not yet in the database."""
        return len(self._backlog)

    @property
    def lost(self) -> int:
        """Entries that are lost and of which the database has not been told."""
        return self._backlog.lost

    @property
    def failing(self) -> bool:
        """Whether people should hear of it: not of a moment's wait."""
        return self._complaints.failing

    @property
    def done(self) -> bool:
        """Whether all is in the database, also what earlier runs left and what was lost."""
        return not (self._backlog or self._leftovers or self.lost)

    def take(self, raws: Iterable[bytes], overwritten: int) -> None:
        """Keep new entries; `overwritten` were lost in the journal before we came by."""
        self._backlog.take(raws, overwritten)

    def left(self, run: str, until: int, about: str) -> Leftover:
        """What waits, and what is lost; `until` is the sequence of the entry after it."""
        return self._backlog.left(run, until, about)

    def spill(self, left: Leftover) -> None:
        """Into a file, so that a database that is held for hours costs no row; or not."""
        if self._leftovers.spill(left):
            self._backlog.clear()

    def flush(self) -> bool:
        """Write what waits; False when the database would not take it."""
        # before anything is written: on a disk that fills up there is no room for it later
        self._leftovers.keep_room()
        try:
            refuse_if_asked(self.board)
            self.store.open()
            self._leftovers.adopt(ADOPT_S)
            self._write()
        except RecordsError as error:
            self._complaints.refused(error, self.waiting, self.lost)
            return False
        self._complaints.well()
        self._migration.step()  # last: rows of years are in no hurry
        return True

    def _write(self) -> None:
        """In batches, once no file of an earlier run is left; a loss alone is one, too."""
        while not self._leftovers and (self._backlog or self.lost):
            batch = self._backlog.first(BATCH)
            self.store.take(batch, self.lost)
            self._backlog.written(len(batch))
