"""The stations that are broken: most faults need the first one, some another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.config.station import Station
from gonogo.drivers.board.process import ASKED
from gonogo.proving.campaign.bundles import bundle_station
from gonogo.proving.campaign.ground import campaign_station
from gonogo.proving.campaign.rows import PITCH
from gonogo.proving.peers.network_camera import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FEW_PARTS = 8
# small frames: what is broken is their way, and not how many bytes go there
NETWORK_CAMERA = {
    "driver": "aravis",
    "address": ADDRESS,
    "width_px": 128,
    "height_px": 96,
    "pixel_format": "mono8",
    "exposure_us": 5000.0,  # it waits for no light, but with less its pictures grow dark
    "trigger": "software",
    "socket_buffer_kb": 64,
    "heartbeat_ms": 1500,
}
ANY_FRAME = {
    "name": "there",
    "kind": "presence",
    "method": "blobs",
    "segment": {"object_is": "light", "threshold": 40},
    "low": 0.0,
}


def eye_station(folder: Path, seed: int, progress: Callable[..., None]) -> Station:
    """Its own photo-eye names the parts, and not the PLC."""
    fields = campaign_station(folder, seed, progress).model_dump()
    # a doubled pulse needs a photo-eye of the station's own: a PLC's part comes by its id, once
    fields["trigger"] = {"driver": "timer", "period_ms": PITCH}
    return Station.model_validate(fields)


def camera_station(folder: Path, seed: int, progress: Callable[..., None]) -> Station:
    """Its camera has a process of its own, as one with a device has."""
    fields = campaign_station(folder, seed, progress).model_dump()
    # few parts: the process draws them anew whenever it opens, and is not to count as hung
    fields["view"][0]["camera"] |= {"own_process": True, "pool": FEW_PARTS}
    return Station.model_validate(fields)


def two_camera_station(folder: Path, seed: int, progress: Callable[..., None]) -> Station:
    """Two views of the same part, each camera in a process of its own; one of them is scored."""
    fields = camera_station(folder, seed, progress).model_dump()
    (view,) = fields["view"]
    fields["view"] = [view, view | {"name": "side", "engine": None}]
    return Station.model_validate(fields)


def network_station(folder: Path, seed: int, progress: Callable[..., None]) -> Station:
    """A second view by Aravis' fake camera: any frame of it passes, the first view judges."""
    fields = campaign_station(folder, seed, progress).model_dump()
    side = {"name": "side", "camera": NETWORK_CAMERA, "rule": (ANY_FRAME,)}
    fields["view"] = [*fields["view"], side]
    return Station.model_validate(fields)


def watched_station(folder: Path, seed: int, progress: Callable[..., None]) -> Station:
    """The heat of its box is watched; what this box says itself is not looked at."""
    fields = campaign_station(folder, seed, progress).model_dump()
    fields["board"] = {"every_s": 0.2, "zones": (ASKED,), "jetson_stats": "never"}
    return Station.model_validate(fields)


# one station after the other, in this order; rows name theirs in `ground`
GROUNDS: dict[str, Callable[[Path, int, Callable[..., None]], Station]] = {
    "plc": campaign_station,
    "photo-eye": eye_station,
    "bundles": bundle_station,
    "camera": camera_station,
    "two cameras": two_camera_station,
    "network camera": network_station,
    "hot box": watched_station,
}
