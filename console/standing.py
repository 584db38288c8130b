"""How a running station stands, as `gonogo status --json` gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ControlError, SegmentError
from gonogo.base.words import FaultBit
from gonogo.console.show.codes import plain
from gonogo.console.show.engines import engine_lines
from gonogo.console.show.link import link_value
from gonogo.console.show.outputs_tried import tried_value
from gonogo.console.show.station import holding, stands
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.control_socket import ask
from gonogo.ipc.heartbeat import HeartbeatView

if TYPE_CHECKING:
    from gonogo.console.show.station import Stands

SCHEMA = 1


def standing(name: str) -> dict[str, Any]:
    """What the PLC has of it, mode, faults and processes; ControlError where nothing is there.

    Its form is `SCHEMA`: keys may come to be more, none goes or changes what it means
    (docs/status.md). `processes` None: the supervisor does not answer. `swap` is the loader's own
    status, None where the station exchanges no engines.
    """
    stood = stands(name)
    link = None if stood.link is None else link_value(stood.link, stood.now_ns)
    heart = HeartbeatView.attach(name)
    try:
        found = {
            "schema": SCHEMA,
            "station": name,
            **stood.headline._asdict(),
            "link": link,
            "outputs_tried": tried_value(name),
            "mode": heart.mode.name,
            "cycles": heart.cycles,
            "broken_cycles": heart.broken,
            "takeovers": heart.takeovers,
            "part_id": heart.part_id,
            "session": heart.session,
            "recipe": heart.recipe,
            "faults": [bit.name for bit in FaultBit if heart.faults & bit],
            "processes": _processes(stood),
        }
    finally:
        heart.close()
    names = [row["name"] for row in stood.rows or ()]
    alerts = [
        {"name": alert.name, "severity": alert.severity, "says": says, "do": plain(alert.remedy)}
        for alert, says in holding(name, names)
    ]
    found = {**found, "alerts": alerts}
    return {**found, "engines": list(engine_lines(name)), "swap": _swap(name)}


def _processes(stood: Stands) -> list[dict[str, Any]] | None:
    if stood.rows is None:
        return None
    return [
        {**row, "warning": [bit.name for bit in FaultBit if row["warning"] & bit]}
        for row in stood.rows
    ]


def _swap(name: str) -> dict[str, Any] | None:
    try:
        return ask(name, purpose=PURPOSE, do="status")
    except (ControlError, SegmentError):
        return None
