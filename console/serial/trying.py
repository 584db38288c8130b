"""What is on trial at the station, as its supervisor says, and what a session has to do with it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError
from gonogo.ipc.control_socket import ask

if TYPE_CHECKING:
    from gonogo.console.serial.table import At

NEWS_S = 600.0  # for so long it is said of a change that it was taken back
BACK = "taken back"  # as gonogo.watchdog.trials has it


def on_trial(at: At) -> dict[str, Any] | None:
    """The change that waits to be confirmed; ControlError where no supervisor answers."""
    found: dict[str, Any] | None = ask(at.station, do="trial")["trial"]
    return found


def waiting(at: At) -> list[str]:
    """What whoever comes is to know of it."""
    if at.file is None:
        return []
    with contextlib.suppress(GonogoError):
        found = ask(at.station, do="trial")
        trial, last = found["trial"], found["last"]
        if trial is not None:
            left_s = round(trial["left_s"])
            return [f"a change is on trial for {left_s} s more: 'commit' keeps it"]
        if last is not None and last["how"] == BACK and last["ago_s"] < NEWS_S:
            return ["a change was taken back: the old values are in force"]
    return []


def cable_out(at: At) -> None:
    """Take back what this session, or whoever was at this cable, has not confirmed."""
    if at.file is None:
        return
    with contextlib.suppress(GonogoError):  # whom nobody can ask keeps the time by itself
        found = on_trial(at)
        if found is not None and _is_ours(at, found):
            ask(at.station, do="take-back", id=found["id"], why=f"{at.port} went")


def _is_ours(at: At, found: dict[str, Any]) -> bool:
    who = found["told"].get("who", {})
    same_cable = at.way == "serial" and who.get("from") == at.port
    return same_cable or str(found["id"]) == at.bench.trial
