"""What is looked at once the packages are whole, one generator a matter; each changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.board.command import served
from gonogo.commands.board.found import Needs, find
from gonogo.commands.doctor import (
    clock,
    disks,
    kernel,
    permissions,
    ports,
    stations,
    timing,
    versions,
)
from gonogo.commands.doctor.finding import Scene

if TYPE_CHECKING:
    from gonogo.commands.board.box import Box
    from gonogo.commands.doctor.finding import Looked
    from gonogo.config.station import Station


def look(box: Box, station: Station | None) -> Looked:
    """The box, and what a station needs of it; `box` may be one of files (tests)."""
    scene = Scene(box, station)
    needs = Needs.of(station, served(station)) if station else Needs()
    found = find(box, needs)
    yield from versions.needed(found, needs)
    yield from timing.look(scene, found)
    yield from disks.look(scene)
    yield from clock.look(scene)
    own = stations.own_supervisor(box, station)
    yield from stations.look(scene, own)
    yield from ports.look(scene, own)
    yield from permissions.look(scene)
    yield from kernel.look(scene)
