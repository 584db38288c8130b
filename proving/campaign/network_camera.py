"""What befalls a network camera while its station judges: rows of the ground "network camera"."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.realtime import ThreadRank
from gonogo.drivers.cameras.aravis.section import AravisSection
from gonogo.proving.campaign.hogs import hogs
from gonogo.proving.peers.network_camera import HEIGHT, WIDTH, FakeCamera, fake_camera, overwrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        threads = receivers_of(self._process)
        before = {thread: ThreadRank.of(thread) for thread in threads}
        with hogs(os.cpu_count() or 1):
            for thread in threads:
                os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
            time.sleep(row.for_s or 0.0)
        for thread, rank in before.items():
            with contextlib.suppress(ProcessLookupError):  # its process has ended meanwhile
                os.sched_setscheduler(
                    thread, rank.policy | os.SCHED_RESET_ON_FORK, os.sched_param(rank.priority)
                )

    @property
    def _process(self) -> int:
        (row,) = self._running.rows[f"camera {self._view}"]
        return self._running.beats.rows[row].pid


def receivers_of(pid: int) -> list[int]:
    """The threads of a process that receive frames from the network."""
    return [
        int(path.parent.name)
        for path in Path(f"/proc/{pid}/task").glob("*/comm")
        if path.read_text(errors="replace").strip() == RECEIVER
    ]
