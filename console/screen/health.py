"""How the station is beside its parts: processes, disk, what is wrong now, and what was of late."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ControlError, GonogoError
from gonogo.base.words import FaultBit
from gonogo.console.show.codes import plain
from gonogo.console.show.lately import lately
from gonogo.ipc.control_socket import ask
from gonogo.records.metrics.alerts import found
from gonogo.records.metrics.standing import StationMemory, row_numbers

if TYPE_CHECKING:
    from gonogo.console.screen.plan import ScreenPlan


def health(plan: ScreenPlan) -> dict[str, Any]:
    """All of it; `processes` is None where the supervisor does not answer. SegmentError."""
    rows = _rows(plan.station)
    names = [] if rows is None else [row["name"] for row in rows]
    with closing(StationMemory(plan.station, plan.records, row_numbers(names))) as memory:
        standing = memory.look()
    disk = standing.disk
    return {
        "processes": None if rows is None else [_process(row) for row in rows],
        "disk": None if disk is None else {"free": disk.free, "size": disk.size},
        "alerts": [
            {"name": alert.name, "severity": alert.severity, "says": words,
             "do": plain(alert.remedy)}
            for alert, words in found(standing)
        ],
        "lately": _lately(plan),
    }  # fmt: skip


def _rows(station: str) -> list[dict[str, Any]] | None:
    try:
        rows: list[dict[str, Any]] = ask(station, do="status")["rows"]
    except ControlError:  # a station that was started without its supervisor, or ends
        return None
    return rows


def _process(row: dict[str, Any]) -> dict[str, Any]:
    warns = [bit.name for bit in FaultBit if row["warning"] & bit]
    return {"name": row["name"], "state": row["state"], "starts": row["starts"], "warns": warns}


def _lately(plan: ScreenPlan) -> list[dict[str, str]]:
    """What the kept log named by a number, the newest first; none where no log is kept."""
    with suppress(GonogoError, OSError):
        if plan.log is not None:
            return [each._asdict() for each in lately(plan.log)]
    return []
