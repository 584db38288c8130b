"""Faults that have no meaning on a station, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.ipc.fault_kinds import fault
from gonogo.launch.wanted import device_views

if TYPE_CHECKING:
    from gonogo.config.station import Station


def unsupported(kind: str, station: Station, *, in_one: bool = False) -> str:
    """Why this fault has no meaning on this station; '' where it has."""
    where = fault(kind).where
    judged = any(view.engine is not None for view in station.view)
    if (where == "engine" or fault(kind).row == "engine A") and not judged:
        return "no [view.engine] in the station file"
    if missing := _not_exchanged(fault(kind).row, station, in_one=in_one):
        return missing
    if fault(kind).row == "camera" and not device_views(station):
        return "no camera of this station has a process of its own"
    if where == "trigger" and station.trigger.named_by_plc:
        return "the PLC triggers: it names each part once"
    if kind == "trigger-lost" and not station.trigger.named_by_plc:
        return "the station's own photo-eye names the parts"
    return _unwatched(kind, station)


def _not_exchanged(row: str, station: Station, *, in_one: bool) -> str:
    if row in {"engine B", "loader"} and station.engines is None:
        return "no [engines] in the station file: no second place, no loader"
    if row == "engine B" and in_one:
        return "both engine places are in one process, that of engine A"
    return ""


def _unwatched(kind: str, station: Station) -> str:
    watcher = "board" in {fault(kind).where, fault(kind).row}
    refused = watcher and station.board is None
    return "no [board] in the station file: nobody watches the box" if refused else ""
