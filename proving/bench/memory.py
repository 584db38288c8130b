"""Part time while the memory of the station is at work and is read, over part time without it.

With it: pictures of parts are kept, ten programs scrape the figures, one foreign program holds a
snapshot of the database for the whole run, and one labels parts and exports their pictures, over
and over. Without it: the same station without pictures and figures, read by nobody. Runs of both
alternate, so that they see the same minutes of a shared box. A thread of the highest rank that does
nothing stands beside both: how late it is woken is what the box itself does to parts.

What is to disturb a run, too, gets a line in `disturbances`: it says itself whether it was at work.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.realtime import may_schedule, permitted
from gonogo.proving.bench.bystander import EVERY_MS, RANK, Stood, bystander
from gonogo.proving.bench.load import SCRAPERS, scrapers
from gonogo.proving.bench.part_time import SMALL_PX, Timed, run_parts
from gonogo.proving.bench.program import IdleDisturbance, program
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import bench_station, percentile
from gonogo.proving.campaign.ground import free_port
from gonogo.records.metrics.section import MetricsSection
from gonogo.records.section import ImagesSection

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from gonogo.config.station import Station

NAMES = ("part_time_memory_p99", "part_time_memory_p50", "bystander_memory_p99")
RUNS = 6  # of either side
PARTS = 220  # 200 of them count
EVERY_NTH_GOOD = 10  # two pictures of 6 MB a second, beside those of parts that were not accepted
LIMIT = 1.10  # of p99; where no real-time rank is to be had there is none
# another program's, hence with nothing of ours: it reads once, and does not let go
_HOLDER = """
import pathlib, sqlite3, sys, time
base = pathlib.Path(sys.argv[1])
while not (found := sorted(base.parent.glob(base.stem + "-2*.sqlite"))):
    time.sleep(0.05)
db = sqlite3.connect(f"file:{found[-1]}?mode=ro", uri=True, isolation_level=None)
while True:
    try:
        db.execute("BEGIN")
        print(db.execute("SELECT count(*) FROM parts").fetchone()[0], flush=True)
        break
    except sqlite3.Error:
        db.rollback() if db.in_transaction else None
        time.sleep(0.05)
time.sleep(3600)
"""
_EXPORT = "import sys; from gonogo.proving.bench.exporting import main; main(sys.argv[1])"


class Sides(NamedTuple):
    """Part times in ms with it and without; `work`: what each disturbance did, in words.

    `beside_with` and `beside_without`: what a thread saw that does nothing.
    """

    with_ms: list[float]
    without_ms: list[float]
    work: list[str]
    beside_with: Stood
    beside_without: Stood


def measure(runs: int = RUNS, parts: int = PARTS) -> list[Row]:
    """p99 under its limit, and p50 for whoever wants to know."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        try:
            found = measured(Path(name), runs, parts)
        except IdleDisturbance as idle:
            return [_row(each, None, 0, None, f"not run: {idle}") for each in NAMES]
    note = f"{permitted()}; {len(found.with_ms)} parts with it, {len(found.without_ms)} without; "
    note += f"with it: one in {EVERY_NTH_GOOD} good parts has its picture kept, {SCRAPERS} programs"
    note += f" scrape the figures each second; by the run: {'; '.join(found.work)}"
    limit = LIMIT if may_schedule() else None
    return [
        _row(NAMES[0], found, 99, limit, note),
        _row(NAMES[1], found, 50, None, "the same runs"),
        _bystander(found),
    ]


def measured(folder: Path, runs: int, parts: int) -> Sides:
    """Runs of both sides in turn; IdleDisturbance where one did nothing."""
    found = Sides([], [], [], Stood([], []), Stood([], []))
    sides = (
        (found.without_ms, found.beside_without, False),
        (found.with_ms, found.beside_with, True),
    )
    for number in range(runs):
        for into, beside, kept in sides:
            place = folder / ("with" if kept else "without")
            place.mkdir(exist_ok=True)
            station = at_work(_station(folder, place), kept=kept)
            with bystander(beside):
                into += [part.part_ms for part in _run(station, parts, folder, found.work)]
            if kept:
                found.work.append(f"run {number + 1} ends with {_pictures(station)} pictures")
    return found


def at_work(station: Station, *, kept: bool) -> Station:
    """The station with pictures and figures, or as it is."""
    if not kept:
        return station
    folder = station.records.path.with_name("pictures")
    images = ImagesSection(folder=folder, every_nth_good=EVERY_NTH_GOOD, min_free_mb=0)
    records = station.records.model_copy(update={"images": images})
    metrics = MetricsSection(port=free_port())
    return station.model_copy(update={"records": records, "metrics": metrics})


def _run(station: Station, parts: int, folder: Path, work: list[str]) -> list[Timed]:
    """One run, with all that is to disturb it where it serves figures."""
    if station.metrics is None:
        return run_parts(station, parts, folder).parts
    with ExitStack() as stack:
        # before the station: a program that is still being loaded disturbs nobody
        for disturb in disturbances(station).values():
            stack.enter_context(disturb(work))
        return run_parts(station, parts, folder, scrapers(station.metrics.port)).parts


def disturbances(
    station: Station,
) -> dict[str, Callable[[list[str]], AbstractContextManager[object]]]:
    """Programs that disturb a run of it, by name; each appends to the list what it did."""
    base = str(station.records.path)
    return {
        "holder": lambda work: program(
            "parts in the snapshot that is held:", [_HOLDER, base], work
        ),
        "export": lambda work: program("pictures exported:", [_EXPORT, base], work),
    }


def _station(folder: Path, place: Path) -> Station:
    """The bench's own, its engine taught once, with records of that side."""
    station = bench_station(folder, "timer", SMALL_PX)
    records = station.records.model_copy(update={"path": place / "records.sqlite"})
    return station.model_copy(update={"records": records})


def _pictures(station: Station) -> int:
    return sum(path.is_file() for path in station.records.path.with_name("pictures").rglob("*.png"))


def _bystander(found: Sides) -> Row:
    """Without a limit: nothing of it is ours."""
    sides = (found.beside_with, found.beside_without)
    late_with, late_without = (percentile(side.late_ms, 99) for side in sides)
    taken_with, taken_without = (sum(side.stolen_pct) / len(side.stolen_pct) for side in sides)
    note = (
        f"how late a thread of rank {RANK} that does nothing is woken, each {EVERY_MS} ms of the "
        f"same runs; the host took {taken_with:.1f} % of the processors with it, "
        f"{taken_without:.1f} % without"
    )
    return Row(NAMES[2], late_with, late_without, "lower", "ms", None, note)


def _row(name: str, found: Sides | None, share: float, limit: float | None, note: str) -> Row:
    if found is None:
        return Row(name, None, None, "lower", "ms", limit, note)
    with_ms, without_ms = (percentile(side, share) for side in found[:2])
    return Row(name, with_ms, without_ms, "lower", "ms", limit, note)
