"""How a running station stands, as `gonogo status --json` gives it."""

from __future__ import annotations

from typing import Any

from gonogo.base.errors import ControlError, SegmentError
from gonogo.base.words import FaultBit
from gonogo.console.show.engines import engine_lines
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.control_socket import ask
from gonogo.ipc.heartbeat import HeartbeatView


def standing(name: str) -> dict[str, Any]:
    """Mode, faults and processes, from shared memory and its supervisor; ControlError.

    `swap` is the loader's own status, None where the station exchanges no engines.
    """
    rows = ask(name, do="status")["rows"]
    heart = HeartbeatView.attach(name)
    try:
        found = {
            "station": name,
            "mode": heart.mode.name,
            "cycles": heart.cycles,
            "broken_cycles": heart.broken,
            "takeovers": heart.takeovers,
            "part_id": heart.part_id,
            "session": heart.session,
            "recipe": heart.recipe,
            "faults": [bit.name for bit in FaultBit if heart.faults & bit],
            "processes": [
                {**row, "warning": [bit.name for bit in FaultBit if row["warning"] & bit]}
                for row in rows
            ],
        }
    finally:
        heart.close()
    return {**found, "engines": list(engine_lines(name)), "swap": _swap(name)}


def _swap(name: str) -> dict[str, Any] | None:
    try:
        return ask(name, purpose=PURPOSE, do="status")
    except (ControlError, SegmentError):
        return None
