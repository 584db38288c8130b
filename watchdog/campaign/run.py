"""Runs the campaign: one station, one PLC simulator, one fault after the other.

Each fault comes at a random moment of a part, once everything is well again. What it
did is read from two journals afterwards: the simulator's, which judges, and ours.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.runtime.errors import ControlError, ProcessFailed
from gonogo.runtime.journal import JournalReader, VerdictEntry
from gonogo.runtime.parts import Mode
from gonogo.runtime.rehearse import simulator, simulator_plan
from gonogo.runtime.startup import RunningStation
from gonogo.watchdog.campaign.ground import KEY
from gonogo.watchdog.control import ask, control_path
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.runtime.station import Station
    from gonogo.watchdog.campaign.rows import CampaignRow

NS_PER_S = 1_000_000_000
POLL_S = 0.0005
CALM_PARTS = 2  # complete cycles in mode FULL before the next fault
PATIENCE_S = 30.0
CLIENTS = 200
MANY_PARTS = 10_000_000


class Shot(NamedTuple):
    """One injection as it happened, monotonic ns; 0 where it did not."""

    row: str
    at_ns: int
    mode_ns: int  # the mode left FULL
    full_ns: int  # and was FULL again


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

    def __init__(
        self, running: RunningStation, plc: subprocess.Popen[str], rng: random.Random
    ) -> None:
        self._running = running
        self._plc = plc
        self._rng = rng
        self._pitch_s = running.station.station.pitch_ms / 1000
        self._reader = JournalReader(running.journal)
        self.entries: list[VerdictEntry] = []

    def run(self, row: CampaignRow, phases: int, tell: Callable[[str, int], None]) -> Segment:
        """Inject one row so many times."""
        self.calm()
        from_ns = time.monotonic_ns()
        shots = []
        for done in range(1, phases + 1):
            shots.append(self._shoot(row))
            self.calm()
            tell(row.name, done)
        return Segment(row, from_ns, time.monotonic_ns(), tuple(shots))

    def _shoot(self, row: CampaignRow) -> Shot:
        time.sleep(self._rng.uniform(0.0, self._pitch_s))
        at_ns = self._inject(row)
        quiet_ns = at_ns + round(max(row.for_s or 0.0, 2 * self._pitch_s) * NS_PER_S)
        mode_ns = full_ns = 0
        end_ns = at_ns + round(PATIENCE_S * NS_PER_S)
        while (now_ns := time.monotonic_ns()) < end_ns:
            full = self._running.heartbeat.mode is Mode.FULL
            if not full:
                mode_ns = mode_ns or now_ns
                full_ns = 0
            elif not full_ns:
                full_ns = now_ns
            if full and now_ns > quiet_ns:
                break
            time.sleep(POLL_S)
        return Shot(row.name, at_ns, mode_ns, full_ns if mode_ns else 0)

    # -- what is done ------------------------------------------------------------------

    def _inject(self, row: CampaignRow) -> int:
        special = {
            "plc-frozen": self._freeze_plc,
            "supervisor-kill": self._kill_supervisor,
            "clients": self._crowd,
        }
        if row.name in special:
            at_ns = time.monotonic_ns()
            special[row.name](row)
            return at_ns
        kind = "engine-stop" if row.name == "engine-stop-go" else row.name
        for_s = row.for_s if row.for_s is not None else None
        reply = ask(
            self._running.name, do="inject", kind=kind, for_s=for_s, amount=row.amount, key=KEY
        )
        return int(reply["at_ns"])

    def _freeze_plc(self, row: CampaignRow) -> None:
        self._plc.send_signal(signal.SIGSTOP)
        time.sleep(row.for_s or 0.0)
        self._plc.send_signal(signal.SIGCONT)

    def _kill_supervisor(self, _: CampaignRow) -> None:
        os.kill(self._running.supervisor.pid, signal.SIGKILL)
        self._running.revive()

    def _crowd(self, row: CampaignRow) -> None:
        """So many clients that say half a line, or nothing, and stay."""
        path = str(control_path(self._running.name))
        crowd = []
        for k in range(CLIENTS):
            client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            with contextlib.suppress(OSError):
                client.connect(path)
                client.send(b"" if k % 2 else b'{"do": ')
            crowd.append(client)
        time.sleep(row.for_s or 0.0)
        for client in crowd:
            client.close()

    # -- until all is well -------------------------------------------------------------

    def calm(self) -> None:
        """Wait until every process is up, the mode is FULL and parts are judged in it."""
        end_s = time.monotonic() + PATIENCE_S
        self._acknowledge()
        calm_from = -1
        while calm_from < 0 or self._running.heartbeat.cycles < calm_from + CALM_PARTS:
            if time.monotonic() > end_s:
                raise ProcessFailed(
                    f"the station was not well again within {PATIENCE_S:g} s: "
                    f"mode {self._running.heartbeat.mode.name}, processes {self._states()}"
                )
            self.collect()
            well = self._running.heartbeat.mode is Mode.FULL and self._all_up()
            if not well:
                calm_from = -1
            elif calm_from < 0:
                calm_from = self._running.heartbeat.cycles
            self._running.wait(0.01)

    def _acknowledge(self) -> None:
        with contextlib.suppress(ControlError):
            ask(self._running.name, do="acknowledge")

    def _states(self) -> dict[str, list[str]]:
        beats = self._running.beats.rows
        return {
            name: [RowState(beats[k].state).name for k in rows]
            for name, rows in self._running.rows.items()
        }

    def _all_up(self) -> bool:
        """Every row works, and the spare waits."""
        states = self._states()
        return all("UP" in found and set(found) <= {"UP", "HELD"} for found in states.values())

    def collect(self) -> None:
        """Read what the line has judged."""
        self.entries += [e for e in self._reader if isinstance(e, VerdictEntry)]


def run_campaign(
    station: Station,
    rows: Sequence[tuple[CampaignRow, int]],
    seed: int,
    folder: Path,
    tell: Callable[[str, int], None],
) -> Trace:
    """Run these rows with so many phases each; `tell` hears the row and the injection's count."""
    journal = folder / "plc.jsonl"
    plan = simulator_plan(station, MANY_PARTS, journal, stall_timeout_s=PATIENCE_S)
    with simulator(plan) as plc, RunningStation(station) as running:
        campaign = Campaign(running, plc, random.Random(seed))  # noqa: S311 - not a secret
        segments = tuple(campaign.run(row, phases, tell) for row, phases in rows)
        campaign.calm()
    return Trace(segments, tuple(campaign.entries), journal)
