"""One line of a kept log, for people or as JSON: nothing in it can move a terminal's cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.console import shown, visible
from gonogo.base.log.entry import RAW, to_line

if TYPE_CHECKING:
    from datetime import datetime

    from gonogo.records.log.reading import Line


def as_sentence(line: Line) -> str:
    """When, by this box's clock, how bad, who, and the sentence; what is no message, as it is."""
    if line.entry is None:
        return visible(line.raw.decode(errors="replace"))
    wall = line.wall
    when = visible(str(line.entry.get("time"))) if wall is None else _local(wall.astimezone())
    level = visible(str(line.entry.get("level", ""))).upper()
    return f"{when} {level:<7} {shown(line.entry)}"


def _local(wall: datetime) -> str:
    return f"{wall:%Y-%m-%d %H:%M:%S}.{wall.microsecond // 1000:03d}"


def as_json(line: Line) -> str:
    """Written anew, in ASCII; what is no message, as the text of one."""
    entry = line.entry or {"event": RAW, "text": line.raw.decode(errors="replace")}
    return to_line(entry).decode("ascii").rstrip("\n")
