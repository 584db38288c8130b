"""The records process: follows the verdict journal and writes it to the database.

Whatever happens here (a full disk, a slow disk, a wrong file) the line never
notices. What cannot be written waits (gonogo.records.keeper); at an ordered stop the
database gets PATIENCE_S more, then all that waits is saved in a file beside it
(gonogo.records.leftover), which the next start reads first.

Exit codes: 0 all is in the database, 1 there can be none, 3 something is still to be done.
"""

from __future__ import annotations

import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from gonogo.base.errors import RecordsError
from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import step_back
from gonogo.base.section import Section
from gonogo.base.shm import boot_tag
from gonogo.base.words import FaultBit
from gonogo.ipc import last_good_file, last_state, worker
from gonogo.ipc.audit import change
from gonogo.ipc.audit.files import beside_records, read_head
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.fault_table import FaultsToShow
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.ipc.journal import JournalReader, RecordsJournal
from gonogo.ipc.master_part import KeepingView
from gonogo.ipc.master_part_file import kept_beside
from gonogo.ipc.worker import EXIT_LEFT, STOP_WAIT_S
from gonogo.records import leftover
from gonogo.records.fault_injection import flood_if_asked
from gonogo.records.gates import GateKeeper
from gonogo.records.keeper import SPILL, Keeper
from gonogo.records.labels import Labels
from gonogo.records.metrics.standing import StationMemory
from gonogo.records.metrics.watch import AlertWatch
from gonogo.records.store import Store

if TYPE_CHECKING:
    from gonogo.records.leftover import Leftover

log = get_logger(__name__)

STATE_EVERY_S = 1.0
PATIENCE_S = STOP_WAIT_S / 2  # at a stop; the other half is for the file
PATIENCE_TURN_S = 0.05


class RecordsPlan(Section):
    """The process's one argument.

    `candidate` and `station_sha256` (of the station file) as in gonogo.launch.process_rows.Origin.
    """

    # a supervisor adopts processes by a digest of what they were told: with another key here it
    # would end those of an older gonogo and start anew
    station: str
    path: Path
    state: Path
    poll_ms: int
    views: tuple[str, ...]
    rules: tuple[str, ...]
    units: tuple[str, ...]
    candidate: Path | None = None
    station_sha256: str = ""
    recipes: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = Field(default_factory=dict)

    @property
    def about(self) -> str:
        """What the journal says of itself, so that it can be saved without this plan."""
        return self.model_dump_json(include={"path", "views", "rules", "units", "recipes"})


class StateWatch:
    """Keeps {mode, last part id, session, reset reason} on the disk, once a second at most."""

    def __init__(self, plan: RecordsPlan) -> None:
        self._heart = HeartbeatView.attach(plan.station)
        self._keeper = last_state.Keeper(plan.state)
        self._former = last_state.look(plan.state)  # stands until this run has judged
        self._boot = boot_tag()
        self._candidate = plan.candidate
        self._sha256 = plan.station_sha256
        self._trail = Trail(beside_records(plan.path))
        self._next_s = 0.0

    def keep(self, reason: str, now_s: float) -> None:
        """Write what has changed; an ordered end is written at once."""
        if now_s < self._next_s and reason == "running":
            return
        self._next_s = now_s + STATE_EVERY_S
        heart = self._heart
        # a line has shown a sign of life: the station file is one with which a station comes up
        if self._candidate is not None and heart.alive_ns:
            last_good_file.accept(self._candidate, self._sha256)
            self._candidate = None
            change.told(self._trail, Entry("station file", "done", None, {"sha256": self._sha256}))
        state = self._state(reason)
        # the newest row of the audit trail in a second place: an end that is cut off is seen
        head = read_head(self._trail.path)
        if head is not None:
            state = state._replace(audit_row=head.number, audit_hash=head.hash)
        self._keeper.keep(state)

    def _state(self, reason: str) -> last_state.LastState:
        """Of this run once it has judged; until then of the last one that did."""
        heart, former = self._heart, self._former
        judged = heart.cycles > 0
        if former is not None and former.judged and not judged:
            return former
        wall = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return last_state.LastState(
            heart.mode.name, heart.part_id, heart.session, reason, self._boot, wall, judged=judged
        )


class Follower:
    """The journal's only reader whose place in it stands in the journal itself."""

    def __init__(self, journal: RecordsJournal, keeper: Keeper) -> None:
        self._journal = journal
        self._keeper = keeper
        self._asides = 0
        # what the records process before us has lost and set aside goes on in ours
        self._lost_before, self._asides_before = journal.lost, journal.asides
        # not from the beginning: what the records process before us wrote is not read again
        self._read_from(journal.taken)

    def _read_from(self, first: int) -> None:
        self._reader = JournalReader(self._journal, first)
        self._overwritten = 0

    def catch_up(self) -> bool:
        """Take what is new, write what can be written; False when the database refuses."""
        written = self._write()
        if self._keeper.store.asides == self._asides:
            return written
        # what was in the damaged database is written anew, as far as the journal still holds it
        self._asides = self._keeper.store.asides
        self._read_anew()
        return self._write()

    def _read_anew(self) -> None:
        self._read_from(max(self._journal.written - self._journal.records, 0))

    def _write(self) -> bool:
        # everything that is new is taken at once: the line overwrites what lies in the ring, and
        # does not wait
        raws = tuple(self._reader.raws())
        self._keeper.take(raws, self._reader.lost - self._overwritten)
        self._overwritten = self._reader.lost
        written = self._keeper.flush()
        # before `taken` below is moved on: what is in a file is out of the journal's care
        if self._keeper.waiting >= SPILL:
            self._keeper.spill(self._left())
        # Whoever comes after us goes on here. The loss first: told twice rather than never.
        self._journal.untold = self._keeper.lost
        self._journal.lost = self._lost_before + self._keeper.lost_ever
        self._journal.asides = self._asides_before + self._keeper.store.asides
        self._journal.taken = self._reader.at - self._keeper.waiting
        return written

    def finish(self, patience_s: float = PATIENCE_S) -> int:
        """Write the rest, or save it for the next start; the exit code."""
        end_s = time.monotonic() + patience_s
        # whoever holds the database may let it go; killed after STOP_WAIT_S, we must have saved by
        # then
        while not self._keeper.done and time.monotonic() < end_s:
            time.sleep(PATIENCE_TURN_S)
            self.catch_up()
        if self._keeper.done:
            # damage beneath an open database shows only to whoever opens it anew
            if not self._keeper.store.check(self._journal.run):
                self._read_anew()
            self.catch_up()
        if self._keeper.waiting or self._keeper.lost:
            self._save()
        # a part in hand is entered by salvage, which runs where this code says that something is
        # left
        whole = self._keeper.done and not self._journal.in_hand  # of a line that ended
        return 0 if whole else EXIT_LEFT

    def _left(self) -> Leftover:
        journal = self._journal
        return self._keeper.left(journal.run, self._reader.at, journal.about)

    def _save(self) -> None:
        path = self._keeper.store.path
        try:
            leftover.save(path, self._left(), self._keeper.files)
        except OSError as error:  # it stays in the journal, for whoever looks after us
            log.error("leftover_unwritten", text="%(path)s: %(error)s", path=path, error=error)  # noqa: TRY400 - for a technician
            return
        # the file holds both; only now, or a crash between the two would lose them
        self._journal.untold = 0
        self._journal.taken = self._reader.at


def follow(
    plan: RecordsPlan,
    journal: RecordsJournal,
    keeper: Keeper,
    process: worker.Worker,
    alerts: AlertWatch,
) -> int:
    """Poll the journal until asked to stop, then take what is left; the exit code."""
    stop, follower = process.stop, Follower(journal, keeper)
    watch, tidy = StateWatch(plan), Tidy()
    path = kept_beside(plan.path, plan.station)
    gates = GateKeeper(KeepingView.attach(plan.station), path)
    ending = False
    while not ending:
        # read before the journal: what was written before we were asked to stop is taken
        ending = stop.asked
        follower.catch_up()
        # the line reads it from the table and shows it to the PLC
        process.warn(alerts.bits | (FaultBit.DISK if keeper.failing else 0))
        process.beat()
        now_s = time.monotonic()
        alerts.keep(now_s)
        watch.keep("stopped" if ending else "running", now_s)
        gates.keep()
        tidy.collect_when_due(now_s)
        flood_if_asked(keeper.board)
        if not ending:
            select.select([stop.fd], [], [], plan.poll_ms / 1000)
    return follower.finish()


def main(argument: str, row: int) -> int:
    """Follow the journal; exit code 1 where there can be no database."""
    plan = RecordsPlan.model_validate_json(argument)
    process = worker.begin("records", plan.station, row)
    # the line and its engine come first; what records is late with waits in the journal
    step_back()
    journal = RecordsJournal.attach(plan.station)
    labels = Labels(plan.views, plan.rules, plan.units, plan.recipes)
    try:
        store = Store(plan.path, labels, journal.run)
    except RecordsError as error:
        log.error("records_failed", text="%(error)s", error=error)  # noqa: TRY400 - the message is for a technician, not a traceback
        return 1
    board = FaultsToShow.attach(plan.station)
    # what lives by now stays; garbage is looked for between two polls (Tidy)
    freeze()
    memory = StationMemory(plan.station, plan.path, {})
    keeper = Keeper(store, board, lost=journal.untold)
    code = follow(plan, journal, keeper, process, AlertWatch(memory.look))
    memory.close()
    board.close()
    store.close()
    journal.close()
    return code


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
