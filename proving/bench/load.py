"""Part time while the box has other things to do, over part time while it has none.

Calm and loaded turns alternate under one running station. A part is timed from the
station's own photo-eye to the moment its verdict is in the PLC's registers. The PLC
simulator gets real-time priority, too, because a real PLC is a box of its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.maintenance_key import lock_of
from gonogo.base.realtime import may_schedule, permitted
from gonogo.ipc.control_socket import asked_with
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.journal_records import AnyEntry, DeliveryEntry, VerdictEntry
from gonogo.launch.running_station import RunningStation
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import PITCH_MS, bench_station, percentile
from gonogo.proving.bench.updating import an_update
from gonogo.proving.campaign.ground import free_port
from gonogo.proving.campaign.hogs import hogs
from gonogo.proving.campaign.inject import crowd
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.records.metrics.section import MetricsSection
from gonogo.watchdog.section import MaintenanceSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from gonogo.config.station import Station

    Load = Callable[[], AbstractContextManager[object]]

TURNS = 8  # of each side: on a shared box some turns are slow for reasons of its own
TURN_PARTS = 100  # 8 turns of them: p99 is the eighth worst of 800
SETTLE_S = 1.0  # after each change of load; parts within are not counted
CLIENTS = 200  # far more than the socket takes at once
SCRAPERS = 10
SCRAPE_EVERY_S = 1.0  # Prometheus itself comes every 15 s, or every minute
SCRAPE_S = 10.0
KEY = "bench"
LIMIT = 1.2  # of p99; where no real-time rank is to be had there is none


class Turn(NamedTuple):
    """A stretch of time under one load ('' is calm), monotonic ns."""

    kind: str
    loaded: bool
    from_ns: int
    to_ns: int


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """Every core has more to do than it can: stress-ng where it is installed."""
    cores = os.cpu_count() or 1
    tool = shutil.which("stress-ng")
    if tool is None:
        # a loop a core; stress-ng varies what it computes
        with hogs(cores):
            yield
        return
    process = subprocess.Popen([tool, "--cpu", str(cores), "--quiet"])
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def shown(station: str, kind: str) -> Iterator[None]:
    """A fault that the station shows for as long."""
    asked_with(station, KEY, do="inject", kind=kind)
    try:
        yield
    finally:
        # all faults that are shown: this one is the only one
        asked_with(station, KEY, do="clear")


@contextlib.contextmanager
def scrapers(port: int) -> Iterator[None]:
    """So many programs that read the figures of the station, each once a second."""
    over = threading.Event()

    def scrape() -> None:
        while not over.wait(SCRAPE_EVERY_S):
            with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=SCRAPE_S)) as server:
                server.request("GET", "/metrics")
                server.getresponse().read()

    with ThreadPoolExecutor(SCRAPERS) as readers:
        reading = [readers.submit(scrape) for _ in range(SCRAPERS)]
        try:
            yield
        finally:
            over.set()
    # whoever got no page was no load
    for each in reading:
        each.result()


def loads(station: str, metrics_port: int = 0, folder: Path = Path()) -> dict[str, Load]:
    """The loads by the name of their row; `folder` is for what they write."""
    return {
        "load_cpu_p99": busy_cores,  # below the station's rank, but on its cores
        "load_disk_full_p99": lambda: shown(station, "disk-full"),
        "load_log_flood_p99": lambda: shown(station, "log-flood"),
        "load_clients_p99": lambda: crowd(station, CLIENTS),
        "load_scrapers_p99": lambda: scrapers(metrics_port),
        "load_update_p99": lambda: an_update(folder),
    }


NAMES = tuple(loads(""))


def measure() -> list[Row]:
    """One row a load."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        station = bench_station(folder, "timer")
        # faults are shown only to whoever has the key
        key = MaintenanceSection(key_scrypt=lock_of(KEY))
        metrics = MetricsSection(port=free_port())
        station = station.model_copy(update={"maintenance": key, "metrics": metrics})
        journal = folder / "plc.jsonl"
        found = run_turns(station, journal, loads(station.station.name, metrics.port, folder))
    return [row_of(kind, found, found.note) for kind in NAMES]


class Turns(NamedTuple):
    """Turns, part times in ms by the trigger's time (monotonic ns), and a note on all of them."""

    turns: list[Turn]
    times_ms: dict[int, float]
    note: str


def run_turns(station: Station, journal: Path, kinds: Mapping[str, Load]) -> Turns:
    """Calm and loaded turns of each kind under one running station."""
    turns: list[Turn] = []
    found: list[AnyEntry] = []
    # never reached: the run ends when all turns are over
    plan = simulator_plan(station, 10_000_000, journal)
    with simulator(plan), RunningStation(station) as running:
        reader = JournalReader(running.journal)
        for kind, load in kinds.items():
            for _ in range(TURNS):
                # in turns, so that both sides see the same minutes of a shared box
                for loaded in (False, True):
                    with load() if loaded else contextlib.nullcontext():
                        # how the box takes a change of load is not what is measured
                        running.wait(SETTLE_S)
                        from_ns = time.monotonic_ns()
                        running.wait(TURN_PARTS * PITCH_MS / 1000)
                        turns.append(Turn(kind, loaded, from_ns, time.monotonic_ns()))
                    found += reader  # before the ring laps it: two turns are 200 parts
    # a delivery knows its part by the serial alone
    verdicts = {e.part.serial: e for e in found if isinstance(e, VerdictEntry)}
    times_ms = {
        e.part.trigger_ns: (d.published_ns - e.part.trigger_ns) / 1e6
        for d in found
        if isinstance(d, DeliveryEntry) and d.published_ns and (e := verdicts.get(d.serial))
    }
    judged = judge(journal)
    silent = judged.missing + judged.late
    note = f"{permitted()}; {judged.parts} parts in all, {silent} without a timely verdict"
    return Turns(turns, times_ms, note)


def row_of(kind: str, found: Turns, note: str, most: float = LIMIT) -> Row:
    """The row of one load; `most` is its limit, where a real-time rank is to be had."""
    sides: dict[bool, list[float]] = defaultdict(list)
    for turn in found.turns:
        if turn.kind == kind:  # only the calm turns next to that load are its control
            sides[turn.loaded] += [
                ms for at_ns, ms in found.times_ms.items() if turn.from_ns <= at_ns <= turn.to_ns
            ]
    loaded, calm = sides[True], sides[False]
    p50 = f"p50 {percentile(loaded, 50):.2f} over {percentile(calm, 50):.2f}"
    note = f"{note}; here {len(loaded)} loaded and {len(calm)} calm, {p50}"
    limit = most if may_schedule() else None
    return Row(kind, percentile(loaded, 99), percentile(calm, 99), "lower", "ms", limit, note)
