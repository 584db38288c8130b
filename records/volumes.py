"""The files of a station's records: one a month, and another one where that cannot be written on.

The station file says `records.sqlite`; the files beside that place are `records-2026-11.sqlite`,
then `records-2026-11.2.sqlite`, by the month (UTC) in which their parts passed.
"""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Volume(NamedTuple):
    """One file: of a month (`2026-11`), counted from 1. They sort by age."""

    month: str
    number: int
    path: Path


def volumes(base: Path) -> list[Volume]:
    """Those that are there, oldest first; `base` is the path in the station file."""
    pattern = rf"{re.escape(base.stem)}-(\d{{4}}-\d{{2}})(?:\.(\d+))?{re.escape(base.suffix)}"
    folder = base.parent
    found = []
    for name in os.listdir(folder) if folder.is_dir() else ():  # noqa: PTH208
        match = re.fullmatch(pattern, name)
        if match:
            found.append(Volume(match[1], int(match[2] or 1), folder / name))
    return sorted(found)


def volume(base: Path, month: str, number: int = 1) -> Volume:
    """That of a month."""
    count = "" if number == 1 else f".{number}"
    return Volume(month, number, base.with_name(f"{base.stem}-{month}{count}{base.suffix}"))


def base_of(path: Path) -> Path:
    """The path of the station file, of the file of a month; any other path as it is."""
    match = re.fullmatch(r"(.+)-\d{4}-\d{2}(?:\.\d+)?", path.stem)
    return path if match is None else path.with_name(f"{match[1]}{path.suffix}")


def month_of(wall_ms: int) -> str:
    """The month of a time, UTC."""
    return datetime.fromtimestamp(wall_ms / 1000, timezone.utc).strftime("%Y-%m")
