"""What a line works with: its devices, the processes beside it, and the time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from gonogo.drivers.triggers.trigger import DeviceTrigger, Trigger
    from gonogo.ipc.fault_table import FaultsToShow
    from gonogo.ipc.heartbeat import Heartbeat
    from gonogo.ipc.journal_line import LineJournal
    from gonogo.plc.link.link import PlcLink
    from gonogo.runtime.acquire import Acquisition
    from gonogo.runtime.board_heat import BoardHeat
    from gonogo.runtime.engine_switch import EngineSwitch
    from gonogo.runtime.master_trial import MasterTrial


class Clock(Protocol):
    """The module `time`, or a test's that stands still."""

    def monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC, the one that every deadline is of."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Before the first part alone."""
        ...


class Stages(NamedTuple):
    """In the order a part meets them; then what is asked of the line for a test.

    `master_part`: what is known of a part beforehand, and whether any may pass. `eye`: the trigger
    once more, where it holds a device that may go. `heat`: of the box, where it is watched.
    """

    trigger: Trigger
    acquisition: Acquisition
    engines: EngineSwitch
    plc: PlcLink
    journal: LineJournal
    heartbeat: Heartbeat
    board: FaultsToShow
    master_part: MasterTrial
    clock: Clock = time
    eye: DeviceTrigger | None = None
    heat: BoardHeat | None = None
