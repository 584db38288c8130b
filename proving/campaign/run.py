"""Runs the campaign: one station, one PLC simulator, one fault after the other.

Each fault comes at a random moment of a part, once everything is well again. What it
did is read from two journals afterwards: the simulator's, which judges, and ours.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ControlError, ProcessFailed
from gonogo.base.realtime import lift
from gonogo.base.words import Mode
from gonogo.ipc.control_socket import ask
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.journal_records import VerdictEntry
from gonogo.launch.running_station import RunningStation
from gonogo.proving.campaign.ground import free_port
from gonogo.proving.campaign.inject import Injector, Surroundings
from gonogo.proving.campaign.network_camera import camera_of
from gonogo.proving.campaign.wire import bad_wire
from gonogo.proving.rehearse import known, simulated_plc, simulator, simulator_plan
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.proving.campaign.rows import CampaignRow

NS_PER_S = 1_000_000_000
POLL_S = 0.0005  # detections of a few ms are timed by it
CALM_PARTS = 2  # complete cycles in mode FULL before the next fault
PATIENCE_S = 30.0
MANY_PARTS = 10_000_000  # never reached: the campaign ends the simulator


class Shot(NamedTuple):
    """One injection as it happened, monotonic ns; 0 where it did not.

    `ended_ns`: the kernel said that the process it was aimed at has ended.
    """

    row: CampaignRow
    at_ns: int
    mode_ns: int  # the mode left FULL
    full_ns: int  # and was FULL again
    ended_ns: int


class Segment(NamedTuple):
    """The parts of a row: those triggered between these two moments."""

    row: CampaignRow
    from_ns: int
    to_ns: int
    shots: tuple[Shot, ...]


class Trace(NamedTuple):
    """All that analysis needs."""

    segments: tuple[Segment, ...]
    entries: tuple[VerdictEntry, ...]
    journal: Path


class Campaign:
    """A station under fire."""

    def __init__(self, running: RunningStation, injector: Injector, rng: random.Random) -> None:
        self.running = running
        self._injector = injector
        self._rng = rng
        self._pitch_s = running.station.station.pitch_ms / 1000
        # of the station's own journal: what it thought; the judge is the simulator's
        self._reader = JournalReader(running.journal)
        self.entries: list[VerdictEntry] = []

    def run(self, row: CampaignRow, phases: int, tell: Callable[[str, int], None]) -> Segment:
        """Inject one row so many times."""
        self.calm()
        from_ns = time.monotonic_ns()
        shots = []
        for done in range(1, phases + 1):
            shots.append(self.shoot(row))
            self.calm()
            tell(row.name, done)
        return Segment(row, from_ns, time.monotonic_ns(), tuple(shots))

    def shoot(self, row: CampaignRow) -> Shot:
        """One injection at a random phase, followed until the station is in mode FULL again."""
        # anywhere in a part: each stage is hit as often as it is long
        time.sleep(row.rest_s + self._rng.uniform(0.0, self._pitch_s))
        with self._victim(row) as pidfd:
            at_ns = self._injector.inject(row)
            return self._follow(row, at_ns, pidfd)

    def _follow(self, row: CampaignRow, at_ns: int, pidfd: int) -> Shot:
        # two parts at least: a fault may show only with the next one
        quiet_ns = at_ns + round(max(row.for_s or 0.0, 2 * self._pitch_s) * NS_PER_S)
        mode_ns = full_ns = ended_ns = 0
        end_ns = at_ns + round(PATIENCE_S * NS_PER_S)
        while (now_ns := time.monotonic_ns()) < end_ns:
            full = self.running.heartbeat.mode is Mode.FULL
            if not full:
                mode_ns = mode_ns or now_ns
                full_ns = 0
            # the last return to FULL counts, should it leave it more than once
            elif not full_ns:
                full_ns = now_ns
            if full and now_ns > quiet_ns:
                break
            # the kernel frees memory first: a big process ends some ms after it was killed
            if pidfd >= 0 and not ended_ns and select.select([pidfd], [], [], 0)[0]:
                ended_ns = now_ns
            time.sleep(POLL_S)
        return Shot(row, at_ns, mode_ns, full_ns if mode_ns else 0, ended_ns)

    @contextlib.contextmanager
    def _victim(self, row: CampaignRow) -> Iterator[int]:
        """The pidfd of the process that a row kills, -1 where it kills none."""
        pid = self._working(row.kills) if row.kills else 0
        # before the shot: afterwards the number may be somebody else's
        pidfd = os.pidfd_open(pid) if pid else -1
        try:
            yield pidfd
        finally:
            if pidfd >= 0:
                os.close(pidfd)

    def _working(self, name: str) -> int:
        """The process that does the work of a row."""
        beats = self.running.beats.rows
        numbers = self.running.rows[name]
        return next((beats[k].pid for k in numbers if beats[k].state == RowState.UP), 0)

    # -- until all is well -------------------------------------------------------------

    def calm(self) -> None:
        """Wait until every process is up, the mode is FULL and parts are judged in it."""
        end_s = time.monotonic() + PATIENCE_S
        # a row that was spent too often is latched, and stays so until a person acknowledges it
        self._acknowledge()
        calm_from = -1
        while calm_from < 0 or self.running.heartbeat.cycles < calm_from + CALM_PARTS:
            if time.monotonic() > end_s:
                raise ProcessFailed(
                    f"the station was not well again within {PATIENCE_S:g} s: "
                    f"mode {self.running.heartbeat.mode.name}, processes {self._states()}"
                )
            # while it waits: the journal is a ring, and would lap a reader that does not come by
            self.collect()
            well = self.running.heartbeat.mode is Mode.FULL and self._all_up()
            if not well:
                calm_from = -1
            elif calm_from < 0:
                calm_from = self.running.heartbeat.cycles
            self.running.wait(0.01)

    def _acknowledge(self) -> None:
        with contextlib.suppress(ControlError):  # the supervisor itself may be what was killed
            ask(self.running.name, do="acknowledge")

    def _states(self) -> dict[str, list[str]]:
        beats = self.running.beats.rows
        return {
            name: [RowState(beats[k].state).name for k in rows]
            for name, rows in self.running.rows.items()
        }

    def _all_up(self) -> bool:
        """Every row works, and the spare waits."""
        states = self._states()
        # of a line and its spare one is UP and one is HELD; none is starting
        return all("UP" in found and set(found) <= {"UP", "HELD"} for found in states.values())

    def collect(self) -> None:
        """Read what the line has judged."""
        self.entries += [e for e in self._reader if isinstance(e, VerdictEntry)]


@contextlib.contextmanager
def under_fire(station: Station, seed: int, journal: Path) -> Iterator[Campaign]:
    """The station, its PLC, and a wire between them that can fail."""
    port = free_port()  # of the PLC itself; the station knows the wire's
    plan = simulator_plan(
        station, MANY_PARTS, journal, port=port, stall_timeout_s=PATIENCE_S, sections=known(station)
    )
    with (
        camera_of(station) as camera,
        simulator(plan) as plc,  # takes its rank itself: a PLC is a box of its own
        # the station connects to the wire, and the wire to the simulator
        bad_wire(simulated_plc(station).port, port) as wire,
        RunningStation(station) as running,
    ):
        lift(wire.pid, plan.rank)  # and so is a cable
        rng = random.Random(seed)  # noqa: S311 - not a secret
        yield Campaign(running, Injector(running, Surroundings(plc, wire, camera), rng), rng)


def run_campaign(
    station: Station,
    rows: Sequence[tuple[CampaignRow, int]],
    seed: int,
    journal: Path,
    tell: Callable[[str, int], None],
) -> Trace:
    """Run these rows with so many phases each; `tell` hears the row and the injection's count.

    `journal`: where the PLC simulator writes, who judges.
    """
    with under_fire(station, seed, journal) as campaign:
        # one station for all rows: what one has left behind shows in the next
        segments = tuple(campaign.run(row, phases, tell) for row, phases in rows)
        campaign.calm()
    return Trace(segments, tuple(campaign.entries), journal)
