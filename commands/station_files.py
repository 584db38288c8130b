"""The station file of a station: as it was typed, or by which one that runs was started."""

from __future__ import annotations

from pathlib import Path

from gonogo.base.errors import StationFileError


def station_file(station: str | None) -> Path:
    """Of a file or of a running station's name; StationFileError where nobody knows it.

    A running one has told its audit trail by which file it was started.
    """
    if station is not None and station.endswith(".toml"):
        return Path(station)
    from gonogo.commands.auditing import of_running
    from gonogo.commands.running import running
    from gonogo.launch.audit_start import START

    name = running(station)
    trail = of_running(name)
    row = None if trail is None else trail.last(START)
    told = row.new.get("file") if row is not None and isinstance(row.new, dict) else None
    # one from another folder is not to be guessed at
    if not isinstance(told, str) or not Path(told).is_absolute() or not Path(told).is_file():
        raise StationFileError(
            f"station '{name}': by which station file it runs is not known here "
            f"({told or 'nothing'} in its audit trail); expected --station FILE.toml"
        )
    return Path(told)
