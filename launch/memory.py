"""The shared memory of a station: made anew, or found with the processes that use it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from gonogo.base.doorbell import make_bell
from gonogo.base.log.logger import get_logger
from gonogo.base.shm import boot_tag
from gonogo.config import journal_room
from gonogo.ipc import last_state
from gonogo.ipc.board_health import make_board_health
from gonogo.ipc.camera_port import CameraPort, bells_of
from gonogo.ipc.chip_health import make_chip_health
from gonogo.ipc.drift_table import make_drift_table
from gonogo.ipc.engine_queue import Mailbox
from gonogo.ipc.engine_slot import SlotOrder
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.ipc.master_part import MasterPartMemory
from gonogo.ipc.master_part_file import kept_beside, read_gates
from gonogo.ipc.part_finds import BELL as FOUND
from gonogo.ipc.part_finds import FindsLog
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.station_lock import StationLock
from gonogo.ipc.worker import KEPT_BELL
from gonogo.launch.adoption import adoptable, end_others
from gonogo.launch.process_rows import journal_about, places_of
from gonogo.launch.told import state_path
from gonogo.launch.wanted import device_views
from gonogo.records.salvage import rescue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.config.station import Station
    from gonogo.engines.installed.choice import Chosen
    from gonogo.watchdog.plan import SupervisorPlan

log = get_logger(__name__)

# doorbells: messages, a frame for engine A, an answer of engine A
BELLS = ("log", "ask0", "done0")
BELLS_OF_B = ("ask1", "done1")  # on a station with two engine places


class Memory:
    """The segments of a station, made anew or found with the processes that use them.

    `mailboxes`: one an engine place. `slots`: the places, None without `[engines]`.
    """

    def __init__(
        self, station: Station, plan: SupervisorPlan, engines: Mapping[str, Chosen]
    ) -> None:
        self.name = station.station.name
        self.unsaved = 0  # entries that a dead station left, where there is no room for them
        folder = station.records.path.parent
        # whether what lies there is needed is asked under the lock: two starts must not both decide
        self.lock = StationLock(self.name, folder, lambda: self._still_needed(station, plan))
        if self.lock.leftovers:
            log.info(
                "leftovers_removed",
                text="removed what a station of this name left behind: %(what)s",
                what=self.lock.leftovers,
            )
        # asked again: the lock has removed everything where nothing was to be kept
        self.adopted = adoptable(self.name, plan)
        if not self.adopted:
            # of adopted processes the last run has not ended
            _tell_last_run(station)
        stack = ExitStack()
        stack.callback(self.lock.close)
        with stack:
            self._map(station, plan, engines)
            # the lock is kept; anything raised before this lets it go
            stack.pop_all()

    def _map(self, station: Station, plan: SupervisorPlan, engines: Mapping[str, Chosen]) -> None:
        name, places = self.name, range(places_of(station))
        if self.adopted:
            self.mailboxes = [Mailbox.attach(name, place) for place in places]
            self.slots = EngineSlots.attach(name) if station.engines is not None else None
            self.journal = Journal.attach(name)
            self.heartbeat, self.beats = Heartbeat.attach(name), ProcessTable.attach(name)
            return
        for index, view in enumerate(station.view):
            # made, not held: line and engines map them by name
            FrameRing.create(name, index, view.camera.geometry, station.station.frame_slots).close()
        for number in device_views(station):
            CameraPort.create(name, number).close()
            for bell in bells_of(number):
                make_bell(name, bell)
        if station.trigger.looks:
            FindsLog.create(name).close()
            make_bell(name, FOUND)
        if station.log.path is not None:
            make_bell(name, KEPT_BELL)
        for bell in BELLS if station.engines is None else BELLS + BELLS_OF_B:
            make_bell(name, bell)
        self.mailboxes = [Mailbox.create(name, place) for place in places]
        self.slots = _ordered(name, engines) if station.engines is not None else None
        self.journal = Journal.create(name, journal_room.entries(station), journal_about(plan))
        # records tells the database of them with its first batch
        self.journal.untold = self.unsaved
        self.heartbeat, self.beats = Heartbeat.create(name), ProcessTable.create(name)
        FaultBoard.create(name).close()
        make_chip_health(name)
        make_board_health(name)
        if station.records.drift is not None:
            make_drift_table(name)
        gates = read_gates(kept_beside(station.records.path, name))
        MasterPartMemory.create(name, gates).close()

    def _still_needed(self, station: Station, plan: SupervisorPlan) -> bool:
        """Whether what lies in memory is in use; if not, the rows in it are saved."""
        # of this very plan: the line goes on through the change of its supervisor
        if adoptable(self.name, plan):
            return True
        # first, so that nothing writes into the journal that is saved next
        end_others(self.name)
        self.unsaved = rescue(self.name, station.records.path)
        return False

    def close(self) -> None:
        """Unmap what this process holds; the names are the supervisor's to remove."""
        for memory in (*self.mailboxes, self.slots, self.journal, self.heartbeat, self.beats):
            if memory is not None:
                memory.close()


def _ordered(name: str, engines: Mapping[str, Chosen]) -> EngineSlots:
    """Both places made; A shall hold the engines that the station starts with, B nothing."""
    slots = EngineSlots.create(name)
    slots.places[0].order(SlotOrder(bundles={key: its.path for key, its in engines.items()}))
    return slots


def _tell_last_run(station: Station) -> None:
    """Say how the last run that judged a part ended, and where it was."""
    last = last_state.read(state_path(station))
    if last is not None and last.judged:
        log.info(
            "last_run",
            text=(
                "last run: %(ended)s (mode %(mode)s, part id %(part)d, session %(session)d, "
                "%(ended_at)s)"
            ),
            ended=last_state.reset_reason(last, boot_tag()),
            mode=last.mode,
            part=last.last_part_id,
            session=last.session,
            ended_at=last.wall_time,
        )
