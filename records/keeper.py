"""Entries on their way from the journal to the database, those that earlier runs left first.

What cannot be written waits in memory, and in a file beside the database once there are SPILL
entries. Where the disk has no room either, the oldest beyond KEEP are counted as lost, and
the database is told how many once it takes rows again.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import move
from gonogo.base.errors import RecordsBusy, RecordsError
from gonogo.records import leftover
from gonogo.records.labels import Clock, Labels
from gonogo.records.leftover import DISK, Damaged, Disk, Leftover
from gonogo.records.rows import Rows
from gonogo.records.store import free_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.ipc.fault_table import FaultBoard
    from gonogo.records.store import Store

log = logging.getLogger(__name__)

KEEP = 20_000  # at least what a journal may hold (gonogo.config.journal_room)
SPILL = KEEP // 2
SPILL_FILES = 100  # a million entries; whoever holds a database for longer will not let it go
SPILL_EVERY_S = 10.0  # once there was no room
ADOPT_S = 1.0
BATCH = 500
COMPLAIN_EVERY_S = 10.0
BUSY_FOR_S = 5.0  # another program may hold the database for so long before anybody hears of it
RESERVE_EVERY_S = 60.0


class Keeper:
    """Holds what is not in the database yet. `lost` is what it has not been told of."""

    def __init__(
        self, store: Store, board: FaultBoard | None = None, *, lost: int = 0, files: Disk = DISK
    ) -> None:
        self.store = store
        self.lost = lost
        self._board = board
        self.files = files
        self._waiting: deque[bytes] = deque()
        self._left = deque(leftover.pending(store.path))
        self._complained_s = -COMPLAIN_EVERY_S
        self.failing = False  # whether people should hear of it: not of a moment's wait
        self._well_s = time.monotonic()
        self._reserved_s = -RESERVE_EVERY_S
        self._spilled_s = -SPILL_EVERY_S

    @property
    def waiting(self) -> int:
        """Entries not yet in the database."""
        return len(self._waiting)

    @property
    def done(self) -> bool:
        """Whether all is in the database, also what earlier runs left and what was lost."""
        return not (self._waiting or self._left or self.lost)

    def left(self, run: str, until: int, about: str) -> Leftover:
        """What waits, and what is lost; `until` is the sequence of the entry after it."""
        first = until - len(self._waiting)
        return Leftover(run, first, tuple(self._waiting), self.lost, about, Clock.now())

    def spill(self, left: Leftover) -> None:
        """Into a file, so that a database that is held for hours costs no row; or not."""
        now_s = time.monotonic()
        if len(self._left) >= SPILL_FILES or now_s - self._spilled_s < SPILL_EVERY_S:
            return
        self._spilled_s = now_s
        try:
            path = leftover.put(self.store.path, left, self.files)
        except OSError:
            return
        self._left.append(path)
        self._waiting.clear()
        self.lost = 0
        self._spilled_s = -SPILL_EVERY_S

    def take(self, raws: Iterable[bytes], overwritten: int) -> None:
        """Keep new entries; `overwritten` were lost in the journal before we came by."""
        self.lost += overwritten
        for raw in raws:
            if len(self._waiting) >= KEEP:
                self._waiting.popleft()
                self.lost += 1
            self._waiting.append(raw)

    def flush(self) -> bool:
        """Write what waits; False when the database would not take it."""
        self._keep_room()
        try:
            self._obey_board()
            self.store.open()
            self._adopt_for(ADOPT_S)
            while not self._left and (self._waiting or self.lost):
                batch = tuple(islice(self._waiting, BATCH))
                self.store.take(batch, self.lost)
                self.lost = 0
                for _ in batch:
                    self._waiting.popleft()
        except RecordsError as error:
            self._complain(error)
            return False
        self.failing = False
        self._well_s = time.monotonic()
        return True

    def _keep_room(self) -> None:
        """Space for what may not fit at the end; none is no reason to stop."""
        now_s = time.monotonic()
        if now_s - self._reserved_s >= RESERVE_EVERY_S:
            self._reserved_s = now_s
            leftover.reserve(self.store.path, self.files)

    # -- what earlier runs left ----------------------------------------------------------

    def _adopt_for(self, seconds: float) -> None:
        """As many as there is time for between two heartbeats, one at least."""
        end_s = time.monotonic() + seconds
        while self._left:
            self._adopt(self._left[0])
            self._left.popleft()
            if time.monotonic() > end_s:
                return

    def _adopt(self, path: Path) -> None:
        """Write the rows of a run that could not write them itself; then its file may go."""
        try:
            left = leftover.unpack(path.read_bytes())
        except Damaged as damage:
            self._set_aside(path, damage)
            return
        except OSError as error:
            log.error("%s: %s; its rows are not written", path, error.strerror)  # noqa: TRY400
            return
        rows = Rows(Labels.read(left.about), left.run, lambda: left.clock)
        self.store.take(left.raws, left.lost, rows, of=path.name)
        log.info("%s: %d entries of run %s are in the database", path, len(left.raws), left.run)
        self._drop(path)

    def _drop(self, path: Path) -> None:
        try:
            leftover.remove(path, self.files)
        except OSError as error:  # read once more by the next start: no row is written twice
            log.warning("%s: %s; its rows are in the database", path, error.strerror)

    def _set_aside(self, path: Path, damage: Damaged) -> None:
        aside = free_name(path)
        self.store.lost(damage.entries, f"{path.name}: {damage}; it is kept as {aside.name}")
        try:
            move(path, aside, self.files)
        except OSError as error:
            log.warning("%s: %s; it is damaged", path, error.strerror)

    # -- faults, and who hears of them ---------------------------------------------------

    def _obey_board(self) -> None:
        if self._board is not None and self._board.show("disk-full"):
            raise RecordsError("no space left on device (a fault that was asked for)")

    def chatter(self) -> None:
        """Fill everybody's message pipe, where that fault is asked for."""
        if self._board is not None and self._board.show("log-flood"):
            for k in range(round(self._board.amount("log-flood"))):
                log.info("a flood that was asked for, line %d", k)

    def _complain(self, error: RecordsError) -> None:
        now_s = time.monotonic()
        if isinstance(error, RecordsBusy) and now_s - self._well_s < BUSY_FOR_S:
            return
        self.failing = True
        if now_s - self._complained_s >= COMPLAIN_EVERY_S:
            self._complained_s = now_s
            log.error("%s; %d entries wait, %d lost", error, len(self._waiting), self.lost)
