"""Somebody who receives by YMODEM: `rb` of lrzsz, fed by hand.

Import as `gonogo.tests.console.serial.receiving`.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import time
import tty
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAIT_S = 120.0


class Receiver:
    """`rb` at one end of a pseudo terminal; the test has the other one."""

    def __init__(self, folder: Path) -> None:
        self.fd, slave = os.openpty()
        tty.setraw(slave)
        self.process = subprocess.Popen(
            ["rb", "--ymodem"], cwd=folder, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL
        )
        os.close(slave)

    def heard(self, wait_s: float = 0.05) -> bytes:
        """What it says."""
        with contextlib.suppress(OSError):  # it has ended
            if select.select([self.fd], [], [], wait_s)[0]:
                return os.read(self.fd, 4096)
        return b""

    def say(self, data: bytes) -> None:
        """To it."""
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self.fd, data) :]

    def until(self, turn: Callable[[bytes], bytes], over: Callable[[], bool]) -> None:
        """Carry bytes to and fro: `turn` takes what it said, and gives what it is to be sent."""
        end_s = time.monotonic() + WAIT_S
        while not over():
            assert time.monotonic() < end_s
            self.say(turn(self.heard()))

    def ended(self) -> int:
        """Its exit code."""
        return self.process.wait(WAIT_S)


@contextlib.contextmanager
def receiver(folder: Path) -> Iterator[Receiver]:
    """As long as this lasts; skipped where lrzsz is not installed."""
    if shutil.which("rb") is None:
        pytest.skip("rb is not installed (Debian: lrzsz; tests/peers/install.sh)")
    found = Receiver(folder)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()
        os.close(found.fd)
