"""What a running station does when it is asked over its local socket.

    {"do": "status"}                          the process table
    {"do": "acknowledge"}                     try again what was latched
    {"do": "faults"}                          which faults this station can show
    {"do": "inject", "kind": .., "for_s": .., "amount": .., "proof": ..}
    {"do": "clear", "proof": ..}
    {"do": "master-part", ..}                 see gonogo.watchdog.master_part
    {"do": "try", ..}                         see gonogo.watchdog.trials
    {"do": "outputs-tried", ..}               see gonogo.watchdog.output_test

Faults need the maintenance key of the station file, and every use is logged. The proof is
what gonogo.base.maintenance_key makes of it with the salt that "faults" tells.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import ControlError, FaultError
from gonogo.base.log.logger import get_logger
from gonogo.base.maintenance_key import opens, salt_of
from gonogo.ipc.fault_kinds import FAULTS, amount_of, fault
from gonogo.ipc.output_test import OutputTestDesk
from gonogo.watchdog.output_test import OutputRequests
from gonogo.watchdog.trials import Trials

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.ipc.fault_table import FaultBoard
    from gonogo.watchdog.master_part import MasterPartRequests
    from gonogo.watchdog.plan import SupervisorPlan
    from gonogo.watchdog.process import Process
    from gonogo.watchdog.row import Row

log = get_logger(__name__)

NS_PER_S = 1_000_000_000
LONGEST_S = 3600.0  # a fault that is forgotten ends within the hour
LOCKED = (
    "faults are locked: the station file has no [maintenance] key_scrypt; "
    "`gonogo fault key` makes one"
)


class Frozen(NamedTuple):
    """A process that was stopped and shall go on at a time."""

    process: Process
    until_ns: int


class Commands:
    """Carries out requests on the rows of a table and its fault board."""

    def __init__(
        self,
        rows: Sequence[Row],
        plan: SupervisorPlan,
        board: FaultBoard,
        master_part: MasterPartRequests,
    ) -> None:
        self._rows, self._plan = rows, plan
        self._board = board
        self._frozen: list[Frozen] = []
        self._trials = Trials(rows)
        self._outputs = OutputRequests(OutputTestDesk(board.segment))
        self._table: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "status": self._status,
            "acknowledge": self._acknowledge,
            "faults": self._faults,
            "inject": self._inject,
            "clear": self._clear,
            **master_part.table,
            **self._trials.table,
            **self._outputs.table,
        }

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; ControlError or FaultError says why there is none."""
        do = request.get("do")
        command = self._table.get(do) if isinstance(do, str) else None
        if command is None:
            raise ControlError(f"expected one of {', '.join(self._table)}, got {do!r}")
        return command(request)

    def look(self, now_ns: int) -> None:
        """Do what is due: frozen processes go on, and what nobody has confirmed is taken back."""
        self._trials.look(now_ns)
        self._outputs.look(now_ns)
        # a copy: it is taken out on the way
        for frozen in tuple(self._frozen):
            if now_ns >= frozen.until_ns:
                frozen.process.send(signal.SIGCONT)
                self._frozen.remove(frozen)

    def _status(self, _: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {
                "name": row.name,
                "state": place.state.name.lower(),
                "pid": place.beat.pid,
                "starts": place.beat.starts,
                "warning": place.beat.warning,
            }
            for row in self._rows
            for place in row.places
        ]
        return {"station": self._plan.station, "rows": rows}

    def _acknowledge(self, _: dict[str, Any]) -> dict[str, Any]:
        latched = [row.name for row in self._rows if row.standing.latched]
        # not the latched ones alone: earlier ends of those that run are forgiven, too
        for row in self._rows:
            row.acknowledge()
        if latched:
            log.warning("acknowledged", text="acknowledged: %(what)s", what=", ".join(latched))
        return {"latched": latched}

    def _faults(self, _: dict[str, Any]) -> dict[str, Any]:
        refused = self._plan.refused_faults
        listed = []
        for kind, known in FAULTS.items():
            injected, shown = self._board.counts(kind)
            listed.append(
                {
                    "kind": kind,
                    "what": known.what,
                    "amount": known.amount._asdict() if known.amount else None,
                    "refused": refused.get(kind, ""),
                    "active": self._board.active(kind),
                    "injected": injected,
                    "shown": shown,
                }
            )
        lock = self._plan.key_scrypt
        return {"faults": listed, "salt": None if lock is None else salt_of(lock)}

    def _inject(self, request: dict[str, Any]) -> dict[str, Any]:
        kind = str(request.get("kind"))
        known = fault(kind)
        self._unlock(request, f"fault {kind}")
        why = self._plan.refused_faults.get(kind)
        if why:
            raise FaultError(f"{kind}: has no meaning on this station: {why}")
        amount = amount_of(kind, _number(request, "amount"))
        for_s = _number(request, "for_s")
        if for_s is not None and not 0 < for_s <= LONGEST_S:
            raise FaultError(f"{kind}: for_s: expected above 0 to {LONGEST_S:g} s, got {for_s:g}")
        at_ns = time.monotonic_ns()
        if known.where == "process":
            # first: what could not be sent is not counted as injected
            self._signal(kind, for_s)
        # an event has no duration: it is shown once, and its count says so
        event = known.where in {"process", "plc"}
        self._board.set(kind, 0.0 if event else for_s, amount)
        span = "" if for_s is None else f" for {for_s:g} s"
        log.warning(
            "fault_injected",
            text="maintenance: fault %(fault)s injected%(span)s",
            fault=kind,
            span=span,
        )
        return {"at_ns": at_ns}

    def _signal(self, kind: str, for_s: float | None) -> None:
        known = fault(kind)
        # the one that works at this moment, and not its spare
        row = next((r for r in self._rows if f"{r.name} ".startswith(f"{known.row} ")), None)
        process = row.working if row is not None else None
        if process is None:
            raise FaultError(f"{kind}: no process '{known.row}' runs at this moment")
        process.send(signal.Signals(known.number))
        if known.number == signal.SIGSTOP and for_s is not None:
            until_ns = time.monotonic_ns() + round(for_s * NS_PER_S)
            self._frozen.append(Frozen(process, until_ns))

    def _clear(self, request: dict[str, Any]) -> dict[str, Any]:
        self._unlock(request, "clear")
        self._board.clear()
        for frozen in self._frozen:
            # what was stopped would stay so: its time is only looked at while it is in this list
            frozen.process.send(signal.SIGCONT)
        self._frozen.clear()
        log.warning("faults_cleared", text="maintenance: all faults cleared")
        return {}

    def _unlock(self, request: dict[str, Any], what: str) -> None:
        lock = self._plan.key_scrypt
        if lock is None:
            raise ControlError(LOCKED)
        if not opens(lock, request.get("proof")):
            log.warning(
                "maintenance_refused", text="maintenance: %(what)s refused: wrong key", what=what
            )
            raise ControlError("wrong maintenance key; this attempt was logged")


def _number(request: dict[str, Any], name: str) -> float | None:
    value = request.get(name)
    if value is None:
        return None
    # true is an int to Python, and no number to JSON
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise FaultError(f"{name}: expected a number, got {value!r}")
    return float(value)
