"""The files beside the database: what earlier runs left becomes rows, what waits for long goes in.

A file is removed once its rows are committed, never before: what is read a second time finds its
rows there and changes nothing (gonogo.records.rows).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import move
from gonogo.base.log.logger import get_logger
from gonogo.records import leftover
from gonogo.records.aside import free_name
from gonogo.records.labels import Labels
from gonogo.records.leftover import Damaged
from gonogo.records.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.records.leftover import Disk, Leftover
    from gonogo.records.store import Store

log = get_logger(__name__)

SPILL_FILES = 100  # a million entries; whoever holds a database for longer will not let it go
SPILL_EVERY_S = 10.0  # once there was no room
RESERVE_EVERY_S = 60.0


class LeftoverFiles:
    """Those of one database, oldest first; true while there are any.

    The files of a run that goes on stand behind those of earlier runs: rows are written in the
    order in which their parts passed.
    """

    def __init__(self, store: Store, files: Disk, clock_s: Callable[[], float]) -> None:
        self._store = store
        self._files = files
        self._clock_s = clock_s
        self._pending = deque(leftover.pending(store.path))
        self._reserved_s = -RESERVE_EVERY_S
        self._spilled_s = -SPILL_EVERY_S

    def __bool__(self) -> bool:
        return bool(self._pending)

    def keep_room(self) -> None:
        """Space for what may not fit at the end; none is no reason to stop."""
        now_s = self._clock_s()
        if now_s - self._reserved_s >= RESERVE_EVERY_S:
            self._reserved_s = now_s
            leftover.reserve(self._store.path, self._files)

    def spill(self, left: Leftover) -> bool:
        """Into a file of its own; False, and nothing has changed, where it may not or cannot."""
        now_s = self._clock_s()
        if len(self._pending) >= SPILL_FILES or now_s - self._spilled_s < SPILL_EVERY_S:
            return False
        # thousands of entries are not packed at each poll for a disk that is still full
        self._spilled_s = now_s
        try:
            path = leftover.put(self._store.path, left, self._files)
        except OSError:
            return False
        self._pending.append(path)
        self._spilled_s = -SPILL_EVERY_S
        return True

    def adopt(self, within_s: float) -> None:
        """Write the rows of as many as there is time for, one at least; RecordsError."""
        end_s = self._clock_s() + within_s
        while self._pending:
            self._adopt(self._pending[0])
            self._pending.popleft()
            if self._clock_s() > end_s:
                return

    def _adopt(self, path: Path) -> None:
        """Write the rows of a run that could not write them itself; then its file may go."""
        try:
            left = leftover.unpack(path.read_bytes())
        except Damaged as damage:
            self._set_aside(path, damage)
            return
        except OSError as error:
            log.error(  # noqa: TRY400
                "leftover_unreadable",
                text="%(path)s: %(why)s; its rows are not written",
                path=path,
                why=error.strerror,
            )
            return
        # by its own names and clocks: it may be of another station file, and of another boot
        labels, numbers = Labels.read(left.about), self._store.number_of
        rows = Rows(labels, left.run, lambda: left.clock, numbers, self._store.lots.of)
        self._store.take(left.raws, left.lost, rows, of=path.name)
        log.info(
            "leftover_written",
            text="%(path)s: %(entries)d entries of run %(run)s are in the database",
            path=path,
            entries=len(left.raws),
            run=left.run,
        )
        self._drop(path)

    def _drop(self, path: Path) -> None:
        try:
            leftover.remove(path, self._files)
        except OSError as error:  # read once more by the next start: no row is written twice
            log.warning(
                "leftover_not_removed",
                text="%(path)s: %(why)s; its rows are in the database",
                path=path,
                why=error.strerror,
            )

    def _set_aside(self, path: Path, damage: Damaged) -> None:
        aside = free_name(path)
        # the loss first: a file that is renamed and then not told of would be forgotten
        self._store.lost(damage.entries, f"{path.name}: {damage}; it is kept as {aside.name}")
        try:
            move(path, aside, self._files)
        except OSError as error:
            log.warning(
                "leftover_damaged",
                text="%(path)s: %(why)s; it is damaged",
                path=path,
                why=error.strerror,
            )
