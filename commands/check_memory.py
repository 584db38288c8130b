"""`gonogo check`: whether the station's memory has a place, and room there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gonogo.base.errors import SegmentError
from gonogo.base.runtime_dir import runtime_dir
from gonogo.ipc.frame_ring import slot_bytes

if TYPE_CHECKING:
    from gonogo.commands.report import Report
    from gonogo.config.station import Station

MB = 1 << 20
BESIDE_MB = 8  # journal, tables and doorbells


def check_memory(report: Report, station: Station) -> None:
    """Where memory, sockets and locks will lie, and whether the frames fit."""
    try:
        folder = runtime_dir()
    except SegmentError as error:
        report.wrong(str(error))
        return
    slots = station.station.frame_slots
    needed_mb = BESIDE_MB + sum(
        slots * slot_bytes(view.camera.geometry) / MB for view in station.view
    )
    room = os.statvfs(folder)
    free_mb = room.f_bavail * room.f_frsize / MB
    report.say(f"memory in {folder}: {needed_mb:.0f} of {free_mb:.0f} MB")
    if needed_mb > free_mb:
        report.wrong(
            f"memory: the frames need {needed_mb:.0f} MB, {folder} has {free_mb:.0f} MB free; "
            "take fewer frame_slots, or name a larger tmpfs in $GONOGO_RUNTIME_DIR"
        )
