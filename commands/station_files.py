"""The station file of a station: as it was typed, or by which one that runs was started."""

from __future__ import annotations

from pathlib import Path


def station_file(station: str | None) -> Path:
    """Of a file, or of a running station's name; StationFileError where nobody knows it."""
    if station is not None and station.endswith(".toml"):
        return Path(station)
    from gonogo.commands.auditing import of_running
    from gonogo.commands.running import running
    from gonogo.config.started_by import started_by

    name = running(station)
    return started_by(name, of_running(name))
