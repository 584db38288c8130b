"""A camera with a process of its own, played here: its station file, its port, and how it opens.

Import as `gonogo.tests.console.serial.lit`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gonogo.ipc.camera_port import CameraDesk, CameraPort, CameraState, Light, port_path
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

ARAVIS = """driver = "aravis"
address = "10.0.0.2"
trigger = "software"
exposure_us = 500.0
"""
OLD = PLAIN_FILE.replace('driver = "synthetic"\n', ARAVIS)
TAKES = {"exposure_us": Light(500.0, 20.0, 90_000.0), "gain_db": Light(0.0, 0.0, 24.0)}


class Played:
    """Its process: begins anew when it is told to, and opens its camera or not."""

    def __init__(self, station: str) -> None:
        self.desk = CameraDesk.attach(station, 0)
        self.opens()

    def opens(self, exposure_us: float = 500.0) -> None:
        """Another process, whose camera is open with that."""
        self.desk.start()
        self.desk.offer({**TAKES, "exposure_us": TAKES["exposure_us"]._replace(value=exposure_us)})
        self.desk.say(CameraState.READY)

    def fails(self, why: str) -> None:
        """Another process, whose camera does not open."""
        self.desk.say(CameraState.DOWN)
        self.desk.start()
        self.desk.say(CameraState.OPENING, why)


@contextmanager
def played(station: str) -> Iterator[Played]:
    """The camera of view 0 of that station, open."""
    port = CameraPort.create(station, 0)
    camera = Played(station)
    try:
        yield camera
    finally:
        camera.desk.close()
        port.close()
        port_path(station, 0).unlink()  # another test makes it anew
