"""A running station: shared memory, then the supervisor with its table of processes, and back.

    with RunningStation(load_station(path)) as running: ...

makes the segments and starts the supervisor, which starts records, engine and line, in
this order, each once the one before is up. On the way out, for whatever reason,
everything is stopped and every segment is removed. `launch` becomes the supervisor
itself: that is what a service runs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from gonogo.engines.card import read_card
from gonogo.engines.hostplan import HostPlan, ViewPlan
from gonogo.engines.mailbox import Mailbox
from gonogo.records.process import RecordsPlan
from gonogo.runtime.bell import make_bell
from gonogo.runtime.errors import ModelError, ProcessFailed, SegmentError
from gonogo.runtime.frames import FrameRing
from gonogo.runtime.journal import Journal
from gonogo.runtime.line import LinePlan, ViewLimits, open_rules
from gonogo.runtime.shm import StationLock, boot_tag, sweep
from gonogo.runtime.signals import interruptible
from gonogo.watchdog import laststate
from gonogo.watchdog.beats import Beats
from gonogo.watchdog.faultboard import FaultBoard
from gonogo.watchdog.faults import FAULTS, unsupported
from gonogo.watchdog.heartbeat import Heartbeat
from gonogo.watchdog.plan import RowPlan, SupervisorPlan
from gonogo.watchdog.process import STOP_WAIT_S
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from gonogo.engines.backend import EngineSection
    from gonogo.runtime.station import Station

log = logging.getLogger(__name__)

START_S = 120.0
POLL_S = 0.02
BELLS = ("log", "ask0", "done0")
HEART_MS = 100.0  # H of the heartbeats: a line is overdue that much after its budget
ENGINE_BUDGETS = 2  # an engine that says nothing for so many budgets is hung
ENGINE_STRIKES = 3
LINE_STRIKES = 5
HEARD = (signal.SIGINT, signal.SIGTERM)
RECORDS_LIMIT_MS = 30_000.0  # a disk may take its time; the journal holds some minutes


class Origin(NamedTuple):
    """Where a station comes from.

    `fell_back`: its file is wrong, and this is the last good one. `candidate`: where the copy
    of its file may lie that becomes the last good one when the station comes up with it.
    """

    fell_back: bool
    candidate: Path | None


UNKNOWN = Origin(fell_back=False, candidate=None)


class Memory:
    """The segments of a station, made anew or found with the processes that use them."""

    def __init__(self, station: Station, plan: SupervisorPlan) -> None:
        self.name = station.station.name
        self.lock = StationLock(self.name, lambda: adoptable(self.name, plan.digest()))
        if self.lock.leftovers:
            log.info("removed what a station of this name left behind: %s", self.lock.leftovers)
        self.adopted = adoptable(self.name, plan.digest())
        if not self.adopted:
            _tell_last_run(station)
        stack = ExitStack()
        stack.callback(self.lock.close)
        with stack:
            self._map(station)
            stack.pop_all()

    def _map(self, station: Station) -> None:
        name, slots = self.name, station.station.frame_slots
        if self.adopted:
            self.mailbox, self.journal = Mailbox.attach(name, 0), Journal.attach(name)
            self.heartbeat, self.beats = Heartbeat.attach(name), Beats.attach(name)
            return
        for index, view in enumerate(station.view):
            FrameRing.create(name, index, view.camera.geometry, slots).close()
        for bell in BELLS:
            make_bell(name, bell)
        self.mailbox, self.journal = Mailbox.create(name, 0), Journal.create(name)
        self.heartbeat, self.beats = Heartbeat.create(name), Beats.create(name)
        FaultBoard.create(name).close()

    def close(self) -> None:
        """Unmap what this process holds; the names are the supervisor's to remove."""
        for memory in (self.mailbox, self.journal, self.heartbeat, self.beats):
            memory.close()


def adoptable(name: str, digest: int) -> bool:
    """Whether processes of this very plan are alive without a supervisor."""
    try:
        beats = Beats.attach(name)
    except SegmentError:
        return False
    alive = any(row.lives for row in beats.rows[1:])
    same = beats.rows[0].digest == digest
    if alive and not same:  # another station file: what runs must not meet what we start
        _end([row.pid for row in beats.rows[1:] if row.lives])
    beats.close()
    return alive and same


def _end(pids: list[int]) -> None:
    """End processes that a dead supervisor of another plan has left."""
    for number, wait_s in ((signal.SIGTERM, STOP_WAIT_S), (signal.SIGKILL, STOP_WAIT_S)):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        end_s = time.monotonic() + wait_s
        while pids and time.monotonic() < end_s:
            pids = [pid for pid in pids if os.path.exists(f"/proc/{pid}")]  # noqa: PTH110
            time.sleep(POLL_S)


class RunningStation:
    """A station under a supervisor of its own, which ends with this process."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.name = station.station.name
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
        plan = supervisor_plan(self.station, parent_pid=os.getpid())
        memory = Memory(self.station, plan)
        self._stack.callback(memory.lock.close)
        self._stack.callback(memory.close)
        self.mailbox, self.journal = memory.mailbox, memory.journal
        self.heartbeat, self.beats = memory.heartbeat, memory.beats
        self._plan = plan
        self._spawn()
        self._stack.callback(self._stop)
        self.rows = row_numbers(plan)
        self._await(lambda: self.beats.rows[0].state == RowState.UP)

    def _spawn(self) -> None:
        command = [sys.executable, "-I", "-m", "gonogo.watchdog.supervisor"]
        self.supervisor = subprocess.Popen(
            [*command, self._plan.model_dump_json()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _stop(self) -> None:
        self.supervisor.terminate()
        try:
            self.supervisor.wait(4 * STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self.supervisor.kill()
            self.supervisor.wait()
        _end([row.pid for row in self.beats.rows[1:] if row.lives])  # if it was killed
        sweep(self.name)

    def revive(self) -> None:
        """Start the supervisor again after it was killed, as a service manager does."""
        self.supervisor.wait()
        self._spawn()

    def _await(self, done: Callable[[], bool]) -> None:
        end_s = time.monotonic() + START_S
        while not done():
            self.check()
            if time.monotonic() > end_s:
                raise ProcessFailed(f"the station was not up within {START_S:.0f} s")
            time.sleep(POLL_S)

    def check(self) -> None:
        """Raise ProcessFailed when the station has ended on its own."""
        code = self.supervisor.poll()
        if code is not None:
            raise ProcessFailed(
                f"station '{self.name}' ended (supervisor: exit code {code}); "
                "the messages of its processes stand above"
            )

    def wait(self, timeout_s: float) -> None:
        """Wait a while; ProcessFailed when the station has ended on its own."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.supervisor.wait(timeout_s)
        self.check()

    @property
    def engine_backend(self) -> str:
        """The backends that serve, joined by +; '' without an engine."""
        return "+".join(self.mailbox.backends)


def launch(station: Station, origin: Origin) -> NoReturn:
    """Become the supervisor of this station; an interrupted one's processes are adopted."""
    plan = supervisor_plan(station, origin=origin)
    with interruptible() as interrupt:  # Ctrl-C must not leave the memory behind
        memory = Memory(station, plan)
        memory.close()
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)  # until the supervisor listens
        if interrupt.asked:
            sweep(station.station.name)
            memory.lock.close()
            sys.exit(0)
    os.set_inheritable(memory.lock.fd, True)  # noqa: FBT003 - the signature of os
    plan = plan.model_copy(update={"lock_fd": memory.lock.fd, "lock_path": memory.lock.path})
    command = [sys.executable, "-I", "-m", "gonogo.watchdog.supervisor", plan.model_dump_json()]
    os.execv(sys.executable, command)  # noqa: S606 - no shell


def supervisor_plan(
    station: Station, parent_pid: int = 0, origin: Origin = UNKNOWN
) -> SupervisorPlan:
    """The table of this station's processes, in the order of starting."""
    limits = tuple(limits_of(view.engine) for view in station.view)
    rows = [_records_row(station, origin)]
    if any(limits):
        rows.append(_engine_row(station))
    rows.append(_line_row(station, limits, origin))
    return SupervisorPlan(
        station=station.station.name,
        rows=tuple(rows),
        parent_pid=parent_pid,
        realtime=station.realtime,
        device=station.watchdog.device,
        device_timeout_s=station.watchdog.timeout_s,
        key_sha256=station.maintenance.key_sha256,
        refused_faults={kind: why for kind in FAULTS if (why := unsupported(kind, station))},
    )


def row_numbers(plan: SupervisorPlan) -> dict[str, tuple[int, ...]]:
    """Rows of the table of beats by the name of their process; a spare has the second one."""
    numbers: dict[str, tuple[int, ...]] = {}
    at = 1
    for row in plan.rows:
        count = 2 if row.spare else 1
        numbers[row.name] = tuple(range(at, at + count))
        at += count
    return numbers


def _engine_row(station: Station) -> RowPlan:
    views = []
    for index, view in enumerate(station.view):
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
        station=station.station.name, place=0, views=tuple(views), realtime=station.realtime
    )
    return RowPlan(
        name="engine A",
        module="gonogo.engines.host",
        argument=plan.model_dump_json(),
        limit_ms=ENGINE_BUDGETS * station.station.budget_ms + HEART_MS,
        strikes=ENGINE_STRIKES,
        growth_mb=station.watchdog.growth_mb,
    )


def _line_row(station: Station, limits: tuple[ViewLimits | None, ...], origin: Origin) -> RowPlan:
    plan = LinePlan(station=station, limits=limits, fell_back=origin.fell_back)
    return RowPlan(
        name="line",
        module="gonogo.runtime.line",
        argument=plan.model_dump_json(),
        limit_ms=station.station.budget_ms + HEART_MS,
        strikes=LINE_STRIKES,
        growth_mb=station.watchdog.growth_mb,
        spare=station.station.warm_spare,
        required=True,
    )


def state_path(station: Station) -> Path:
    """Where the state of the last run lies: beside the records."""
    return station.records.path.with_name(f"{station.station.name}.state.json")


def _tell_last_run(station: Station) -> None:
    """Say how the last run ended, and where it was."""
    last = laststate.read(state_path(station))
    if last is not None:
        log.info(
            "last run: %s (mode %s, part id %d, session %d, %s)",
            laststate.reset_reason(last, boot_tag()),
            last.mode,
            last.last_part_id,
            last.session,
            last.wall_time,
        )


def _records_row(station: Station, origin: Origin) -> RowPlan:
    rules = open_rules(station)
    plan = RecordsPlan(
        station=station.station.name,
        path=station.records.path,
        state=state_path(station),
        poll_ms=station.records.poll_ms,
        views=tuple(view.name for view in station.view),
        rules=rules.names,
        units=rules.units,
        candidate=origin.candidate,
    )
    return RowPlan(
        name="records",
        module="gonogo.records.process",
        argument=plan.model_dump_json(),
        limit_ms=RECORDS_LIMIT_MS,
        growth_mb=station.watchdog.growth_mb,
    )


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
