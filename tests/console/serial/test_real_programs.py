"""The console behind the terminal programs that people have, their screens read by pyte."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.config.console import ConsoleSection
from gonogo.console.serial.access import StationUser
from gonogo.console.serial.cable import Cable
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.session import Session
from gonogo.tests import serial_lines
from gonogo.tests.console.serial.told import CODE, told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.console.serial.told import Told

WAIT_S = 40.0
PROGRAMS = {
    "picocom": ["picocom", "--nolock", "--quiet", "--baud", "115200", "DEVICE"],
    "minicom": ["minicom", "--noinit", "--baudrate", "115200", "--device", "DEVICE"],
    "screen": ["screen", "-m", "-S", "console", "DEVICE", "115200"],
}
PYTE = Path(sys.prefix) / "peers" / "pyte" / "bin" / "python"
SCRIPT = Path(__file__).parents[2] / "peers" / "pyte_screen.py"


def rows_by_pyte(sent: bytes) -> list[str]:
    """What a terminal shows that was sent this."""
    if not PYTE.exists():
        pytest.skip("pyte is not installed (tests/peers/install.sh)")
    shown = subprocess.run([PYTE, SCRIPT], input=sent, capture_output=True, check=True)
    return shown.stdout.decode().split("\n")


class Desk:
    """A terminal with a program in it, whose port leads to the console of a station."""

    def __init__(self, told: Told, folder: Path, program: str) -> None:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: {program}; tests/peers/install.sh)")
        self._stack = contextlib.ExitStack()
        line = serial_lines.Cable(folder)
        self._stack.callback(line.close)
        guest = Guest(StationUser(), Place(told.name, None, "ttyTEST"))
        session = Session(Conversation(guest, code=lambda: CODE), time.monotonic())
        self._cable = Cable(ConsoleSection(device=str(line.station), baud=115200), session)
        self._stack.callback(self._cable.close)
        self._stop = os.eventfd(0)
        self._stack.callback(os.close, self._stop)
        self._sent = b""
        words = [word.replace("DEVICE", str(line.plc.resolve())) for word in PROGRAMS[program]]
        self._start(words, folder)

    def _start(self, words: list[str], folder: Path) -> None:
        self.terminal, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        rooms = folder / "screens"
        rooms.mkdir(mode=0o700)
        environment = {**os.environ, "TERM": "vt100", "LANG": "C", "SCREENDIR": str(rooms)}
        self._stack.callback(os.close, self.terminal)
        process = subprocess.Popen(
            ["setsid", "--ctty", *words], stdin=slave, stdout=slave, stderr=slave, env=environment
        )
        os.close(slave)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        if words[0] == "screen":  # its server goes on without a terminal
            leave = ["screen", "-S", "console", "-X", "quit"]
            self._stack.callback(subprocess.run, leave, env=environment, stdout=subprocess.DEVNULL)

    def press(self, keys: bytes) -> None:
        """At the keyboard."""
        os.write(self.terminal, keys)

    def until(self, *rows: str, keys: bytes = b"") -> None:
        """Until the terminal shows these rows, by pyte; `keys` are pressed again and again."""
        end_s, next_s = time.monotonic() + WAIT_S, 0.0
        shown: list[str] = []
        while not set(rows) <= set(shown):
            assert time.monotonic() < end_s, "\n".join(shown)
            if keys and time.monotonic() > next_s:
                next_s = time.monotonic() + 0.4
                self.press(keys)
            # looked at once nothing more comes: an interpreter is started for it
            if not self._turn():
                shown = rows_by_pyte(self._sent)

    def _turn(self) -> bool:
        """A moment of the console; whether the terminal was sent something meanwhile."""
        self._cable.turn(self._stop)
        before = len(self._sent)
        while select.select([self.terminal], [], [], 0.05)[0]:
            self._sent += os.read(self.terminal, 4096)
        return len(self._sent) > before

    def close(self) -> None:
        """The program, then the line."""
        self._stack.close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station that answers, one for all tests of this file."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("told")) as found:
        yield found


@pytest.fixture
def told(standing: Told) -> Told:
    """It was asked nothing yet."""
    standing.asked.clear()
    return standing


@pytest.mark.parametrize("program", PROGRAMS)
def test_console_is_used_with_a_terminal_program(told: Told, tmp_path: Path, program: str) -> None:
    """Editing with its keys, an answer, a change with its code: each row as it should be."""
    prompt = f"{told.name}>"
    with contextlib.closing(Desk(told, tmp_path, program)) as desk:
        desk.until(prompt, keys=b"\r")
        # a letter forgotten and one too many: Home, right, and a key that rubs out
        desk.press(b"rcipee\x1b[1~\x1b[Ce\x05\x08\r")
        desk.until(f"{prompt} recipe", "recipe 1     IN FORCE rules: hole", prompt)
        desk.press(b"acknowledge\rnew cable\r")
        desk.until(f"type {CODE} to do it:")
        desk.press(CODE.encode() + b"\r")
        desk.until("reason: new cable", "tried again: engine A", prompt)
    assert told.changes == [{"do": "acknowledge"}]
