"""The station file of a station: as it was typed, or by which one that runs was started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import StationFileError

if TYPE_CHECKING:
    from gonogo.ipc.audit.trail import Trail


def station_file(station: str | None) -> Path:
    """Of a file, or of a running station's name; StationFileError where nobody knows it."""
    if station is not None and station.endswith(".toml"):
        return Path(station)
    from gonogo.commands.auditing import of_running
    from gonogo.commands.running import running

    name = running(station)
    return started_by(name, of_running(name))


def started_by(name: str, trail: Trail | None) -> Path:
    """The file that its audit trail names, in which each start is told; StationFileError."""
    from gonogo.launch.audit_start import START, file_of

    file = None if trail is None else file_of(trail.last(START))
    if file is None:
        raise StationFileError(
            f"station '{name}': by which station file it runs is not known here (its audit trail "
            "names none that is there); expected --station FILE.toml"
        )
    return file
