"""`gonogo check`: whether the station's memory has a place, and room there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import SegmentError
from gonogo.base.runtime_dir import runtime_dir
from gonogo.ipc.frame_ring import slot_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.commands.report import Report
    from gonogo.config.station import Station

MB = 1 << 20
BESIDE_MB = 8  # journal, tables and doorbells


class Room(NamedTuple):
    """What the frames and tables of a station take, and what is free where they will lie."""

    needed_mb: float
    free_mb: float


def room_in(folder: Path, station: Station) -> Room:
    """On the file system of `folder`, which is a tmpfs: what is taken there is memory."""
    slots = station.station.frame_slots
    needed_mb = BESIDE_MB + sum(
        slots * slot_bytes(view.camera.geometry) / MB for view in station.view
    )
    found = os.statvfs(folder)
    # f_bavail: what a user may take; root may take more, and the station should not run as root
    return Room(needed_mb, found.f_bavail * found.f_frsize / MB)


def check_memory(report: Report, station: Station) -> None:
    """Where memory, sockets and locks will lie, and whether the frames fit."""
    try:
        folder = runtime_dir()
    except SegmentError as error:
        report.wrong(str(error))
        return
    room = room_in(folder, station)
    report.say(f"memory in {folder}: {room.needed_mb:.0f} of {room.free_mb:.0f} MB")
    if room.needed_mb > room.free_mb:
        report.wrong(
            f"memory: the frames need {room.needed_mb:.0f} MB, {folder} has {room.free_mb:.0f} MB "
            "free; take fewer frame_slots, or name a larger tmpfs in $GONOGO_RUNTIME_DIR"
        )
