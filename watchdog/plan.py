"""What the supervisor is told: a table of processes, and the station's outside ties."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from gonogo.base.log.section import LogSection
from gonogo.base.realtime import RealtimeSection
from gonogo.base.section import Section

if TYPE_CHECKING:
    from gonogo.ipc.identity import Seals


class RowPlan(Section):
    """One process: `python -m module FD ROW active|standby STATION`.

    `argument` is what it reads from the descriptor FD (gonogo.base.handover).

    `limit_ms` is how long it may go without a beat once it is up, `start_limit_s` how
    long it may take until the first. `strikes` ends within a minute latch it until
    it is acknowledged; 0 never latches. One that has grown by `growth_mb` is exchanged
    in order; 0 lets it grow. With `spare` a second process is kept warm,
    which takes over on SIGUSR1. A station lives and dies with its `required` rows. An `early` one
    needs none of those before it, and starts beside them.
    `alike`: the argument without what may change while the processes run; '' for all of it.
    `apart`: it may end, and begin anew with another argument, while parts pass: no part waits for
    it, or parts are rejected meanwhile (gonogo.watchdog.trials).
    `aftercare`: what is run once it was stopped for good and did not end well
    (gonogo.watchdog.aftercare).
    """

    name: str
    module: str
    argument: str
    limit_ms: float
    start_limit_s: float = 60.0
    strikes: int = 0
    growth_mb: float = 0.0
    spare: bool = False
    required: bool = False
    early: bool = False
    alike: str = ""
    apart: bool = False
    aftercare: str = ""

    @property
    def identity(self) -> str:
        """What a process of this row was started as; another needs other processes."""
        # all else counts, also the limits, which are the supervisor's own; but that of a row which
        # may be told something else follows from what it is told
        alike = {"argument": self.alike or self.argument}
        limit = {"limit_ms": 0.0} if self.apart else {}
        return self.model_copy(update=alike | limit).model_dump_json()


class SupervisorPlan(Section):
    """What the supervisor is told.

    `rows` are started in order, each once the last is up; what may be begun before (an `early` one,
    or as a spare) is begun at once.
    `parent_pid`: end in order when that process dies (0: stay). `locks` are the station's,
    descriptor and file, where they are the supervisor's to release at the end.
    `refused_faults`: why a kind of fault has no meaning on this station. `warn`: the bit
    that warns the PLC of a station that could not be started again as it is. `said`: lines of JSON
    of the command that became this supervisor, to be kept before its own.
    """

    station: str
    rows: tuple[RowPlan, ...]
    parent_pid: int = 0
    locks: tuple[tuple[int, Path], ...] = ()  # inherited over exec from the command that took them
    realtime: RealtimeSection = RealtimeSection()
    device: Path | None = None
    device_timeout_s: int = 10
    key_scrypt: str | None = None
    warn: int = 0
    log: LogSection = LogSection()
    said: tuple[str, ...] = ()
    refused_faults: dict[str, str] = Field(default_factory=dict)

    def digest(self, seals: Seals) -> int:
        """A number that changes when the processes would be started differently."""
        return seals.plan([row.identity for row in self.rows])
