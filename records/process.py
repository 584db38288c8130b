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

from gonogo.records.store import Labels, Store
from gonogo.runtime.errors import RecordsError
from gonogo.runtime.journal import Journal, JournalReader
from gonogo.runtime.realtime import step_back
from gonogo.runtime.section import Section
from gonogo.watchdog import child

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.runtime.journal import DeliveryEntry, VerdictEntry

log = logging.getLogger(__name__)

KEEP = 20_000
BATCH = 500
COMPLAIN_EVERY_S = 10.0


class RecordsPlan(Section):
    """The process's one argument."""

    station: str
    parent_pid: int
    path: Path
    run: str
    poll_ms: int
    views: tuple[str, ...]
    rules: tuple[str, ...]
    units: tuple[str, ...]


class Keeper:
    """Entries on their way from the journal to the database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[VerdictEntry | DeliveryEntry] = deque()
        self._lost = 0
        self._complained_s = -COMPLAIN_EVERY_S

    @property
    def waiting(self) -> int:
        """Entries not yet in the database."""
        return len(self._waiting)

    def take(self, entries: Iterable[VerdictEntry | DeliveryEntry], overwritten: int) -> None:
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

    def _complain(self, error: RecordsError) -> None:
        now_s = time.monotonic()
        if now_s - self._complained_s >= COMPLAIN_EVERY_S:
            self._complained_s = now_s
            log.error("%s; %d entries wait, %d lost", error, len(self._waiting), self._lost)


def follow(plan: RecordsPlan, reader: JournalReader, keeper: Keeper, stop: child.Stop) -> None:
    """Poll the journal until asked to stop, then take what is left."""
    lost = 0
    ending = False
    while not ending:
        ending = stop.asked
        entries = tuple(reader)
        keeper.take(entries, reader.lost - lost)
        lost = reader.lost
        keeper.flush()
        if not ending:
            select.select([stop.fd], [], [], plan.poll_ms / 1000)
    if keeper.waiting:
        log.error("%d entries of run %s never became rows", keeper.waiting, plan.run)


def main(argument: str) -> int:
    """Open the database, follow the journal; exit code 1 when there is no database to be had."""
    plan = RecordsPlan.model_validate_json(argument)
    stop = child.begin("records", plan.parent_pid)
    step_back()
    try:
        store = Store(plan.path, Labels(plan.views, plan.rules, plan.units), plan.run)
    except RecordsError as error:
        log.error("%s", error)  # noqa: TRY400 - the message is for a technician, not a traceback
        return 1
    journal = Journal.attach(plan.station)
    follow(plan, JournalReader(journal), Keeper(store), stop)
    store.close()
    journal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
