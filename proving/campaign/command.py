"""`gonogo campaign`: which rows, how often, and where the report goes."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import FaultError
from gonogo.base.realtime import may_schedule, permitted
from gonogo.proving.campaign.again import twice_where_late
from gonogo.proving.campaign.analysis import Analysis
from gonogo.proving.campaign.grounds import GROUNDS
from gonogo.proving.campaign.outcome import CampaignOutcome, RowOutcome
from gonogo.proving.campaign.page import write_page
from gonogo.proving.campaign.rows import NOT_RUN, ROWS, CampaignRow
from gonogo.proving.campaign.run import run_campaign
from gonogo.proving.peers.network_camera import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.build.station import Progress
    from gonogo.config.station import Station
    from gonogo.proving.campaign.again import Chosen

QUICK_PHASES, FULL_PHASES = 4, 1000  # injections a row
NOTES = (
    "Quality control, not a safety function.",
    "Detection above its bound is shown, and is no failure: a shared machine has no maximum.",
    "A killed engine is detected from its end on: first the kernel takes its memory down.",
    "A part in the gap was rejected by the PLC itself, which heard nothing.",
)


class CampaignOrder(NamedTuple):
    """What is asked for; no rows means all of them."""

    quick: bool
    rows: tuple[str, ...]
    phases: int | None
    seed: int


def carry_out(
    order: CampaignOrder, report: Path, progress: Progress, tell: Callable[[str, int, int], None]
) -> CampaignOutcome:
    """Run it, write campaign.json and campaign.html into `report`, return what was found."""
    # before anything is built: a wrong name shall cost nobody minutes
    chosen, refused = permissible(choose(order))
    report.mkdir(parents=True, exist_ok=True)
    started_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gonogo-campaign-") as name:
        rows = break_all(chosen, order.seed, Path(name), progress, tell) + refused
    # what a whole campaign leaves out stands in its report, with the reason
    if not order.rows:
        rows += [RowOutcome(row=row, what=row, why_not=why) for row, why in NOT_RUN.items()]
    seconds = time.monotonic() - started_s
    outcome = CampaignOutcome(tuple(rows), order.quick, order.seed, seconds, permitted(), NOTES)
    outcome.write(report / "campaign.json")
    write_page(outcome, report / "campaign.html")
    return outcome


def break_all(
    chosen: Sequence[tuple[CampaignRow, int]],
    seed: int,
    folder: Path,
    progress: Progress,
    tell: Callable[[str, int, int], None],
) -> list[RowOutcome]:
    """Each row on its own ground, one ground after the other; in the order of `chosen`."""
    # of the whole row, for whoever shows how far it is
    phases = {row.name: count for row, count in chosen}
    found: dict[str, RowOutcome] = {}
    # a station's engine is taught once: all rows of a ground share the station
    for ground, build in GROUNDS.items():
        here = [(row, count) for row, count in chosen if row.ground == ground]
        if here:
            station, journal = build(folder, seed, progress), folder / f"{ground}.jsonl"
            run = partial(_broken, station, seed, journal, lambda row, k: tell(row, k, phases[row]))
            found |= twice_where_late(here, run)
    return [found[row.name] for row, _ in chosen]  # as they were asked for, whatever their ground


def _broken(
    station: Station, seed: int, journal: Path, tell: Callable[[str, int], None], rows: Chosen
) -> list[RowOutcome]:
    """One run of these rows on one station."""
    trace = run_campaign(station, rows, seed, journal, tell)
    analysis = Analysis(trace)
    return [analysis.row(each) for each in trace.segments]


def permissible(
    chosen: list[tuple[CampaignRow, int]],
) -> tuple[list[tuple[CampaignRow, int]], list[RowOutcome]]:
    """What this box lets us run, and what it does not."""
    # a row that needs what is not there is told as not run, and never as passed
    lacks = {row.name: lacking(row) for row, _ in chosen}
    kept = [(row, count) for row, count in chosen if not lacks[row.name]]
    return kept, [
        RowOutcome(row=row.name, what=row.what, why_not=lacks[row.name])
        for row, _ in chosen
        if lacks[row.name]
    ]


def lacking(row: CampaignRow, missing: Sequence[str] = MISSING) -> str:
    """Why this box cannot show a row; "" where it can."""
    if row.realtime and not may_schedule():
        return "real-time scheduling is not permitted here"
    if row.ground == "network camera" and missing:
        return f"not installed: {', '.join(missing)} (Debian: aravis-tools, libaravis-0.8-0)"
    return ""


def choose(order: CampaignOrder) -> list[tuple[CampaignRow, int]]:
    """The rows and how often each; FaultError lists the rows there are."""
    known = {row.name: row for row in ROWS}
    strange = [name for name in order.rows if name not in known]
    if strange:
        raise FaultError(f"no row is called '{strange[0]}'; there are {', '.join(known)}")
    # rows that take long, or that say the same each time, come less often (`every`)
    phases = order.phases or (QUICK_PHASES if order.quick else FULL_PHASES)
    rows = [known[name] for name in order.rows] or list(ROWS)
    return [(row, max(phases // row.every, 1)) for row in rows]
