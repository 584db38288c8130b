"""From which temperature on a zone is warm, and from which on too hot for an engine.

The station file says so, or the kernel's own trip points propose it: whoever judges without an
engine from there on keeps the box from being switched off, with which nothing would be judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gonogo.drivers.board.reading import Zone
    from gonogo.drivers.board.section import BoardSection

SHED_C = 95.0  # of a zone of which the kernel says nothing
BEFORE_C = 5.0  # before the kernel slows the chip down, or switches the box off
WARN_BEFORE_C = 10.0  # before shed
LEAST_C = 50.0  # trip points below it are for fans and skins, not for chips


class ZoneLimits(NamedTuple):
    """In degrees Celsius; at either it has been reached."""

    warn_c: float
    shed_c: float


def limits_of(zone: Zone, section: BoardSection) -> ZoneLimits:
    """Of one zone: as the file says, else as the kernel proposes; warn is below shed."""
    shed_c = section.shed_c
    if shed_c is None:
        shed_c = _proposed_shed_c(zone)
        if section.warn_c is not None:  # asked for by a person: not overruled by a proposal
            shed_c = max(shed_c, section.warn_c + BEFORE_C)
    warn_c = section.warn_c
    if warn_c is None:
        passive_c = zone.trip_c("passive")
        warn_c = shed_c - WARN_BEFORE_C
        if passive_c is not None and LEAST_C <= passive_c < shed_c:
            warn_c = passive_c - BEFORE_C
    return ZoneLimits(warn_c, shed_c)


def _proposed_shed_c(zone: Zone) -> float:
    critical_c, hot_c = zone.trip_c("critical"), zone.trip_c("hot")
    if hot_c is not None and hot_c >= LEAST_C:
        return hot_c
    if critical_c is not None and critical_c >= LEAST_C + BEFORE_C:
        return critical_c - BEFORE_C
    return SHED_C
