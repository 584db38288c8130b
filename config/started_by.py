"""By which station file a station was started: its audit trail tells of each start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import StationFileError

if TYPE_CHECKING:
    from gonogo.ipc.audit.row import Row
    from gonogo.ipc.audit.trail import Trail

START = "station file"  # the rows of starts


def started_by(name: str, trail: Trail | None) -> Path:
    """The file of the last start; StationFileError where nobody knows it."""
    file = None if trail is None else file_of(last_start(trail))
    if file is None:
        raise StationFileError(
            f"station '{name}': by which station file it runs is not known here (its audit trail "
            "names none that is there); expected --station FILE.toml"
        )
    return file


def last_start(trail: Trail) -> Row | None:
    """The row in which the last start told of its file; AuditError.

    That it came up with it is told by a row of its own, which names no file.
    """
    return trail.last(START, but="done")


def file_of(row: Row | None) -> Path | None:
    """The station file that such a row tells of, also one of a start that failed; None: gone.

    Rows of an earlier gonogo may have it as it was typed: from which folder nobody knows.
    """
    new = row.new if row is not None and isinstance(row.new, dict) else {}
    asked = new.get("asked")
    told = new.get("file") or (asked.get("file") if isinstance(asked, dict) else None)
    path = Path(told) if isinstance(told, str) else None
    return path if path is not None and path.is_absolute() and path.is_file() else None
