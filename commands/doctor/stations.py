"""Stations that run on this box already: this one, or another of the same name."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import StationRunning
from gonogo.base.runtime_dir import user_name
from gonogo.commands.doctor.finding import Fine, Ill
from gonogo.ipc.station_lock import holder_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.board.box import Box
    from gonogo.commands.doctor.finding import Looked, Scene
    from gonogo.config.station import Station

AREA = "stations"
SUPERVISOR = "gonogo.watchdog.supervisor"


class Runs(NamedTuple):
    """A supervisor of a station, of any user."""

    pid: int
    uid: int
    station: str


def running(box: Box) -> Iterator[Runs]:
    """Those that /proc shows: their command line says which station."""
    for pid in box.names("proc"):
        if not pid.isdigit():
            continue
        words = (box.text(f"proc/{pid}/cmdline") or "").split("\0")
        if SUPERVISOR in words and len(words) > words.index(SUPERVISOR) + 2:
            try:
                uid = (box.root / "proc" / pid).stat().st_uid
            except OSError:  # it has ended meanwhile
                continue
            yield Runs(int(pid), uid, words[words.index(SUPERVISOR) + 2])


def own_supervisor(box: Box, station: Station | None) -> Runs | None:
    """Who runs the station of this very file, by the lock beside its records; None: nobody."""
    if station is None:
        return None
    pid = holder_beside(station.station.name, station.records.path.parent)
    if pid is None:
        return None
    name = station.station.name
    # a rehearsal holds the lock itself, and its supervisor is a child
    return next(
        (each for each in running(box) if each.station == name and is_child(box, each.pid, pid)),
        None,
    )


def is_child(box: Box, pid: int, parent: int) -> bool:
    """Whether a process is one of a supervisor's, or it itself."""
    status = box.text(f"proc/{pid}/status") or ""
    found = re.search(r"^PPid:\s*(\d+)", status, re.MULTILINE)
    return pid == parent or (found is not None and int(found[1]) == parent)


def look(scene: Scene, own: Runs | None) -> Looked:
    """`own`: who runs the station of the file."""
    for each in running(scene.box):
        said = f"'{each.station}' runs as process {each.pid} of user {user_name(each.uid)}"
        same = scene.station is not None and each.station == scene.station.station.name
        if not same or each == own:
            yield Fine(AREA, f"{said}{' by this file' if same else ''}")
            continue
        means = "this one does not start beside it, or both tell the PLC different verdicts"
        sudo = "" if each.uid == os.geteuid() else "sudo "
        do = f"{sudo}kill -TERM {each.pid}"
        what = f"{said}, from another file; expected one station of a name on a box"
        yield Ill(AREA, StationRunning, what, means, (do,), stops=True)
