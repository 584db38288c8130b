"""`gonogo run`: the station until it is asked to stop."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NoReturn

from gonogo.runtime.startup import launch

if TYPE_CHECKING:
    from gonogo.runtime.station import Station

log = logging.getLogger(__name__)


def run_station(station: Station) -> NoReturn:
    """Become the station's supervisor."""
    log.info(
        "station '%s' starts (PLC: %s %s); Ctrl-C stops it",
        station.station.name,
        station.plc.driver,
        station.plc.address,
    )
    launch(station)
