"""`gonogo run`: the station until it is asked to stop."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gonogo.runtime.signals import interruptible
from gonogo.runtime.startup import RunningStation

if TYPE_CHECKING:
    from gonogo.runtime.station import Station

log = logging.getLogger(__name__)

WATCH_S = 0.2


def run_station(station: Station) -> None:
    """Start, watch, stop in order; ProcessFailed when the line ends on its own."""
    with interruptible() as interrupt, RunningStation(station) as running:
        log.info(
            "station '%s' runs (engine: %s, PLC: %s %s:%d); Ctrl-C stops it",
            running.name,
            running.engine_backend or "none",
            station.plc.driver,
            station.plc.host,
            station.plc.port,
        )
        while not interrupt.asked:
            running.processes.watch(WATCH_S)
            running.processes.require("line")
        log.info("stopping after %d parts", running.heartbeat.cycles)
