"""Which rows of the process table a station has: a predicate each, by its file and its bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.config.view_limits import backends_of
from gonogo.engines.backends.catalogue import BACKENDS

if TYPE_CHECKING:
    from gonogo.config.station import Station
    from gonogo.launch.told import Given


def always(_: Given) -> bool:
    """Every station has it."""
    return True


def scored(given: Given) -> bool:
    """Some view has an engine."""
    # limits are there exactly where a view has an engine
    return any(given.limits)


def exchanges(given: Given) -> bool:
    """Engines are exchanged while parts flow: [engines]."""
    return given.station.engines is not None


def exchanges_in_one(given: Given) -> bool:
    """They run on a device that only one process can have: both places are in one."""
    return exchanges(given) and any(
        name in BACKENDS
        and BACKENDS.entry(name).is_alone  # a bundle may be for one of another gonogo
        for name in backends_of(given.station, given.engines)
    )


def exchanges_in_two(given: Given) -> bool:
    """Each place is a process of its own."""
    return exchanges(given) and not exchanges_in_one(given)


def scored_by_one(given: Given) -> bool:
    """Some view has an engine, and place A a process of its own."""
    return scored(given) and not exchanges_in_one(given)


def learnt(given: Given) -> bool:
    """Some view has learnt what good pictures are like: [view.trust]."""
    return any(view.trust is not None for view in given.station.view)


def measured(given: Given) -> bool:
    """Its figures are served: [metrics]."""
    return given.station.metrics is not None


def consoled(given: Given) -> bool:
    """A technician's console is on a serial port: [console]."""
    return given.station.console is not None


def screened(given: Given) -> bool:
    """The operator's screen is served: [screen]."""
    return given.station.screen is not None


def kept(given: Given) -> bool:
    """Messages are kept in files: [log] path."""
    return given.station.log.path is not None


def pictured(given: Given) -> bool:
    """Pictures of parts are kept: [records.images]."""
    return given.station.records.images is not None


def drifts(given: Given) -> bool:
    """It is charted whether what was decided still holds: [records.drift]."""
    return given.station.records.drift is not None


def watched(given: Given) -> bool:
    """The heat of the box is watched: [board]."""
    return given.station.board is not None


def device_views(station: Station) -> tuple[int, ...]:
    """The views whose camera holds a device, and so has a process of its own."""
    return tuple(k for k, view in enumerate(station.view) if not view.camera.shareable)
