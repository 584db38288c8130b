"""Three cameras at three places along the belt look at each part as it comes by.

The judge is the PLC simulator's journal: no wrong ACCEPT, nothing late, nothing missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.tests.camera_stations import clean, frames, rehearsed
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

DELAYS_MS = (0.0, 40.0, 80.0)
RULE = DIAMETER | {"mm_per_px": 0.2, "low": 71.4, "high": 72.6}


def test_station_looks_at_a_part_at_three_places(tmp_path: Path) -> None:
    """Each view once the part is there; what the last one alone sees rejects it."""
    camera = synthetic(width_px=640, height_px=480, defect_pct=0.0)
    bad = camera | {"defects": ("wrong_size",), "defect_pct": 50.0, "seed": 9}
    views = (
        {"name": "front", "camera": camera, "rule": (RULE,)},
        {"name": "middle", "camera": camera | {"seed": 5}, "rule": (RULE,), "offset_mm": 8.0},
        {"name": "back", "camera": bad, "rule": (RULE,), "offset_ms": 80.0},
    )
    station = small_station(tmp_path, *views, budget_ms=250.0, pitch_mm=60.0)
    assert station.delays_ms == DELAYS_MS, "at 200 mm/s"
    found, tally = rehearsed(station, tmp_path, lambda *_: None)
    assert clean(found)
    assert all(frames(tally))
    for entry in tally.verdicts.values():
        after_ms = [(look.frame_ns - entry.part.trigger_ns) / 1e6 for look in entry.looks]
        assert after_ms == sorted(after_ms)
        assert all(ms >= due_ms for ms, due_ms in zip(after_ms, DELAYS_MS, strict=True))
