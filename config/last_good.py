"""The last station file with which the station came up, for the day when it is edited wrongly.

`gonogo run` writes the file it starts with as a candidate; the records process makes it
the last good one once the line lives. They lie in $STATE_DIRECTORY where a service
manager names one, else beside the station file; where neither can be written there is
no last good file.

Both end with a line that holds the SHA-256 of all before it: a last good file that has lost a
bit is refused. A station file is edited by hand and holds none; what has become of it since the
station last came up is told at each start, line by line.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_file import SYSTEM, replace
from gonogo.base.errors import StationFileError
from gonogo.base.log.logger import get_logger
from gonogo.config.reader import read
from gonogo.config.station import parse_station
from gonogo.ipc.last_good_file import candidate, digest, last_good, marked, unmarked

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.atomic_file import Files
    from gonogo.config.station import Station

log = get_logger(__name__)

_TOLD_LINES = 12  # of what has changed


class Loaded(NamedTuple):
    """A station to run, from these very bytes. `fell_back`: of the last good file."""

    station: Station
    raw: bytes
    fell_back: bool


def load_or_last_good(path: Path) -> Loaded:
    """The station of a file, or of the last good one; StationFileError where there is neither."""
    try:
        # once: the station is made of these bytes, and these bytes are kept
        raw = read(path)
        return Loaded(parse_station(path, raw), raw, fell_back=False)
    except StationFileError as error:
        kept = last_good(path)
        # no start has come up yet: the findings are all there is to say
        if not kept.is_file():
            raise
        log.error("station_file_wrong", text="%(findings)s", findings=error.args[0])  # noqa: TRY400 - the findings are for a technician
        log.error(  # noqa: TRY400 - as above
            "last_good_taken",
            text=(
                "%(code)s: the station file is not right (see above): starting with the "
                "last good one, %(path)s; the PLC sees FAULT config as a warning"
            ),
            code=f"GN{error.code}",
            path=kept,
        )
    raw = unmarked(kept, read(kept))
    # paths in it start where the station file lies, not where the kept one does
    return Loaded(parse_station(kept, raw, path.absolute().parent), raw, fell_back=True)


def changes(path: Path, raw: bytes) -> list[str]:
    """What of a station file is not as it was when the station last came up; [] for nothing."""
    try:
        before = unmarked(last_good(path), last_good(path).read_bytes())
    # none yet, or damaged: there is nothing to compare with
    except (OSError, StationFileError):
        return []
    # to show, not to run: a byte that is no UTF-8 is a change like any other
    old, new = (text.decode(errors="replace").splitlines() for text in (before, raw))
    found = difflib.unified_diff(old, new, lineterm="", n=0)
    return [line for line in found if line[:3] not in {"---", "+++"} and line[:2] != "@@"]


def tell_changes(path: Path, raw: bytes) -> None:
    """Say which station file this is, and what has changed in it: a bit decides what passes."""
    found = changes(path, raw)
    log.info(
        "station_file_read",
        text="station file %(path)s: sha256 %(sha256)s",
        path=path,
        sha256=digest(raw),
    )
    if found:
        log.warning(
            "station_file_changed",
            text="the station file is not the one with which the station last came up:",
        )
    for line in found[:_TOLD_LINES]:
        log.warning("station_file_change", text="  %(line)s", line=line)
    if len(found) > _TOLD_LINES:
        log.warning(
            "station_file_changes_more",
            text="  and %(count)d lines more",
            count=len(found) - _TOLD_LINES,
        )


def propose(path: Path, raw: bytes, files: Files = SYSTEM) -> None:
    """Keep a station file as a candidate, unless it is the last good one already."""
    good, kept = last_good(path), marked(raw)
    try:
        # each start of the same file leaves the disk alone
        if not (good.is_file() and good.read_bytes() == kept):
            replace(candidate(path), kept, files)
    except OSError as error:
        # a full or read-only disk must not keep a station from starting
        log.warning(
            "last_good_not_kept",
            text="%(folder)s: no last good station file is kept: %(why)s",
            folder=good.parent,
            why=error.strerror,
        )
