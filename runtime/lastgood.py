"""The last station file with which the station came up, for the day when it is edited wrongly.

`gonogo run` writes the file it starts with as a candidate; the records process makes it
the last good one once the line lives. They lie in $STATE_DIRECTORY where a service
manager names one, else beside the station file; where neither can be written there is
no last good file.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.runtime import wholefile
from gonogo.runtime.errors import StationFileError
from gonogo.runtime.station import load_station

if TYPE_CHECKING:
    from gonogo.runtime.station import Station

log = logging.getLogger(__name__)


class Loaded(NamedTuple):
    """A station to run. `fell_back`: its file is wrong, this is the last good one."""

    station: Station
    fell_back: bool


def load_or_last_good(path: Path) -> Loaded:
    """The station of a file, or of the last good one; StationFileError where there is neither."""
    try:
        return Loaded(load_station(path), fell_back=False)
    except StationFileError as error:
        kept = last_good(path)
        if not kept.is_file():
            raise
        log.error("%s", error.args[0])  # noqa: TRY400 - the findings are for a technician
        log.error(  # noqa: TRY400 - as above
            "GN%d: the station file is not right (see above): starting with the last good one, %s; "
            "the PLC sees FAULT config as a warning",
            error.code,
            kept,
        )
    return Loaded(load_station(kept, path.absolute().parent), fell_back=True)


def propose(path: Path) -> None:
    """Keep a station file as a candidate, unless it is the last good one already."""
    good = last_good(path)
    try:
        data = path.read_bytes()
        if not (good.is_file() and good.read_bytes() == data):
            wholefile.replace(candidate(path), data)
    except OSError as error:
        log.warning("%s: no last good station file is kept: %s", good.parent, error.strerror)


def accept(proposed: Path) -> None:
    """The station came up with this candidate, if there is one: it is the last good file now."""
    with contextlib.suppress(OSError):
        wholefile.move(proposed, proposed.with_suffix(""))


def last_good(path: Path) -> Path:
    """Where the last good version of a station file lies."""
    folder = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return (Path(folder) if folder else path.absolute().parent) / f".{path.name}.last-good"


def candidate(path: Path) -> Path:
    """Where the version lies that has not proven itself yet."""
    good = last_good(path)
    return good.with_name(good.name + ".candidate")
