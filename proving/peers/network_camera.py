"""Aravis' fake GigE Vision camera, as a process on loopback, and what befalls a real one.

Its port is the one port of the protocol (3956), so that one camera at a time can be there: others
wait for a lock. The program is of the Debian package aravis-tools; MISSING says what is not there.
"""

from __future__ import annotations

import ctypes.util
import fcntl
import itertools
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import ProcessFailed

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator

PROGRAM = "arv-fake-gv-camera-0.8"
ADDRESS = "127.0.0.1"
WAIT_S = 60.0
_LOCK = Path(tempfile.gettempdir()) / f"gonogo-fake-camera.{os.getuid()}"
_SERIAL = itertools.count(1)
_PORT = 3956
_BOUND = f"0100007F:{_PORT:04X}"  # as /proc/net/udp writes it
# GigE Vision 2.0, chapter 16: a command that wants an answer, to write one register
_KEY, _ANSWER_WANTED, _WRITE_REGISTER = 0x42, 0x01, 0x0082
_CONTROL = 0x0A00  # of the bootstrap registers
WIDTH, HEIGHT = 0x0100, 0x0104  # of the fake camera's own
_STEP_S = 0.05

MISSING = [
    name
    for name, there in (
        (PROGRAM, shutil.which(PROGRAM)),
        ("libaravis-0.8.so.0", ctypes.util.find_library("aravis-0.8")),
    )
    if not there
]


class FakeCamera:
    """One process at a time; `start` after `kill` is a camera that was switched on again."""

    def __init__(self) -> None:
        self.serial = f"T{os.getpid()}.{next(_SERIAL)}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Until it listens; ProcessFailed where it does not."""
        command = [PROGRAM, "-i", ADDRESS, "-s", self.serial, *options]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end_s = time.monotonic() + WAIT_S
        while _BOUND not in Path("/proc/net/udp").read_text(encoding="ascii"):
            if self._process.poll() is not None or time.monotonic() > end_s:
                self.kill()
                raise ProcessFailed(f"{PROGRAM} does not listen on {ADDRESS}:{_PORT}")
            time.sleep(0.005)

    @property
    def pid(self) -> int:
        """Of the process; 0 while it is switched off."""
        return self._process.pid if self._process is not None else 0

    def signal(self, number: signal.Signals) -> None:
        """Freeze it, or let it go on."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """As if its cable had been pulled."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def port_alone() -> Iterator[tuple[str, int]]:
    """Where a camera listens; nobody else's does meanwhile."""
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield ADDRESS, _PORT


@contextmanager
def fake_camera(*options: str) -> Iterator[FakeCamera]:
    """One that listens."""
    with port_alone():
        made = FakeCamera()
        made.start(*options)
        try:
            yield made
        finally:
            made.kill()


def overwrite(registers: dict[int, int], patience_s: float = WAIT_S) -> None:
    """As another client: take control, as soon as nobody has it, write, and leave it again.

    TimeoutError where somebody keeps it: who has no control gets no answer.
    """
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as client:
        client.connect((ADDRESS, _PORT))
        client.settimeout(_STEP_S)
        end_s = time.monotonic() + patience_s
        for at, value in {_CONTROL: 2, **registers}.items():
            _written(client, at, value, end_s)
        _written(client, _CONTROL, 0, end_s)


def _written(client: socket.socket, at: int, value: int, end_s: float) -> None:
    command = struct.pack(
        ">BBHHHII", _KEY, _ANSWER_WANTED, _WRITE_REGISTER, 8, next(_SERIAL) & 0xFFFF, at, value
    )
    while True:
        client.send(command)
        try:
            client.recv(64)
        except TimeoutError:
            if time.monotonic() > end_s:
                raise
        else:
            return
