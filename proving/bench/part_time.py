"""Part time over the bare engine call on the same pixels, in the Modbus client role.

A part is timed from its trigger (the station's own photo-eye) to the arrival of its
record in the PLC simulator's registers, PLC scan excluded; both clocks are the box's
CLOCK_MONOTONIC. The control, the engine alone at the same pace, is measured after each
of several runs and put together. `from_frame` leaves out what the simulated camera takes
to write 6 MB by processor, which a real one does by DMA.
"""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.ipc.engine_choices import ChoiceView
from gonogo.ipc.journal import JournalReader
from gonogo.launch.running_station import RunningStation
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.script import script_times
from gonogo.proving.bench.station import PITCH_MS, bare_engine, bench_station, percentile
from gonogo.proving.figures import Tally
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from gonogo.config.station import Station
    from gonogo.ipc.engine_choices import Candidate
    from gonogo.ipc.journal_records import VerdictEntry

RUNS = 4  # of station and control in turn: a shared box is not as fast in every minute
PARTS = 200
CONTROL_RUNS = 100  # half as many as parts: each follows a run of the station
LARGE_PX, SMALL_PX = 512, 256  # what the engine sees of the two megapixels
SETTLE = 20  # parts at the start that are not counted
WATCH_S = 0.5


class Timed(NamedTuple):
    """A part, and when its record arrived at the PLC."""

    arrival_ns: int
    entry: VerdictEntry

    @property
    def part_ms(self) -> float:
        """From its trigger."""
        return (self.arrival_ns - self.entry.part.trigger_ns) / 1e6

    @property
    def from_frame_ms(self) -> float:
        """From the moment its frame was whole."""
        return (self.arrival_ns - self.entry.stamps.frame_ns) / 1e6


class Times(NamedTuple):
    """What one run of the station took, part by part."""

    parts: list[Timed]
    engine: Candidate | None
    tally: Tally


def run_parts(
    station: Station,
    parts: int,
    folder: Path,
    beside: AbstractContextManager[None] | None = None,
    **overrides: Any,  # noqa: ANN401 - fields of Plan
) -> Times:
    """Run a real station with its PLC for a number of parts; `beside` goes on while it is up.

    The simulator gets real-time priority, too: a real PLC is a box of its own.
    """
    journal, tally = folder / "plc.jsonl", Tally()
    plan = simulator_plan(station, parts, journal, **overrides)
    beside = beside or nullcontext()
    with simulator(plan) as plc, RunningStation(station) as running, beside:
        reader = JournalReader(running.journal)
        while plc.poll() is None:
            running.wait(WATCH_S)
            tally.take(reader)
        engine = ChoiceView(running.mailbox, 0).serves
    # by part id: 200 parts, so that none comes twice
    arrivals_ns = {row.part_id: row.arrival_ns for row in judge(journal).rows if row.arrival_ns}
    entries = [e for e in tally.verdicts.values() if e.part.part_id in arrivals_ns][SETTLE:]
    return Times([Timed(arrivals_ns[e.part.part_id], e) for e in entries], engine, tally)


def measure() -> list[Row]:
    """All rows of this file."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        large = _side(folder, LARGE_PX)
        small = _side(folder, SMALL_PX)
        by_plc = run_parts(bench_station(folder, "plc", LARGE_PX), PARTS, folder)
        # the same engine, pictures and PLC as the station it stands beside
        script_ms = script_times(large.station, PARTS, PITCH_MS / 1000, folder)
        equal_ms = script_times(large.station, PARTS, PITCH_MS / 1000, folder, large.threads)
    p50 = percentile(large.control_ms, 50)
    by_plc_ms = percentile([part.part_ms for part in by_plc.parts], 50)
    by_poll = "the PLC triggers, from its scan; our poll lies in between"
    script = "one loop, OpenCV resize, default session, default Modbus client, no journal"
    script_p50, part_p50 = percentile(script_ms, 50), percentile(large.part_ms, 50)
    equal = f"the script with as many threads as the engine ({large.threads})"
    return [
        *large.rows("part_time"),
        *small.rows(f"part_time_{SMALL_PX}"),
        # without a limit: the PLC's scan and our poll are in it, which no engine has
        lower("part_time_plc_trigger_p50", by_plc_ms, p50, None, by_poll),
        lower("script_p50", script_p50, p50, None, script),
        lower("part_time_over_script_p50", part_p50, script_p50, None, script),
        lower("part_time_over_equal_script_p50", part_p50, percentile(equal_ms, 50), 1.0, equal),
    ]


class Side(NamedTuple):
    """One size of engine: the station's parts, and the bare engine between them, in ms."""

    station: Station
    part_ms: list[float]
    from_frame_ms: list[float]
    control_ms: list[float]
    note: str
    threads: int = 1

    def rows(self, name: str) -> list[Row]:
        """Part time at p50 and p99, and the same from the moment the frame is there."""
        p50, p99 = percentile(self.control_ms, 50), percentile(self.control_ms, 99)
        part, frame = self.part_ms, self.from_frame_ms
        without = f"{self.note}; from the moment the frame is whole in the ring"
        return [
            # the limits of docs/measured.md: a tenth at the median, three at p99
            lower(f"{name}_p50", percentile(part, 50), p50, 1.10, self.note),
            lower(f"{name}_p99", percentile(part, 99), p99, 1.30, self.note),
            lower(f"{name}_from_frame_p50", percentile(frame, 50), p50, None, without),
        ]


def _side(folder: Path, side_px: int) -> Side:
    """Runs of the station, each followed by its share of the control."""
    part_ms: list[float] = []
    frame_ms: list[float] = []
    control_ms: list[float] = []
    threads = 1
    for _ in range(RUNS):
        # another port each time; the engine is taught once
        station = bench_station(folder, "timer", side_px)
        found = run_parts(station, PARTS, folder)
        part_ms += [part.part_ms for part in found.parts]
        frame_ms += [part.from_frame_ms for part in found.parts]
        threads = 1 if found.engine is None else found.engine.computes_on
        # with the backend that the station chose, so that the engine is the same
        control_ms += bare_engine(station, found.engine, CONTROL_RUNS, PITCH_MS / 1000)
    note = f"engine of {side_px} x {side_px} px, {found.engine}, {len(part_ms)} parts, "
    note += f"{len(control_ms)} control runs; {breakdown(found.tally)}"
    return Side(station, part_ms, frame_ms, control_ms, note, threads)


def lower(name: str, value: float, control: float, limit: float | None, note: str) -> Row:
    """A row in ms where less is better."""
    return Row(name, value, control, "lower", "ms", limit, note)


def breakdown(tally: Tally) -> str:
    """Where the time of a median part goes, in ms."""
    spans = {stage: p["p50"] for stage, p in tally.stages_ms().items()}
    entries = [e for e in tally.verdicts.values() if e.scores and e.scores[0] is not None]
    runs_ms = [(s.done_ns - s.start_ns) / 1e6 for e in entries for s in e.scores if s is not None]
    return f"p50 of stages {spans}, engine busy {float(np.median(runs_ms)):.2f}"
