"""`flash status`: what is installed on the box, which slot runs, and how its last update stands."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError, UpdateNotKept
from gonogo.build.update.kept import seen
from gonogo.build.update.places import Places
from gonogo.build.update.trial import gate_said
from gonogo.console.serial.flash_start import startable
from gonogo.console.serial.table import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import At

_NO_SLOTS = "no slots on this box: a package is installed over the one before"


def flash_status(at: At, _: Sequence[str], places: Places | None = None) -> Answer:
    """Version, since when it is installed and the box is up; of a box with slots, its update."""
    places = places or Places()
    found = distribution("gonogo")
    path = Path(str(found.locate_file(""))) / f"gonogo-{found.version}.dist-info"
    since_s = path.stat().st_mtime if path.exists() else None
    up_s = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    value: dict[str, Any] = {
        "version": found.version, "installed": None if since_s is None else _at(since_s),
        "box_started": _at(up_s), "slots": None,
    }  # fmt: skip
    lines = [
        f"gonogo {found.version}, installed {value['installed'] or 'at a time that is not known'}",
        f"box up since {value['box_started']}",
    ]
    if not places.slots():
        return Answer([*lines, _NO_SLOTS], value)
    told = _Told(places)
    value["slots"] = {
        "runs": told.runs(), "update": told.update(), "health": told.health(),
        "start": told.start(at.station), "wrong": told.wrong,
    }  # fmt: skip
    return Answer([*lines, *told.lines], value)


class _Told:
    """Lines and values of the slots; what cannot be read is a line and stands in `wrong`."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.lines: list[str] = []
        self.wrong: list[str] = []

    def runs(self) -> dict[str, str] | None:
        """Slot and version; a slot that the kernel was not told is ''."""
        try:
            running = self._places.running()
        except GonogoError as error:
            self._say_wrong("runs", error)
            return None
        slot = running.slot or "that the kernel was not told"
        self.lines.append(f"runs         {running.version} in slot {slot}")
        return {"slot": running.slot, "version": running.version}

    def update(self) -> dict[str, Any] | None:
        """The last one, as `gonogo update status --json` has it."""
        try:
            update = seen(self._places.state)
        except UpdateNotKept as error:
            self._say_wrong("last update", error)
            return None
        said = "none yet" if update is None else update.in_words()
        self.lines.append(f"last update  {said}")
        return None if update is None else update.model_dump(mode="json")

    def health(self) -> dict[str, Any] | None:
        """What the health gate has decided last; None where it has not, or nobody can read it."""
        try:
            said = gate_said(self._places)
        except UpdateNotKept as error:
            self._say_wrong("health gate", error)
            return None
        if said is not None:
            words = f"slot {said.get('slot')} {said.get('word')}: {said.get('reason')}"
            self.lines.append(f"health gate  {words}")
        return said

    def start(self, station: str) -> dict[str, Any]:
        """What `flash start` would do now, or why it would not."""
        try:
            update = startable(station, self._places)
        except GonogoError as error:
            self.lines.append(f"flash start  refused now: {error}")
            return {"may": False, "says": str(error)}
        said = f"{update.version} in slot {update.slot} would start, on trial; the box restarts"
        self.lines.append(f"flash start  {said}")
        return {"may": True, "says": said}

    def _say_wrong(self, what: str, error: GonogoError) -> None:
        self.wrong.append(str(error))
        self.lines.append(f"{what:<12} {error}")


def _at(wall_s: float) -> str:
    return f"{datetime.fromtimestamp(wall_s, timezone.utc).astimezone():%Y-%m-%d %H:%M:%S %z}"
