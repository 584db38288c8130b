"""The station that is broken: the demonstration, with a part every 100 ms.

Every defect it shows is one that the rules catch on their own: whatever the engine
does, a bad part that passes was let pass by a fault of ours.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.maintenance_key import lock_of
from gonogo.build.station import Make, prepare_station
from gonogo.config.station import Station, load_station
from gonogo.drivers.scene.section import Defect
from gonogo.proving.campaign.rows import BUDGET, PITCH

if TYPE_CHECKING:
    from collections.abc import Callable

DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"
PITCH_MM = 20.0  # with the pitch in ms this gives the belt's speed
KEY = "campaign"  # of the maintenance lock: nobody else has it, and the station is gone afterwards
POOL = 24  # so many different parts: enough of each defect, and quick to draw
GROWTH_MB = 60.0  # little enough for "engine-leak" to reach within its 1.5 s


def campaign_station(
    folder: Path, seed: int, progress: Callable[..., None], pitch_ms: float = PITCH
) -> Station:
    """The station, its engine taught in `folder`, where its records go, too."""
    demo = load_station(DEMO)
    fields = demo.model_dump()
    fields["station"] |= {
        # of its own: names are locked, and two campaigns may run on one box
        "name": f"campaign{os.getpid()}",
        "budget_ms": BUDGET,
        "pitch_mm": PITCH_MM,
        "speed_mm_s": 1000 * PITCH_MM / pitch_ms,
        "decision_distance_mm": None,  # the demonstration's would not fit to this pitch
    }
    fields["plc"]["port"] = free_port()
    view = fields["view"][0]
    # only what rules see alone: whatever befalls the engine, a bad part must not pass
    caught = (Defect.MISSING_HOLE, Defect.WRONG_COLOUR, Defect.WRONG_SIZE)
    view["camera"] |= {"defects": caught, "defect_pct": 50, "pool": POOL, "seed": seed}
    # named, and not chosen by measure: the same on every box
    view["engine"] |= {"model": folder / "engine" / "top.onnx", "backend": "onnxruntime"}
    fields["records"]["path"] = folder / "records.sqlite"
    fields["watchdog"]["growth_mb"] = GROWTH_MB
    fields["maintenance"] = {"key_scrypt": lock_of(KEY)}
    station = Station.model_validate(fields)
    prepare_station(station, progress, Make.MISSING)
    return station


def free_port() -> int:
    """A TCP port on loopback that nobody has now."""
    with socket.socket() as probe:
        # free until somebody else takes it: who listens next has to be quick
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
