"""`gonogo run`: the station until it is asked to stop."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NoReturn

from gonogo.base.errors import GonogoError
from gonogo.base.fence import here
from gonogo.build.station import prepare_station
from gonogo.config.last_good import load_or_last_good, propose, tell_changes
from gonogo.ipc.last_good_file import candidate, digest
from gonogo.launch.audit_start import StartTold
from gonogo.launch.running_station import launch
from gonogo.launch.told import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.build.station import Progress
    from gonogo.config.last_good import Loaded
    from gonogo.config.station import Station

    Become = Callable[[Station, Origin], NoReturn]

log = logging.getLogger(__name__)


def run_station(
    path: Path, progress: Progress, become: Become = launch, *, why: str = ""
) -> NoReturn:
    """Prepare the station of a file and become its supervisor.

    `become` is for tests, which stay what they are. `why`: a person's reason, for the audit trail.
    """
    loaded = load_or_last_good(path)
    # before anything is made: one bit of a limit decides what passes, and people edit this file
    tell_changes(path, loaded.raw)
    start = StartTold(path, loaded, why)
    start.ask()
    try:
        _start(path, loaded, start, (progress, become))
    except GonogoError as error:
        start.failed(error)
        raise


def _start(path: Path, loaded: Loaded, start: StartTold, by: tuple[Progress, Become]) -> NoReturn:
    station, raw, fell_back = loaded
    progress, become = by
    log.info("memory order: %s", here().said)  # or no station: NoFence
    # engines that are described and not there yet: minutes, in which no part is judged
    prepare_station(station, progress)
    start.judges()
    log.info(
        "station '%s' starts (PLC: %s %s); Ctrl-C stops it",
        station.station.name,
        station.plc.driver,
        station.plc.place,
    )
    # only a candidate: records makes it the last good file once a line has lived with it
    if not fell_back:
        propose(path, raw)
    become(station, Origin(fell_back, candidate(path), digest(raw)))
