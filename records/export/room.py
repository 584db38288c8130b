"""Whether an export has room on its disk, and the station with its records beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ExportNoRoom

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.export.plan import Plan

BLOCK_BYTES = 4096  # what a file takes at the least
ROW_BYTES = 2048  # of a picture in the tables and documents
SPARE_BYTES = 1 << 20
# left free for whatever else writes there, the records first
KEPT_BYTES, KEPT_SHARE = 512 << 20, 0.05
MB = 1e6


class Disk(NamedTuple):
    """In bytes: what this user may still write, and all of it."""

    free: int
    size: int


def disk_of(place: Path) -> Disk:
    """Where a folder lies, or will."""
    there = next(each for each in (place, *place.parents) if each.exists())
    found = os.statvfs(there)
    return Disk(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


def needed_bytes(made: Plan) -> int:
    """Of a whole export."""
    return made.nbytes + made.pictures * (2 * BLOCK_BYTES + ROW_BYTES) + SPARE_BYTES


def check_room(made: Plan, out: Path, disk: Disk) -> None:
    """ExportNoRoom says what is needed and what there is; what lies there already counts."""
    there = sum(each.lstat().st_size for each in out.rglob("*")) if out.is_dir() else 0
    needed = max(needed_bytes(made) - there, SPARE_BYTES)
    kept = min(KEPT_BYTES, round(KEPT_SHARE * disk.size))
    if disk.free - kept < needed:
        raise ExportNoRoom(
            f"{out}: {made.pictures} pictures need {needed / MB:.1f} MB, and "
            f"{disk.free / MB:.1f} MB are free on its disk, of which {kept / MB:.1f} MB are "
            "left to the station; expected a larger disk, a shorter time (--since), or --limit"
        )
