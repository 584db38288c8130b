"""Engines exchanged under flow, 20 parts a second: what it costs the parts, and what is left of it.

First calm turns and turns in which another engine is loaded, tested and unloaded again
and again take turns under one running station. Then two engines that are both loaded
judge by turns, SWAPS times. Both are taught here, and see 256 and 384 pixels a side.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.realtime import may_schedule, permitted
from gonogo.build.bundling import bundle_engine
from gonogo.build.label import Label
from gonogo.config.station import Station
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.installed.registry import Registry
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.control_socket import ask
from gonogo.ipc.engine_slots import Answer, OrderKind
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.journal_records import DeliveryEntry, VerdictEntry
from gonogo.launch.running_station import RunningStation
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import bench_station, percentile
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.watchdog.growth import own_bytes
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.ipc.engine_slots import EngineSlots
    from gonogo.ipc.journal_records import AnyEntry

NAME, FIRST, OTHER = "bench", "1.0.0", "2.0.0"
SIDES_PX = {FIRST: 256, OTHER: 384}
TURNS, TURN_S = 4, 25.0  # 2000 parts a side: two are beyond p99.9
SETTLE_S = 1.0
SWAPS, EARLY = 1000, 10  # by the tenth all that is made once is there
BETWEEN_S = 0.1  # two parts
PATIENCE_S = 30.0
NS_PER_MS = 1_000_000
# p99.9 of part time, memory late over early, the longest swap
RATIO_MAX, MEMORY_MAX, SWAP_MS = 1.2, 1.01, 1.0
NAMES = ("reload_p999", "swap_parts_timely", "swap_ms_max", "swap_memory", "swap_descriptors")


class Span(NamedTuple):
    """A stretch of time, monotonic ns; `loading`: engines came and went meanwhile."""

    loading: bool
    from_ns: int
    to_ns: int


class Held(NamedTuple):
    """What every process of the station holds, by its name."""

    own_bytes: dict[str, int]
    descriptors: dict[str, int]


class Run(NamedTuple):
    """What came of it."""

    spans: list[Span]
    part_ms: dict[int, float]  # by the trigger's time
    swap_ms: list[float]
    early: Held
    late: Held


def hot_station(folder: Path) -> Station:
    """The measured station with both engines installed as bundles; the first one judges."""
    plain = bench_station(folder, "timer", SIDES_PX[FIRST])
    # for its engine only
    bench_station(folder, "timer", SIDES_PX[OTHER])  # taught, too
    fields = plain.model_dump()
    # unsigned: whose they are is not what is measured
    fields["engines"] = {"folder": folder / "engines", "allow_unsigned": True}
    fields["station"]["name"] = "swaps"
    fields["view"][0]["engine"] = {"bundle": NAME}
    station = Station.model_validate(fields)
    assert station.engines is not None
    registry, policy = Registry(station.engines.folder), policy_of(station.engines)
    for version, side_px in SIDES_PX.items():
        out = folder / f"{NAME}-{version}.gng"
        model = folder / f"bench{side_px}.onnx"
        bundle_engine(model, Label(NAME, version, datetime.now(timezone.utc)), out)
        registry.install(out, policy)
    registry.activate(NAME, FIRST, policy)
    return station


def measure() -> list[Row]:
    """All rows of this file; some six minutes."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        journal = folder / "plc.jsonl"
        found = _run(hot_station(folder), journal)
        judged = judge(journal)
    sides = {
        loading: [
            ms
            for span in found.spans
            if span.loading is loading
            for at_ns, ms in found.part_ms.items()
            if span.from_ns <= at_ns <= span.to_ns
        ]
        for loading in (False, True)
    }
    calm, loading = sides[False], sides[True]
    p50 = f"p50 {percentile(loading, 50):.2f} over {percentile(calm, 50):.2f}"
    note = f"{permitted()}; {len(loading)} parts while engines load, {len(calm)} calm; {p50}"
    limit = RATIO_MAX if may_schedule() else None
    swaps = f"{len(found.swap_ms)} swaps; p50 {percentile(found.swap_ms, 50):.3f} ms"
    timely = f"{judged.late} late, {judged.missing} without a verdict, {len(found.swap_ms)} swaps"
    memory, descriptors = growth(found.early, found.late)
    return [
        Row(
            NAMES[0], percentile(loading, 99.9), percentile(calm, 99.9), "lower", "ms", limit, note
        ),
        Row(NAMES[1], judged.verdicts, judged.parts, "higher", "parts", 1.0, timely),
        Row(NAMES[2], max(found.swap_ms), SWAP_MS, "lower", "ms", 1.0, swaps),
        Row(NAMES[3], *memory[:2], "lower", "MB", MEMORY_MAX, memory[2]),
        Row(NAMES[4], *descriptors[:2], "lower", "", 1.0, descriptors[2]),
    ]


def _run(station: Station, journal: Path) -> Run:
    plan = simulator_plan(station, 10_000_000, journal)
    with RunningStation(station) as running, simulator(plan):
        flow = Flow(running)
        # the first seconds belong to no side: everything is warm after that
        flow.rest(10 * SETTLE_S)
        spans = []
        for _ in range(TURNS):
            # calm and loading by turns, so that both see the same minutes of the box
            spans.append(flow.span(flow.rest, loading=False))
            spans.append(flow.span(flow.reload_for, loading=True))
        swap_ms, early, late = flow.swap()
        flow.rest(SETTLE_S)
        return Run(spans, flow.part_ms(), swap_ms, early, late)


class Flow:
    """A running station, followed."""

    def __init__(self, running: RunningStation) -> None:
        self.running = running
        self._reader = JournalReader(running.journal)
        self._found: list[AnyEntry] = []

    def rest(self, for_s: float) -> None:
        """Parts flow, nothing else happens."""
        end_s = time.monotonic() + for_s
        while time.monotonic() < end_s:
            self.running.wait(0.05)
            self._found += self._reader

    def span(self, do: Callable[[float], object], *, loading: bool) -> Span:
        """Do it for a turn."""
        self.rest(SETTLE_S)
        from_ns = time.monotonic_ns()
        do(TURN_S)
        return Span(loading, from_ns, time.monotonic_ns())

    def reload_for(self, for_s: float) -> None:
        """Load the other engine and unload it, again and again."""
        end_s = time.monotonic() + for_s
        while time.monotonic() < end_s:
            self.load()
            self._ask("unload")
            self._until(lambda status: status["step"] == "idle")

    def load(self) -> None:
        """The other engine into the other place."""
        self._ask("load", name=NAME, version=OTHER, shadow=0, keep=False)
        self._until(lambda status: status["step"] == "reported")

    def swap(self) -> tuple[list[float], Held, Held]:
        """Both engines judge by turns: what each change took in ms, what is held early and late."""
        self.load()
        slots = self.running.slots
        assert slots is not None
        for place in slots.places:
            # both at their real-time rank: else the one that takes over would be raised first
            place.raised = True
        taken_ms, early = [], self._held()
        for number in range(SWAPS):
            taken_ms.append(self._swap(slots))
            # the same processes early and late: they live through all swaps
            if number + 1 == EARLY:
                early = self._held()
        return taken_ms, early, self._held()

    def _swap(self, slots: EngineSlots) -> float:
        slots.command(OrderKind.SWITCH, 1 - slots.active)
        end_s = time.monotonic() + PATIENCE_S
        # the line answers between two parts; it is never waited for
        while slots.answer is Answer.NONE and time.monotonic() < end_s:
            self.rest(0.01)
        assert slots.answer is Answer.DONE, slots.answer.name
        self.rest(BETWEEN_S)
        return slots.switch_ns / NS_PER_MS  # as the line itself took it

    def part_ms(self) -> dict[int, float]:
        """From the trigger to the PLC's registers, of each part, by the trigger's time."""
        verdicts = {e.part.serial: e for e in self._found if isinstance(e, VerdictEntry)}
        return {
            e.part.trigger_ns: (d.published_ns - e.part.trigger_ns) / NS_PER_MS
            for d in self._found
            if isinstance(d, DeliveryEntry) and d.published_ns and (e := verdicts.get(d.serial))
        }

    def _held(self) -> Held:
        beats = self.running.beats.rows
        pids = {
            f"{name} {k}": beats[number].pid
            for name, numbers in self.running.rows.items()
            for k, number in enumerate(numbers)
            # a row that is not up holds nothing
            if beats[number].state in {RowState.UP, RowState.HELD}
        } | {"supervisor": self.running.supervisor.pid}
        return Held(
            {name: own_bytes(pid) for name, pid in pids.items()},
            {name: len(os.listdir(f"/proc/{pid}/fd")) for name, pid in pids.items()},  # noqa: PTH208 - names only
        )

    def _ask(self, do: str, **keys: object) -> dict[str, Any]:
        return ask(self.running.name, purpose=PURPOSE, do=do, **keys)

    def _until(self, done: Callable[[dict[str, Any]], bool]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not done(status := self._ask("status")):
            assert time.monotonic() < end_s, status
            self.rest(0.05)


def growth(early: Held, late: Held) -> tuple[tuple[float, float, str], tuple[float, float, str]]:
    """Late and early of the process that has grown most, with its name: memory, descriptors."""

    def most(before: dict[str, int], after: dict[str, int]) -> str:
        return max(before, key=lambda name: after.get(name, 0) / max(before[name], 1))

    # the worst of all: a sum would hide a small process that leaks
    one = most(early.own_bytes, late.own_bytes)
    other = most(early.descriptors, late.descriptors)
    when = f"after {SWAPS} swaps over after {EARLY}; the worst of all processes:"
    return (
        (late.own_bytes.get(one, 0) / 1e6, early.own_bytes[one] / 1e6, f"{when} {one}"),
        (late.descriptors.get(other, 0), early.descriptors[other], f"{when} {other}"),
    )
