"""The metrics process: counts what the journal says, and serves it with the rest to Prometheus.

A row of the process table where the station file has [metrics]. A process of its own and no part
of the records: neither a hundred readers nor a page that is being made may keep a row waiting, and
who has no [metrics] loads none of it. It reads memory that is there anyhow; of the line it asks
nothing. Whatever becomes of it, parts are judged and recorded.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.realtime import step_back
from gonogo.base.section import Section
from gonogo.ipc import worker
from gonogo.ipc.journal import CountedJournal, JournalReader
from gonogo.records.metrics.counts import Counts
from gonogo.records.metrics.figures import Figures, Identity, Served
from gonogo.records.metrics.page import Page, render, wants_openmetrics
from gonogo.records.metrics.section import MetricsSection
from gonogo.records.metrics.server import MetricsServer
from gonogo.records.metrics.standing import StationMemory

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.records.metrics.standing import Standing

LOOK_S = 0.5
TURN_S = 0.2
_S_PER_NS = 1e-9
_S_PER_MS = 1e-3


class MetricsPlan(Section):
    """The process's one argument.

    `records`: their path in the station file. `rows`: the numbers of each process in the table.
    `engines`: what the engine of a view is called, of those that have one.
    """

    station: str
    metrics: MetricsSection
    records: Path
    budget_ms: float
    views: tuple[str, ...]
    engines: dict[int, str]
    rows: dict[str, tuple[int, ...]]


class Figuring:
    """Counts and looks, and makes a page of what was found at the last look."""

    def __init__(self, plan: MetricsPlan, journal: CountedJournal, memory: StationMemory) -> None:
        budget_s = plan.budget_ms * _S_PER_MS
        self.identity = Identity(
            plan.station, version("gonogo"), budget_s, plan.views, plan.engines
        )
        self.counts = Counts(budget_s, tuple(plan.engines))
        self._journal = journal
        # not from the beginning: what the process before us counted is not counted again
        self._reader = JournalReader(journal, journal.counted)
        self._memory = memory
        self._standing: Standing | None = None
        self._pages: dict[bool, Page] = {}
        self._next_s = 0.0

    def catch_up(self, now_s: float) -> None:
        """Count what is new; look, if it is time."""
        self.counts.take(self._reader.raws())
        self._journal.counted = self._reader.at
        if now_s < self._next_s and self._standing is not None:
            return
        self._next_s = now_s + LOOK_S
        self._standing = self._memory.look()
        if self._standing.line.alive_age_s is not None:
            self.counts.see(self._standing.line.faults)
        self._pages.clear()

    def page(self, accept: str, served: Callable[[], Served]) -> Page:
        """That of the last look, made once for each format."""
        standing = self._standing or self._memory.look()
        openmetrics = wants_openmetrics(accept)
        if openmetrics not in self._pages:
            figures = Figures(self.identity, self.counts, standing, served(), self._part_age_s())
            self._pages[openmetrics] = render(figures, openmetrics=openmetrics)
        return self._pages[openmetrics]

    @property
    def lost(self) -> int:
        """Entries that were overwritten before they were counted."""
        return self._reader.lost

    def _part_age_s(self) -> float | None:
        last_ns = self.counts.last_trigger_ns
        return max(time.monotonic_ns() - last_ns, 0) * _S_PER_NS if last_ns else None


def serve(plan: MetricsPlan, figuring: Figuring, process: worker.Worker) -> None:
    """Until asked to stop."""
    address = plan.metrics.host, plan.metrics.port

    def served() -> Served:
        return Served(server.scrapes, server.turned_away, server.cut_off, figuring.lost)

    server, tidy = MetricsServer(address, lambda accept: figuring.page(accept, served)), Tidy()
    server.watch(process.stop.fd)
    while not process.stop.asked:
        now_s = time.monotonic()
        figuring.catch_up(now_s)
        tidy.collect_when_due(now_s)
        process.beat()
        server.turn(TURN_S)
    server.close()


def main(argument: str, row: int) -> int:
    """Map the memory, count and serve until asked to stop."""
    plan = MetricsPlan.model_validate_json(argument)
    process = worker.begin("metrics", plan.station, row)
    step_back()  # for everybody: no part waits for it
    with ExitStack() as stack:
        journal = CountedJournal.attach(plan.station)
        stack.callback(journal.close)
        memory = StationMemory(plan.station, plan.records, plan.rows)
        stack.callback(memory.close)
        figuring = Figuring(plan, journal, memory)
        freeze()
        serve(plan, figuring, process)
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
