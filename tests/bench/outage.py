"""What an outage of the PLC link costs: the link broken in three ways at random moments.

The station has its own photo-eye, so that parts come while nobody listens. `cycle` is
from the trigger to the verdict handed over; the control is the same station between outages.
"""

from __future__ import annotations

import bisect
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.drivers.timer import TimerSection
from gonogo.plc.sim.judge import judge
from gonogo.tests.bench.rows import Row
from gonogo.tests.bench.station import percentile
from gonogo.watchdog.campaign.analysis import permit_changes
from gonogo.watchdog.campaign.ground import campaign_station
from gonogo.watchdog.campaign.rows import PITCH, ROWS
from gonogo.watchdog.campaign.run import run_campaign

if TYPE_CHECKING:
    from gonogo.runtime.journal import VerdictEntry
    from gonogo.watchdog.campaign.run import Shot, Trace

KINDS = ("plc-reset", "plc-frozen", "plc-silent")
SEEN = ("plc-reset", "plc-silent")  # a frozen PLC sees nothing at all
PHASES = 67  # of each kind: 201 moments
SEED = 3
PERMIT_MS, BACK_MS = 300.0, 2000.0
CYCLE_LIMIT = 1.2
NS_PER_MS = 1_000_000
NEVER_NS = 10**12
NAMES = ("outage_right_parts", "outage_cycle_p99", "outage_permit_off_max", "outage_back_max")


def measure() -> list[Row]:
    """The rows of NAMES."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        station = campaign_station(folder, SEED, lambda *_: None)
        trigger = TimerSection(driver="timer", period_ms=PITCH)
        station = station.model_copy(update={"trigger": trigger})
        rows = [(row, PHASES) for row in ROWS if row.name in KINDS]
        trace = run_campaign(station, rows, SEED, folder, lambda *_: None)
        judged = judge(trace.journal)
        changes = permit_changes(trace.journal)
    shots = [shot for segment in trace.segments for shot in segment.shots]
    seen = [shot for shot in shots if shot.row.name in SEEN]
    wrong = judged.wrong_part + judged.doubled
    note = f"{len(shots)} outages ({', '.join(KINDS)}), {judged.parts} parts, seed {SEED}"
    return [
        Row(NAMES[0], judged.parts - wrong, judged.parts, "higher", "parts", 1.0, note),
        _cycles(trace, shots, note),
        _worst(NAMES[2], [_off_ms(shot, changes) for shot in seen], PERMIT_MS, note),
        _worst(NAMES[3], [_back_ms(shot, changes) for shot in shots], BACK_MS, note),
    ]


def _cycles(trace: Trace, shots: list[Shot], note: str) -> Row:
    inside: list[float] = []
    outside: list[float] = []
    for entry in trace.entries:
        if entry.stamps.frame_ns:
            cycle_ms = (entry.stamps.reported_ns - entry.part.trigger_ns) / NS_PER_MS
            (inside if _in_outage(entry, shots) else outside).append(cycle_ms)
    value, control = percentile(inside, 99), percentile(outside, 99)
    note = f"{note}; {len(inside)} cycles in an outage, {len(outside)} between"
    return Row(NAMES[1], value, control, "lower", "ms", CYCLE_LIMIT, note)


def _in_outage(entry: VerdictEntry, shots: list[Shot]) -> bool:
    """From the fault to the permit's return at the latest."""
    at_ns = entry.part.trigger_ns
    k = bisect.bisect_right(shots, at_ns, key=lambda shot: shot.at_ns) - 1
    return k >= 0 and at_ns < shots[k].at_ns + _lasts_ns(shots[k])


def _lasts_ns(shot: Shot) -> int:
    return round(max(shot.row.for_s or 0.0, 0.2) * 1e9)


def _off_ms(shot: Shot, changes: list[tuple[int, bool]]) -> float:
    """From the fault to the moment at which the PLC saw no permit any more."""
    return next(
        (
            (at_ns - shot.at_ns) / NS_PER_MS
            for at_ns, on in changes
            if at_ns > shot.at_ns and not on
        ),
        float("inf"),
    )


def _back_ms(shot: Shot, changes: list[tuple[int, bool]]) -> float:
    """From the peer's return to the permit at the PLC."""
    return_ns = shot.at_ns + round((shot.row.for_s or 0.0) * 1e9)
    off_ns = next((at_ns for at_ns, on in changes if at_ns > shot.at_ns and not on), return_ns)
    back_ns = next((at_ns for at_ns, on in changes if at_ns > off_ns and on), return_ns)
    return max(back_ns - return_ns, 0) / NS_PER_MS


def _worst(name: str, found_ms: list[float], bound_ms: float, note: str) -> Row:
    """The worst of all against its bound, which stands in for a control."""
    note = f"{note}; median {percentile(found_ms, 50):.0f} ms; the bound stands as the control"
    return Row(name, max(found_ms), bound_ms, "lower", "ms", 1.0, note)
