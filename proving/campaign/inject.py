"""How each row of the campaign is brought about on a running station."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ProcessFailed, StationRunning
from gonogo.base.runtime_dir import runtime_dir
from gonogo.base.shm import file_safe
from gonogo.ipc.control_socket import asked_with, control_path
from gonogo.launch.running_station import RunningStation
from gonogo.proving.campaign.exchanges import Exchanges
from gonogo.proving.campaign.ground import KEY
from gonogo.proving.campaign.hogs import hogs
from gonogo.proving.campaign.misfortunes import MISFORTUNES
from gonogo.proving.campaign.neighbour import Neighbour
from gonogo.proving.campaign.network_camera import CameraTrouble

if TYPE_CHECKING:
    import random
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.proving.campaign.rows import CampaignRow
    from gonogo.proving.peers.network_camera import FakeCamera

SHOWN_AS = {
    "engine-stop-go": "engine-stop",  # ended after a while: the answer then comes late
    "camera-of-two": "camera-kill",  # the first one's process
}
CLIENTS = 200  # far more than the socket takes at once (16)


class Surroundings(NamedTuple):
    """What stands around the station: the PLC, the wire to it, a camera in its network."""

    plc: subprocess.Popen[str]
    wire: subprocess.Popen[str]
    camera: FakeCamera | None = None


class Injector:
    """Brings a fault about; most are asked of the station itself, over its socket."""

    def __init__(self, running: RunningStation, around: Surroundings, rng: random.Random) -> None:
        self._running = running
        self._around = around
        # every one comes before any comes twice, in an order of the seed
        self._misfortunes = itertools.cycle(rng.sample(MISFORTUNES, len(MISFORTUNES)))
        self._special: dict[str, Callable[[CampaignRow], None]] = {
            # what no fault of the station's own can show: the PLC, the wire, the box
            "plc-frozen": self._freeze_plc,
            "overrate": self._rush,
            "plc-silent": lambda row: self._order(f"silent {row.for_s}"),
            # in the order that the wire takes: kind, seconds, amount
            "plc-slow": lambda row: self._order(f"slow {row.for_s} {row.amount}"),
            "network": lambda _: self._order(next(self._misfortunes).order),
            "supervisor-kill": self._kill_supervisor,
            "clients": self._crowd,
            "memory-removed": self._remove_memory,
            "cpu-load": lambda row: self._load(row, os.cpu_count() or 1, 0),
            "cpu-hog": lambda row: self._load(row, 1, running.station.realtime.priority),
        }
        neighbour = Neighbour(running, around.plc)
        self._arrivals = {
            "second-station": neighbour.another,
            "second-copy": neighbour.copy,
        }  # each says when it came: it takes its time to start
        if around.camera is not None:
            self._special |= CameraTrouble(running, around.camera).rows
        # the other grounds have no loader to ask
        if running.station.engines is not None:
            self._special |= self._exchanges(running.station.engines.folder, rng)

    def inject(self, row: CampaignRow) -> int:
        """Do it now; the moment, monotonic ns."""
        arrives = self._arrivals.get(row.name)
        if arrives is not None:
            return arrives()
        special = self._special.get(row.name)
        if special is not None:
            at_ns = time.monotonic_ns()  # before: some of these take as long as the fault lasts
            special(row)
            return at_ns
        return self.show(SHOWN_AS.get(row.name, row.name), row.for_s, row.amount)

    def show(self, kind: str, for_s: float | None = None, amount: float | None = None) -> int:
        """Ask the station to show a fault of its own; the moment, monotonic ns."""
        name = self._running.name
        # under the maintenance key, as a person would have to
        reply = asked_with(name, KEY, do="inject", kind=kind, for_s=for_s, amount=amount)
        # the station's own word for when it began, on the clock of the box
        return int(reply["at_ns"])

    def _freeze_plc(self, row: CampaignRow) -> None:
        # as a PLC in STOP: its kernel still acknowledges, its program does not
        self._around.plc.send_signal(signal.SIGSTOP)
        time.sleep(row.for_s or 0.0)
        self._around.plc.send_signal(signal.SIGCONT)

    def _exchanges(
        self, folder: Path, rng: random.Random
    ) -> dict[str, Callable[[CampaignRow], None]]:
        exchanges = Exchanges(self._running.name, folder, rng, self.show)
        return {
            "bundle-wrong": lambda _: exchanges.wrong(),
            "loader-memory": lambda _: exchanges.hungry(),
            "engine-b-kill": lambda row: exchanges.struck(row.name),
            "loader-kill": lambda row: exchanges.struck(row.name),
            "engine-swap": lambda _: exchanges.swap(),
        }

    def _rush(self, row: CampaignRow) -> None:
        """Five parts in the time of one, and an engine that takes a third of it."""
        self.show("engine-slow", row.for_s, row.amount)
        # the simulator's five parts in the time of one
        self._around.plc.send_signal(signal.SIGUSR1)

    def _order(self, line: str) -> None:
        if self._around.wire.stdin is not None:
            self._around.wire.stdin.write(line + "\n")

    def _kill_supervisor(self, _: CampaignRow) -> None:
        # the line lives on, and is adopted by the next one
        os.kill(self._running.supervisor.pid, signal.SIGKILL)
        self._running.revive()

    def _remove_memory(self, row: CampaignRow) -> None:
        """Every name is gone for a while; a second copy of the station must not start."""
        with names_away(self._running.name):
            time.sleep(row.for_s or 0.0)
            try:
                # to be refused though every name is gone: the processes are not
                with RunningStation(self._running.station):
                    raise ProcessFailed("a second copy of the station was let in")
            except StationRunning:
                pass

    def _crowd(self, row: CampaignRow) -> None:
        with crowd(self._running.name, CLIENTS):
            time.sleep(row.for_s or 0.0)

    def _load(self, row: CampaignRow, count: int, priority: int) -> None:
        with hogs(count, priority):
            time.sleep(row.for_s or 0.0)


@contextlib.contextmanager
def names_away(station: str) -> Iterator[None]:
    """Take every name of a station's memory away, its lock's, too, and put them back."""
    folder = runtime_dir()
    away = folder / f"away.{os.getpid()}"
    # private, as the folder itself: what lies there is trusted when it comes back
    away.mkdir(mode=0o700)
    # moved and not removed: who has them mapped keeps them, and they come back as they were
    names = [*folder.glob(f"{file_safe(station)}-*-*"), folder / f"{file_safe(station)}.lock"]
    for path in names:
        path.rename(away / path.name)
    try:
        yield
    finally:
        for path in names:
            (away / path.name).rename(path)
        away.rmdir()


@contextlib.contextmanager
def crowd(station: str, clients: int) -> Iterator[None]:
    """So many clients of the control socket that say half a line, or nothing, and stay."""
    path = str(control_path(station))
    with contextlib.ExitStack() as stack:
        for k in range(clients):
            client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            stack.callback(client.close)
            with contextlib.suppress(OSError):
                client.connect(path)
                client.send(b"" if k % 2 else b'{"do": ')
        yield
