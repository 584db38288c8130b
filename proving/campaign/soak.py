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
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import FaultError
from gonogo.base.realtime import permitted
from gonogo.proving.campaign.analysis import Analysis
from gonogo.proving.campaign.ground import campaign_station
from gonogo.proving.campaign.resources import SETTLE_S, Resources
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


class SoakOrder(NamedTuple):
    """What is asked for; all but the first two is as a soak is, and other in its test alone.

    `pitches_ms`, the shortest first, are those that the box is tried with, `trial_parts`
    parts each. Processes are looked at every `sample_s`, once they have lived for `settle_s`.
    """

    parts: int
    seed: int
    pitches_ms: tuple[float, ...] = PITCHES_MS
    trial_parts: int = TRIAL_PARTS
    fault_every: int = FAULT_EVERY  # parts
    sample_s: float = SAMPLE_S
    settle_s: float = SETTLE_S


def soak(
    order: SoakOrder, report: Path, progress: Progress, tell: Callable[[str, int, int], None]
) -> dict[str, Any]:
    """Run it and write `soak.json` into `report`; the figures."""
    report.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gonogo-soak-") as name:
        folder = Path(name)
        station = fastest(folder, order, progress)
        started_s = time.monotonic()
        journal = folder / "plc.jsonl"
        resources = Resources(order.settle_s)
        with under_fire(station, order.seed, journal) as campaign:
            segment = _run(campaign, order, resources, tell)
            campaign.calm()
        # without our entries: at that number they are let go, and no row asks for them
        analysis = Analysis(Trace((segment,), (), journal))
        outcome = analysis.row(segment)
    found = outcome.as_json() | {
        "pitch_ms": station.station.pitch_ms,
        "seconds": round(time.monotonic() - started_s, 1),
        "seed": order.seed,
        "realtime": permitted(),
        "passed": outcome.clean,
        "exit_code": outcome.exit_code,
        "resources": resources.as_json(),
    }
    (report / "soak.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def fastest(folder: Path, order: SoakOrder, progress: Progress) -> Station:
    """The station at the shortest pitch at which every part is inspected in time, one step slower.

    The step is for the processes that are started anew while parts come.
    """
    for pitch_ms, slower_ms in itertools.pairwise(order.pitches_ms):
        station = campaign_station(folder, order.seed, progress, pitch_ms)
        found = rehearse(station, order.trial_parts)
        # a station that cannot keep up says so by parts that it does not inspect, in time
        if passed(found) and not found["verdict_kinds"].get("not_inspected"):
            return campaign_station(folder, order.seed, progress, slower_ms)
    slowest_ms = order.pitches_ms[-2]
    raise FaultError(f"this box does not even hold a part every {slowest_ms:g} ms")


def faults(seed: int, ending_until: int) -> Iterator[CampaignRow]:
    """Which fault comes next, for ever; each kind as often as the others of its sort.

    The first `ending_until` may end a process.
    """
    rng = random.Random(seed)  # noqa: S311 - not a secret
    ending = [row for row in HERE if row.name in ENDING]
    others = [row for row in HERE if row.name not in {*ENDING, *LEFT_OUT}]
    # once: then they come in turn, so that none comes more often than another
    rng.shuffle(others)
    one, other = itertools.cycle(ending), itertools.cycle(others)
    for number in itertools.count(1):
        # a process that ended has no slope
        ends = number % ENDING_EVERY == 0 and number <= ending_until
        yield next(one) if ends else next(other)


def _run(
    campaign: Campaign,
    order: SoakOrder,
    resources: Resources,
    tell: Callable[[str, int, int], None],
) -> Segment:
    pitch_s = campaign.running.station.station.pitch_ms / 1000
    campaign.calm()
    campaign.entries.clear()
    from_ns = time.monotonic_ns()
    started_s = sampled_s = time.monotonic()
    shots, judged = [], 0
    half = order.parts // order.fault_every // 2
    for number, row in enumerate(faults(order.seed, half), start=1):
        due_s = started_s + number * order.fault_every * pitch_s
        while time.monotonic() < due_s:
            # between faults only: what a fault takes for a moment is no growth
            if time.monotonic() - sampled_s > order.sample_s:
                sampled_s = time.monotonic()
                resources.sample(campaign.running)
            campaign.running.wait(0.05)
        if judged >= order.parts:
            break
        shots.append(campaign.shoot(row))
        campaign.calm()
        judged += len(campaign.entries)
        campaign.entries.clear()  # only their number counts here: a soak may be a million parts
        tell("soak", judged, order.parts)
    what = f"a fault every {order.fault_every} parts"
    row = CampaignRow("soak", what, detect="", bound_ms=None)
    return Segment(row, from_ns, time.monotonic_ns(), tuple(shots))
