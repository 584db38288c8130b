"""The records process: follows the verdict journal and writes it to the database.

Whatever happens here (a full disk, a slow disk, a wrong file) the line never
notices: what cannot be written waits in memory up to KEEP entries, then the oldest
are counted as lost, and the database is told how many once it takes rows again.
"""

from __future__ import annotations

import logging
import select
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from gonogo.plc.map import FaultBit
from gonogo.records.store import Labels, Store
from gonogo.runtime import lastgood
from gonogo.runtime.errors import RecordsError
from gonogo.runtime.journal import Journal, JournalReader
from gonogo.runtime.memory import Tidy, freeze
from gonogo.runtime.realtime import step_back
from gonogo.runtime.section import Section
from gonogo.runtime.shm import boot_tag
from gonogo.watchdog import child, laststate
from gonogo.watchdog.faultboard import FaultBoard
from gonogo.watchdog.heartbeat import Heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.runtime.entries import AnyEntry

log = logging.getLogger(__name__)

KEEP = 20_000
BATCH = 500
COMPLAIN_EVERY_S = 10.0
STATE_EVERY_S = 1.0


class RecordsPlan(Section):
    """The process's one argument; `candidate` as in gonogo.runtime.startup.Origin."""

    station: str
    path: Path
    state: Path
    poll_ms: int
    views: tuple[str, ...]
    rules: tuple[str, ...]
    units: tuple[str, ...]
    candidate: Path | None = None
    recipes: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = Field(default_factory=dict)


class Keeper:
    """Entries on their way from the journal to the database."""

    def __init__(self, store: Store, board: FaultBoard | None = None) -> None:
        self._store = store
        self._board = board
        self._waiting: deque[AnyEntry] = deque()
        self._lost = 0
        self._complained_s = -COMPLAIN_EVERY_S

    @property
    def waiting(self) -> int:
        """Entries not yet in the database."""
        return len(self._waiting)

    def take(self, entries: Iterable[AnyEntry], overwritten: int) -> None:
        """Keep new entries; `overwritten` were lost in the journal before we came by."""
        self._lost += overwritten
        for entry in entries:
            if len(self._waiting) >= KEEP:
                self._waiting.popleft()
                self._lost += 1
            self._waiting.append(entry)

    def flush(self) -> bool:
        """Write what waits; False when the database would not take it."""
        try:
            self._obey_board()
            while self._waiting:
                batch = [self._waiting[k] for k in range(min(BATCH, len(self._waiting)))]
                self._store.write(batch)
                for _ in batch:
                    self._waiting.popleft()
            if self._lost:
                self._store.lost(self._lost, "journal overwritten or database not writable")
                self._lost = 0
        except RecordsError as error:
            self._complain(error)
            return False
        return True

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
        if now_s - self._complained_s >= COMPLAIN_EVERY_S:
            self._complained_s = now_s
            log.error("%s; %d entries wait, %d lost", error, len(self._waiting), self._lost)


class StateWatch:
    """Keeps {mode, last part id, session, reset reason} on the disk, once a second at most."""

    def __init__(self, plan: RecordsPlan) -> None:
        self._heart = Heartbeat.attach(plan.station)
        self._keeper = laststate.Keeper(plan.state)
        self._boot = boot_tag()
        self._candidate = plan.candidate
        self._next_s = 0.0

    def keep(self, reason: str, now_s: float) -> None:
        """Write what has changed; an ordered end is written at once."""
        if now_s < self._next_s and reason == "running":
            return
        self._next_s = now_s + STATE_EVERY_S
        heart = self._heart
        if self._candidate is not None and heart.alive_ns:
            lastgood.accept(self._candidate)
            self._candidate = None
        wall = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._keeper.keep(
            laststate.LastState(
                heart.mode.name, heart.part_id, heart.session, reason, self._boot, wall
            )
        )


def follow(plan: RecordsPlan, journal: Journal, keeper: Keeper, process: child.Child) -> None:
    """Poll the journal until asked to stop, then take what is left."""
    stop, reader = process.stop, JournalReader(journal, journal.taken)
    watch, tidy = StateWatch(plan), Tidy()
    lost = 0
    ending = False
    while not ending:
        ending = stop.asked
        entries = tuple(reader)
        keeper.take(entries, reader.lost - lost)
        lost = reader.lost
        written = keeper.flush()
        if written:
            journal.taken = reader.at
        process.warn(0 if written else FaultBit.DISK)
        process.beat()
        now_s = time.monotonic()
        watch.keep("stopped" if ending else "running", now_s)
        tidy.turn(now_s)
        keeper.chatter()
        if not ending:
            select.select([stop.fd], [], [], plan.poll_ms / 1000)
    if keeper.waiting:
        log.error("%d entries of run %s never became rows", keeper.waiting, journal.run)


def main(argument: str, row: int) -> int:
    """Open the database, follow the journal; exit code 1 when there is no database to be had."""
    plan = RecordsPlan.model_validate_json(argument)
    process = child.begin("records", plan.station, row)
    step_back()
    journal = Journal.attach(plan.station)
    labels = Labels(plan.views, plan.rules, plan.units, plan.recipes)
    try:
        store = Store(plan.path, labels, journal.run)
    except RecordsError as error:
        log.error("%s", error)  # noqa: TRY400 - the message is for a technician, not a traceback
        return 1
    board = FaultBoard.attach(plan.station)
    freeze()
    follow(plan, journal, Keeper(store, board), process)
    board.close()
    store.close()
    journal.close()
    return 0


if __name__ == "__main__":
    told = child.told(sys.argv)
    sys.exit(main(told.argument, told.row))
