"""A station without a photo-eye: a camera of GStreamer's finds the parts, and is killed meanwhile.

The parts are GStreamer's as well: a ball that sweeps through the picture, once in 200 frames. What
each judged frame shows a rule says, which knows nothing of how the part was found.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import NS_PER_MS, Reason, VerdictKind
from gonogo.ipc.journal import JournalReader
from gonogo.launch.running_station import RunningStation
from gonogo.proving.figures import Tally
from gonogo.tests.camera_stations import WAIT_S, kill_and_await
from gonogo.tests.drivers.cameras.gstreamer.live import keys, needs_gstreamer, source
from gonogo.tests.stations import remains_of, small_station

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.config.station import Station
    from gonogo.ipc.journal_records import VerdictEntry

NOISE_MISSING = not [*Path("/usr/lib").glob("*/gstreamer-1.0/libgsteffectv.so")]
pytestmark = [
    needs_gstreamer,
    pytest.mark.skipif(
        NOISE_MISSING, reason="not installed: libgsteffectv.so (tests/peers/install.sh)"
    ),
]

PARTS, PASS_MS = 10, 500.0
WIDTH_PX, HEIGHT_PX = 320, 80
SHARE_PCT = 60.0
LATE = {Reason.CAMERA, Reason.FRAME, Reason.TRIGGER, Reason.OVERRATE}
# the ball comes from above, is here half way down, and begins anew
PLACE = {"x_px": 188, "y_px": 36, "width_px": 10, "height_px": 8}
GATE = PLACE | {"part_is": "brighter", "level": 128, "on_pct": SHARE_PCT}
IN_PLACE = {
    "name": "in place", "kind": "colour", "measure": "share", "roi": PLACE,
    "range_low": (0, 0, 50), "range_high": (360, 100, 100), "low": SHARE_PCT,
}  # fmt: skip


def ball_station(folder: Path, **line: Any) -> Station:  # noqa: ANN401 - keys of [station]
    """One view; a part every half second, as 400 frames a second bring it."""
    moving = source("pattern=ball motion=hsweep", WIDTH_PX, HEIGHT_PX, "400/1")
    # as a real sensor has it: without it a pass would be a copy of the one before to the bit
    noise = "videoconvert ! agingtv scratch-lines=0 dusts=false pits=false ! videoconvert"
    camera = keys(
        pipeline=f"{moving} ! {noise}", width_px=WIDTH_PX, height_px=HEIGHT_PX, pixel_format="bgr8",
        exposure_us=100.0, readout_ms=1.0,
    )  # fmt: skip
    view = {"name": "top", "camera": camera, "rule": (IN_PLACE,)}
    return small_station(
        folder, view, driver="modbus-server", trigger={"driver": "camera", "gate": GATE},
        budget_ms=250.0, pitch_mm=PASS_MS * 0.2, **line,
    )  # fmt: skip


def judged(
    station: Station, act: Callable[[RunningStation], object], parts: int
) -> list[VerdictEntry]:
    """So many parts, and what is done once the first have passed."""
    tally, acted = Tally(), False
    with RunningStation(station) as running:
        reader, end_s = JournalReader(running.journal), time.monotonic() + WAIT_S
        while len(tally.verdicts) < parts:
            assert time.monotonic() < end_s, f"{len(tally.verdicts)} parts"
            if not acted and len(tally.verdicts) >= parts // 2:
                acted = True
                act(running)
            running.wait(0.02)
            tally.take(reader)
    return [tally.verdicts[serial] for serial in sorted(tally.verdicts)]


def accepted(entries: list[VerdictEntry]) -> list[VerdictEntry]:
    """By the rule alone: it saw the part in place."""
    return [entry for entry in entries if entry.kind is VerdictKind.ACCEPT]


def test_station_finds_each_part_in_the_frames_of_its_camera(tmp_path: Path) -> None:
    """One verdict a pass, of the frame in which it came into place, in time."""
    station = ball_station(tmp_path)
    entries = judged(station, lambda _: None, PARTS)
    assert [entry.part.part_id for entry in entries] == list(range(1, len(entries) + 1))
    # before the first nobody has looked
    assert entries[0].reason is Reason.TRIGGER
    seen = accepted(entries)
    assert len(seen) >= PARTS // 3  # the others: too late on a busy box
    for entry in seen:
        (check,) = entry.checks
        assert check.value >= SHARE_PCT
        assert entry.stamps.decided_ns < entry.part.deadline_ns
    others = [entry for entry in entries[1:] if entry not in seen]
    assert {entry.reason for entry in others} <= LATE
    took_ms = (entries[-1].part.trigger_ns - entries[0].part.trigger_ns) / NS_PER_MS
    # a box that was busy shows frames late, and not more of them
    assert took_ms > 0.8 * PASS_MS * (len(entries) - 1), "a pass was found twice"
    assert remains_of(station) == []


def test_station_whose_finding_camera_is_killed_rejects_who_comes_next(tmp_path: Path) -> None:
    """Parts have passed unseen meanwhile; the one after that is accepted again."""
    station = ball_station(tmp_path)
    entries = judged(station, lambda running: kill_and_await(running, "top", 0), PARTS)
    unsure = [k for k, entry in enumerate(entries) if entry.reason is Reason.TRIGGER]
    assert len(unsure) >= 2, "nobody doubted after the kill"
    assert accepted(entries[: unsure[-1]])
    assert all(entry.checks[0].value >= SHARE_PCT for entry in accepted(entries))
    assert remains_of(station) == []
