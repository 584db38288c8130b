"""The soak: many parts at the highest rate the box holds, with a fault every hundred parts.

Faults that end a process are rarer than the others, and come in the first half only, so
that every process lives long enough to show whether it grows.
"""

from __future__ import annotations

import itertools
import json
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import FaultError
from gonogo.base.realtime import permitted
from gonogo.proving.campaign.analysis import Analysis
from gonogo.proving.campaign.ground import campaign_station
from gonogo.proving.campaign.resources import Resources
from gonogo.proving.campaign.rows import PITCH, ROWS, CampaignRow
from gonogo.proving.campaign.run import Segment, Trace, under_fire
from gonogo.proving.rehearse import passed, rehearse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.build.station import Progress
    from gonogo.config.station import Station
    from gonogo.proving.campaign.run import Campaign

PITCHES_MS = (20.0, 25.0, 30.0, 35.0, 40.0, 50.0, 70.0, PITCH)
TRIAL_PARTS = 300
FAULT_EVERY = 100  # parts
ENDING_EVERY = 20  # faults: one of them ends a process
ENDING = (
    "engine-kill", "line-kill", "records-kill", "engine-stop", "line-stop", "engine-lost",
    "line-abort", "supervisor-kill",
)  # fmt: skip
LEFT_OUT = (
    "engine-leak", "plc-frozen", "plc-silent", "plc-slow", "cpu-hog",  # last too long
    "second-station", "second-copy",  # so do these: a station starts, and is gone for seconds
    "overrate",  # parts already come as fast as the box takes them
)  # fmt: skip
HERE = [row for row in ROWS if row.ground == "plc"]
SAMPLE_S = 5.0
NS_PER_S = 1_000_000_000
SOAK = CampaignRow("soak", f"a fault every {FAULT_EVERY} parts", "", None)


def soak(
    parts: int,
    seed: int,
    report: Path,
    progress: Progress,
    tell: Callable[[str, int, int], None],
) -> dict[str, Any]:
    """Run it and write `soak.json` into `report`; the figures."""
    report.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gonogo-soak-") as name:
        folder = Path(name)
        station = fastest(folder, seed, progress)
        started_s = time.monotonic()
        journal = folder / "plc.jsonl"
        resources = Resources()
        with under_fire(station, seed, journal) as campaign:
            segment = _run(campaign, parts, seed, resources, tell)
            campaign.calm()
        analysis = Analysis(Trace((segment,), (), journal))
        outcome = analysis.row(segment)
    found = outcome.as_json() | {
        "pitch_ms": station.station.pitch_ms,
        "seconds": round(time.monotonic() - started_s, 1),
        "seed": seed,
        "realtime": permitted(),
        "passed": outcome.clean,
        "exit_code": outcome.exit_code,
        "resources": resources.as_json(),
    }
    (report / "soak.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def fastest(folder: Path, seed: int, progress: Progress) -> Station:
    """The station at the shortest pitch at which every part is inspected in time, one step slower.

    The step is for the processes that are started anew while parts come.
    """
    for number, pitch_ms in enumerate(PITCHES_MS[:-1]):
        station = campaign_station(folder, seed, progress, pitch_ms)
        found = rehearse(station, TRIAL_PARTS)
        if passed(found) and not found["verdict_kinds"].get("not_inspected"):
            return campaign_station(folder, seed, progress, PITCHES_MS[number + 1])
    raise FaultError(f"this box does not even hold a part every {PITCHES_MS[-2]:g} ms")


def faults(seed: int, ending_until: int) -> Iterator[CampaignRow]:
    """Which fault comes next, for ever; each kind as often as the others of its sort.

    The first `ending_until` may end a process.
    """
    rng = random.Random(seed)  # noqa: S311 - not a secret
    ending = [row for row in HERE if row.name in ENDING]
    others = [row for row in HERE if row.name not in {*ENDING, *LEFT_OUT}]
    rng.shuffle(others)
    one, other = itertools.cycle(ending), itertools.cycle(others)
    for number in itertools.count(1):
        ends = number % ENDING_EVERY == 0 and number <= ending_until
        yield next(one) if ends else next(other)


def _run(
    campaign: Campaign,
    parts: int,
    seed: int,
    resources: Resources,
    tell: Callable[[str, int, int], None],
) -> Segment:
    pitch_s = campaign.running.station.station.pitch_ms / 1000
    campaign.calm()
    campaign.entries.clear()
    from_ns = time.monotonic_ns()
    started_s = sampled_s = time.monotonic()
    shots, judged = [], 0
    half = parts // FAULT_EVERY // 2
    for number, row in enumerate(faults(seed, half), start=1):
        due_s = started_s + number * FAULT_EVERY * pitch_s
        while time.monotonic() < due_s:
            if time.monotonic() - sampled_s > SAMPLE_S:
                sampled_s = time.monotonic()
                resources.look(campaign.running)
            campaign.running.wait(0.05)
        if judged >= parts:
            break
        shots.append(campaign.shoot(row))
        campaign.calm()
        judged += len(campaign.entries)
        campaign.entries.clear()
        tell("soak", judged, parts)
    return Segment(SOAK, from_ns, time.monotonic_ns(), tuple(shots))
