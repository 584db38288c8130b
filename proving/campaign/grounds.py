"""The stations that are broken: most faults need the first one, some another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.config.station import Station
from gonogo.proving.campaign.bundles import bundle_station
from gonogo.proving.campaign.ground import campaign_station
from gonogo.proving.campaign.rows import PITCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def eye_station(folder: Path, seed: int, progress: Callable[..., None]) -> Station:
    """Its own photo-eye names the parts, and not the PLC."""
    fields = campaign_station(folder, seed, progress).model_dump()
    # a doubled pulse needs a photo-eye of the station's own: a PLC's part comes by its id, once
    fields["trigger"] = {"driver": "timer", "period_ms": PITCH}
    return Station.model_validate(fields)


def camera_station(folder: Path, seed: int, progress: Callable[..., None]) -> Station:
    """Its camera has a process of its own, as one with a device has."""
    fields = campaign_station(folder, seed, progress).model_dump()
    fields["view"][0]["camera"]["own_process"] = True
    return Station.model_validate(fields)


# one station after the other, in this order; rows name theirs in `ground`
GROUNDS: dict[str, Callable[[Path, int, Callable[..., None]], Station]] = {
    "plc": campaign_station,
    "photo-eye": eye_station,
    "bundles": bundle_station,
    "camera": camera_station,
}
