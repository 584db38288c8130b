"""Aravis' fake GigE Vision camera, as a process on loopback, and as what a test does to it.

Import as `gonogo.tests.drivers.cameras.aravis.fake`. Its port is the one port of the protocol
(3956), so that one camera at a time can be there: others wait for a lock.
"""

from __future__ import annotations

import ctypes.util
import fcntl
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.drivers.cameras.aravis.camera import AravisCamera
from gonogo.drivers.cameras.aravis.section import AravisSection
from gonogo.drivers.cameras.network import rmem_max

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator

    from numpy.typing import NDArray

PROGRAM = "arv-fake-gv-camera-0.8"
ADDRESS = "127.0.0.1"
WIDTH_PX, HEIGHT_PX = 128, 96
WAIT_S = 60.0
_LOCK = Path(tempfile.gettempdir()) / f"gonogo-fake-camera.{os.getuid()}"
_SERIAL = itertools.count(1)
_BOUND = "0100007F:0F74"  # 127.0.0.1:3956 as /proc/net/udp writes it
_BLUE, _GREEN, _RED = range(3)
# GenICam PFNC: the colours of the first two pixels of the first row, then those below
MEASURED = {
    "RG": {(0, 0): _RED, (0, 1): _GREEN, (1, 0): _GREEN, (1, 1): _BLUE},
    "GR": {(0, 0): _GREEN, (0, 1): _RED, (1, 0): _BLUE, (1, 1): _GREEN},
    "GB": {(0, 0): _GREEN, (0, 1): _BLUE, (1, 0): _RED, (1, 1): _GREEN},
    "BG": {(0, 0): _BLUE, (0, 1): _GREEN, (1, 0): _GREEN, (1, 1): _RED},
}

MISSING = [
    name
    for name, there in (
        (PROGRAM, shutil.which(PROGRAM)),
        ("libaravis-0.8.so.0", ctypes.util.find_library("aravis-0.8")),
    )
    if not there
]
needs_fake = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (tests/peers/install.sh)"
)


class FakeCamera:
    """One process at a time; `start` after `kill` is a camera that was switched on again."""

    def __init__(self) -> None:
        self.serial = f"T{os.getpid()}.{next(_SERIAL)}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Until it listens."""
        command = [PROGRAM, "-i", ADDRESS, "-s", self.serial, *options]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end_s = time.monotonic() + WAIT_S
        while _BOUND not in Path("/proc/net/udp").read_text(encoding="ascii"):
            assert self._process.poll() is None, "the fake camera ended"
            assert time.monotonic() < end_s, "the fake camera never listened"
            time.sleep(0.005)

    def signal(self, number: signal.Signals) -> None:
        """Freeze it, or let it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """As if its cable had been pulled."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def fake_camera(*options: str) -> Iterator[FakeCamera]:
    """One that listens; nobody else's does meanwhile."""
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = FakeCamera()
        made.start(*options)
        try:
            yield made
        finally:
            made.kill()


def keys(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """Of a small grey camera that is triggered by us."""
    return {
        "driver": "aravis",
        "address": ADDRESS,
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "pixel_format": "mono8",
        "exposure_us": 5000.0,
        "trigger": "software",
        # this box may be busy: nothing is lost while packets wait for the library's thread
        "socket_buffer_kb": min(rmem_max() // 1024, 2048),
        "frame_retention_ms": 500.0,
        **changes,
    }


def section(**changes: Any) -> AravisSection:  # noqa: ANN401 - keys of the section
    """The same, checked."""
    return AravisSection.model_validate(keys(**changes))


@contextmanager
def opened(**changes: Any) -> Iterator[AravisCamera]:  # noqa: ANN401 - keys of the section
    """A camera of that section, closed after the test."""
    camera = AravisCamera(section(**changes), "top")
    try:
        yield camera
    finally:
        camera.close()


def slot(fill: int = 0, channels: int = 1) -> NDArray[np.uint8]:
    """Pixels of a frame, every byte `fill`."""
    shape = (HEIGHT_PX, WIDTH_PX, 3) if channels == 3 else (HEIGHT_PX, WIDTH_PX)
    return np.full(shape, fill, np.uint8)
