"""The station file that a running station was started with, read again, as it was then.

A file that was edited since is what the next start will read, not what judges now: the copy that
is kept of the last good one is taken for it, where that is the one of this start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import StationFileError
from gonogo.config.reader import read
from gonogo.config.started_by import file_of, last_start
from gonogo.config.station import parse_station
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.last_good_file import digest, last_good, unmarked

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station


class Started(NamedTuple):
    """`file`: where it lies. `edited`: it is another one by now; `station` is that of the start."""

    file: Path
    station: Station
    edited: bool


def started(records: Path) -> Started:
    """By its records' audit trail; StationFileError where nobody knows it any more."""
    row = last_start(Trail(beside_records(records)))
    file = file_of(row)
    if row is None or file is None:
        raise StationFileError(
            f"{beside_records(records)}: by which station file this station runs is not known; "
            "expected a start by `gonogo run FILE`, and the file where it was"
        )
    told = row.new.get("asked") or row.new
    sha256 = str(told.get("sha256"))
    raw = read(file)
    if digest(raw) == sha256:
        return Started(file, parse_station(file, raw), edited=False)
    kept = last_good(file)
    before = unmarked(kept, read(kept)) if kept.is_file() else b""
    if digest(before) != sha256:
        raise StationFileError(
            f"{file}: it was edited since the station was started with it, and no copy of that "
            "time is kept; start the station again, or look into its file"
        )
    return Started(file, parse_station(kept, before, file.absolute().parent), edited=True)
