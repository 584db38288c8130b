"""What an outage of the PLC link costs: the link broken in three ways at random moments.

The station has its own photo-eye, so that parts come while nobody listens. `cycle` is
from the trigger to the verdict handed over; the control is the same station between outages.
"""

from __future__ import annotations

import bisect
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.drivers.triggers.timer import TimerSection
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import percentile
from gonogo.proving.campaign.analysis import permit_changes
from gonogo.proving.campaign.ground import campaign_station
from gonogo.proving.campaign.rows import PITCH, ROWS
from gonogo.proving.campaign.run import run_campaign
from gonogo.proving.plcsim.judge import judge

if TYPE_CHECKING:
    from gonogo.ipc.journal_records import VerdictEntry
    from gonogo.proving.campaign.run import Shot, Trace

KINDS = ("plc-reset", "plc-frozen", "plc-silent")
SEEN = ("plc-reset", "plc-silent")  # a frozen PLC sees nothing at all
PHASES = 67  # of each kind: 201 moments
SEED = 3
PERMIT_MS, BACK_MS = 310.0, 2000.0  # three beats by the PLC's own timer, and one scan of it
CYCLE_LIMIT = 1.2  # of p99: the line must not feel a link that is gone
NS_PER_MS = 1_000_000
NEVER_NS = 10**12  # beyond every run: what never came back shows as a time that meets no limit
NAMES = ("outage_right_parts", "outage_cycle_p99", "outage_permit_off_max", "outage_back_max")


def measure() -> list[Row]:
    """The rows of NAMES."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        station = campaign_station(folder, SEED, lambda *_: None)
        trigger = TimerSection(driver="timer", period_ms=PITCH)
        station = station.model_copy(update={"trigger": trigger})
        rows = [(row, PHASES) for row in ROWS if row.name in KINDS]
        # the campaign's own injections, at moments of the seed
        trace = run_campaign(station, rows, SEED, folder / "plc.jsonl", lambda *_: None)
        judged = judge(trace.journal)
        changes = permit_changes(trace.journal)
    shots = [shot for segment in trace.segments for shot in segment.shots]
    gaps = _gaps(shots, changes)
    seen = [gap for kind in SEEN for gap in gaps[kind] if gap is not None]
    every = [gap for kind in KINDS for gap in gaps[kind] if gap is not None]
    unseen = sum(gap is None for kind in KINDS for gap in gaps[kind])
    wrong = judged.wrong_part + judged.doubled
    note = f"{len(shots)} outages ({', '.join(KINDS)}), {judged.parts} parts, seed {SEED}"
    # not a miss: what no scan saw no part could feel
    within = f"{note}; {unseen} were over before the PLC's next scan"
    return [
        Row(NAMES[0], judged.parts - wrong, judged.parts, "higher", "parts", 1.0, note),
        _cycles(trace, shots, note),
        _worst(NAMES[2], [gap.off_ms for gap in seen], PERMIT_MS, within),
        _worst(NAMES[3], [gap.back_ms for gap in every], BACK_MS, within),
    ]


def _cycles(trace: Trace, shots: list[Shot], note: str) -> Row:
    inside: list[float] = []
    outside: list[float] = []
    for entry in trace.entries:
        # a part without a frame has no cycle to be compared
        if entry.stamps.frame_ns:
            cycle_ms = (entry.stamps.reported_ns - entry.part.trigger_ns) / NS_PER_MS
            (inside if in_outage(entry, shots) else outside).append(cycle_ms)
    value, control = percentile(inside, 99), percentile(outside, 99)
    note = f"{note}; {len(inside)} cycles in an outage, {len(outside)} between"
    return Row(NAMES[1], value, control, "lower", "ms", CYCLE_LIMIT, note)


def in_outage(entry: VerdictEntry, shots: list[Shot]) -> bool:
    """From the fault to the permit's return at the latest."""
    at_ns = entry.part.trigger_ns
    k = bisect.bisect_right(shots, at_ns, key=lambda shot: shot.at_ns) - 1
    return k >= 0 and at_ns < shots[k].at_ns + _lasts_ns(shots[k])


def _lasts_ns(shot: Shot) -> int:
    # a reset is over at once; by then the link has been made anew
    return round(max(shot.row.for_s or 0.0, 0.2) * 1e9)


class Gap(NamedTuple):
    """What the PLC saw of one outage: how soon the permit went and came back, in ms."""

    off_ms: float
    back_ms: float


def gap_of(shot: Shot, until_ns: int, changes: list[tuple[int, bool]]) -> Gap | None:
    """None where the permit never went: the link was back within one scan of the PLC."""
    # before the next outage: that one is its own
    off_ns = next((at for at, on in changes if shot.at_ns < at < until_ns and not on), 0)
    if not off_ns:
        return None
    # from the moment when the peer was there again, not from the fault
    return_ns = shot.at_ns + round((shot.row.for_s or 0.0) * 1e9)
    back_ns = next((at for at, on in changes if at > off_ns and on), off_ns + NEVER_NS)
    return Gap((off_ns - shot.at_ns) / NS_PER_MS, max(back_ns - return_ns, 0) / NS_PER_MS)


def _gaps(shots: list[Shot], changes: list[tuple[int, bool]]) -> dict[str, list[Gap | None]]:
    """What the PLC saw of every outage, by kind."""
    # each until the next one begins, the last for ever
    untils = [shot.at_ns for shot in shots[1:]] + [shots[-1].at_ns + NEVER_NS]
    found: dict[str, list[Gap | None]] = defaultdict(list)
    for shot, until_ns in zip(shots, untils, strict=True):
        found[shot.row.name].append(gap_of(shot, until_ns, changes))
    return found


def _worst(name: str, found_ms: list[float], bound_ms: float, note: str) -> Row:
    """The worst of all against its bound, which stands in for a control."""
    note = f"{note}; median {percentile(found_ms, 50):.0f} ms; the bound stands as the control"
    return Row(name, max(found_ms), bound_ms, "lower", "ms", 1.0, note)
