"""`gonogo run`: the station until it is asked to stop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NoReturn

from gonogo.base.errors import GonogoError
from gonogo.base.fence import here
from gonogo.base.log.logger import get_logger
from gonogo.config.last_good import load_or_last_good, propose, tell_changes
from gonogo.config.trying import sweep
from gonogo.ipc.last_good_file import candidate, digest
from gonogo.launch.audit_start import StartTold
from gonogo.launch.begin_log import Ring, begin_log
from gonogo.launch.engine_names import keep_names
from gonogo.launch.not_there import not_there
from gonogo.launch.patience import Patience
from gonogo.launch.running_station import launch
from gonogo.launch.told import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.config.last_good import Loaded
    from gonogo.config.station import Station

    Become = Callable[[Station, Origin], NoReturn]

log = get_logger(__name__)


def run_station(path: Path, become: Become = launch, *, why: str = "") -> NoReturn:
    """Become the supervisor of a file's station; nothing is made for it.

    `become` is for tests, which stay what they are. `why`: a person's reason, for the audit trail.
    """
    ring = Ring()  # from here on: what was wrong with the file belongs into the log, too
    ring.listen()
    try:
        _run(path, why, become)
    finally:
        ring.close()


def _run(path: Path, why: str, become: Become) -> NoReturn:
    # before it is read: from here on nobody can confirm what was on trial when the last run ended
    left = sweep(path)
    loaded = load_or_last_good(path)
    begin_log(loaded.station)
    # before anything is made: one bit of a limit decides what passes, and people edit this file
    tell_changes(path, loaded.raw)
    start = StartTold(path, loaded, why)
    if left:
        start.taken_back(left)
    start.ask()
    try:
        _start(path, loaded, start, become)
    except GonogoError as error:
        start.failed(error)
        raise


def _start(path: Path, loaded: Loaded, start: StartTold, become: Become) -> NoReturn:
    station, raw, fell_back = loaded
    log.info(
        "memory_order", text="memory order: %(how)s", how=here().said
    )  # or no station: NoFence
    Patience(station.station.name, partial(not_there, station)).wait()
    start.judges()
    keep_names(station)
    log.info(
        "station_starts",
        text="station '%(name)s' starts (PLC: %(driver)s %(place)s); Ctrl-C stops it",
        name=station.station.name,
        driver=station.plc.driver,
        place=station.plc.place,
    )
    # only a candidate: records makes it the last good file once a line has lived with it
    if not fell_back:
        propose(path, raw)
    become(station, Origin(fell_back, candidate(path), digest(raw), path.absolute()))
