"""What befalls a network camera while its station judges: rows of the ground "network camera"."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import ProcessFailed
from gonogo.base.realtime import ThreadRank
from gonogo.drivers.cameras.aravis.section import AravisSection
from gonogo.proving.campaign.hogs import hogs
from gonogo.proving.peers.network_camera import HEIGHT, WIDTH, FakeCamera, fake_camera, overwrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gonogo.config.station import Station
    from gonogo.launch.running_station import RunningStation
    from gonogo.proving.campaign.rows import CampaignRow

RECEIVER = "arv_gv_stream"  # as the library names its thread
OTHER_REGION = {WIDTH: 64, HEIGHT: 64}
PATIENCE_S = 10.0  # beyond any heartbeat time of a ground


@contextlib.contextmanager
def camera_of(station: Station) -> Iterator[FakeCamera | None]:
    """The camera of its network view, which must be there first; None where it has none."""
    if not any(isinstance(view.camera, AravisSection) for view in station.view):
        yield None
        return
    with fake_camera() as camera:
        yield camera


class CameraTrouble:
    """Of the one camera that a running station has in its network."""

    def __init__(self, running: RunningStation, camera: FakeCamera) -> None:
        self._running, self._camera = running, camera
        (self._view,) = (
            view.name for view in running.station.view if isinstance(view.camera, AravisSection)
        )

    @property
    def rows(self) -> dict[str, Callable[[CampaignRow], None]]:
        """How each row is brought about."""
        return {
            "camera-reset": lambda _: self._reset(),
            "camera-region": lambda _: self._set_by_another(),
            "camera-starved": self._starve,
        }

    def _reset(self) -> None:
        """A dip of its power: it is back at once, with settings of its own, and nobody's."""
        self._camera.kill()
        self._camera.start()

    def _set_by_another(self) -> None:
        """While our process does not come by for longer than the camera waits for it."""
        pid = self._process
        os.kill(pid, signal.SIGSTOP)
        try:
            overwrite(OTHER_REGION, PATIENCE_S)
        finally:
            os.kill(pid, signal.SIGCONT)

    def _starve(self, row: CampaignRow) -> None:
        """The library's thread gets what nobody else wants, and others want all."""
        before = ranks_of(receivers_of(self._process))
        if not before:
            raise ProcessFailed(f"view '{self._view}': no thread named {RECEIVER} to starve")
        with hogs(os.cpu_count() or 1):
            for thread in before:
                _rank(thread, os.SCHED_IDLE, 0)
            time.sleep(row.for_s or 0.0)
        for thread, rank in before.items():
            _rank(thread, rank.policy | os.SCHED_RESET_ON_FORK, rank.priority)

    @property
    def _process(self) -> int:
        (row,) = self._running.rows[f"camera {self._view}"]
        end_s = time.monotonic() + PATIENCE_S
        # between two processes there is none, and 0 would mean our own
        while not (pid := self._running.beats.rows[row].pid):
            if time.monotonic() >= end_s:
                raise ProcessFailed(f"view '{self._view}': its camera has no process")
            time.sleep(0.01)
        return pid


def ranks_of(threads: Iterable[int]) -> dict[int, ThreadRank]:
    """Of those that have not ended meanwhile."""
    found = {}
    for thread in threads:
        with contextlib.suppress(OSError):
            found[thread] = ThreadRank.of(thread)
    return found


def _rank(thread: int, policy: int, priority: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # its process has ended meanwhile
        os.sched_setscheduler(thread, policy, os.sched_param(priority))


def receivers_of(pid: int) -> list[int]:
    """The threads of a process that receive frames from the network."""
    return [
        int(path.parent.name)
        for path in Path(f"/proc/{pid}/task").glob("*/comm")
        if _name(path) == RECEIVER
    ]


def _name(comm: Path) -> str:
    try:
        return comm.read_text(errors="replace").strip()
    except OSError:  # the thread has just ended
        return ""
