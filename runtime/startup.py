"""A running station as a context: shared memory, then its processes, in order and back.

    with RunningStation(load_station(path)) as running: ...

makes the segments, starts the records and the engine process, waits until the
engine serves, then starts the line. On the way out, for whatever reason,
everything is stopped and every segment is removed.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gonogo.engines.card import read_card
from gonogo.engines.hostplan import HostPlan, ViewPlan
from gonogo.engines.mailbox import HostState, Mailbox
from gonogo.records.process import RecordsPlan
from gonogo.runtime.errors import ModelError, ProcessFailed
from gonogo.runtime.frames import FrameRing
from gonogo.runtime.journal import Journal
from gonogo.runtime.line import LinePlan, ViewLimits, open_rules
from gonogo.runtime.shm import StationLock
from gonogo.watchdog.heartbeat import Heartbeat
from gonogo.watchdog.processes import Processes, Row

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from gonogo.engines.backend import EngineSection
    from gonogo.runtime.station import Station

log = logging.getLogger(__name__)

ENGINE_START_S = 60.0
LINE_START_S = 30.0


class Doorbells(NamedTuple):
    """Eventfds between line and engine, inherited by both."""

    ask_fd: int
    done_fd: int


class RunningStation:
    """Shared memory and processes of one station."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.name = station.station.name
        self.run = f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"
        self.processes = Processes()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _start(self) -> None:
        lock = StationLock(self.name)
        self._stack.callback(lock.close)
        if lock.leftovers:
            log.info("removed what a station of this name left behind: %s", lock.leftovers)
        self._make_memory()
        bells = Doorbells(os.eventfd(0), os.eventfd(0))
        for fd in bells:
            self._stack.callback(os.close, fd)
        limits = tuple(limits_of(view.engine) for view in self.station.view)
        self._stack.callback(
            self.processes.stop
        )  # the last started first: records outlive the line
        self.processes.start(self._records_row())
        if any(limits):
            self.processes.start(self._engine_row(bells))
            self._await_engine()
        self.processes.start(self._line_row(bells, limits))
        self._await_line()

    def _make_memory(self) -> None:
        slots = self.station.station.frame_slots
        for index, view in enumerate(self.station.view):
            self._keep(FrameRing.create(self.name, index, view.camera.geometry, slots))
        self.mailbox = self._keep(Mailbox.create(self.name, 0))
        self.journal = self._keep(Journal.create(self.name))
        self.heartbeat = self._keep(Heartbeat.create(self.name))

    def _keep(self, memory: _Memory) -> _Memory:
        self._stack.callback(memory.close)
        self._stack.callback(memory.segment.unlink)
        return memory

    def _engine_row(self, bells: Doorbells) -> Row:
        views = []
        for index, view in enumerate(self.station.view):
            if view.engine is not None:
                height, width, channels = view.camera.geometry
                views.append(
                    ViewPlan(
                        view=index,
                        height_px=height,
                        width_px=width,
                        channels=channels,
                        model=view.engine.model,
                        backend=view.engine.backend,
                        threads=view.engine.threads,
                    )
                )
        plan = HostPlan(
            station=self.name,
            place=0,
            parent_pid=os.getpid(),
            ask_fd=bells.ask_fd,
            done_fd=bells.done_fd,
            views=tuple(views),
            realtime=self.station.realtime,
        )
        return Row("engine A", "gonogo.engines.host", plan.model_dump_json(), bells, restart=True)

    def _line_row(self, bells: Doorbells, limits: tuple[ViewLimits | None, ...]) -> Row:
        plan = LinePlan(
            station=self.station,
            parent_pid=os.getpid(),
            ask_fd=bells.ask_fd,
            done_fd=bells.done_fd,
            limits=limits,
        )
        return Row("line", "gonogo.runtime.line", plan.model_dump_json(), bells)

    def _records_row(self) -> Row:
        rules = open_rules(self.station)
        plan = RecordsPlan(
            station=self.name,
            parent_pid=os.getpid(),
            path=self.station.records.path,
            run=self.run,
            poll_ms=self.station.records.poll_ms,
            views=tuple(view.name for view in self.station.view),
            rules=rules.names,
            units=rules.units,
        )
        return Row("records", "gonogo.records.process", plan.model_dump_json(), restart=True)

    @property
    def engine_backend(self) -> str:
        """The backends that serve, joined by +; '' without an engine."""
        return "+".join(self.mailbox.backends)

    def _await_engine(self) -> None:
        """Wait until the engine serves; without one the station runs on rules, and says so."""
        end_s = time.monotonic() + ENGINE_START_S
        while not self.mailbox.ready:
            self.processes.watch(0.05)
            failed = self.mailbox.state is HostState.FAILED
            if failed or time.monotonic() > end_s:
                log.warning("the engine does not serve: starting without it (rules only)")
                return

    def _await_line(self) -> None:
        end_s = time.monotonic() + LINE_START_S
        while self.heartbeat.alive_ns == 0:
            self.processes.watch(0.02)
            self.processes.require("line")
            if time.monotonic() > end_s:
                raise ProcessFailed(f"the line gave no sign of life within {LINE_START_S:.0f} s")


_Memory = TypeVar("_Memory", FrameRing, Mailbox, Journal, Heartbeat)


def limits_of(engine: EngineSection | None) -> ViewLimits | None:
    """Score limits of a view: the station file's, or those its engine's card proposes."""
    if engine is None:
        return None
    card = read_card(engine.model)
    reject = engine.reject_above if engine.reject_above is not None else card.reject_above
    proposed = card.recheck_above if engine.reject_above is None else reject
    recheck = engine.recheck_above if engine.recheck_above is not None else proposed
    if recheck > reject:
        raise ModelError(
            f"{engine.model}: recheck_above {recheck:g} is above reject_above {reject:g}; "
            "expected recheck_above <= reject_above in [view.engine]"
        )
    return ViewLimits(recheck_above=recheck, reject_above=reject)
