"""The console as a process of a station that runs, on a serial port that is a pseudo terminal."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import TYPE_CHECKING

from gonogo.config.station import load_station
from gonogo.console.serial.clients import PURPOSE
from gonogo.ipc.control_socket import control_path
from gonogo.ipc.process_table import TableView
from gonogo.launch.running_station import RunningStation
from gonogo.launch.told import Origin
from gonogo.tests.serial_lines import BareLine, Said
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from pathlib import Path

WAIT_S = 40.0
# of the table of a station without engines: records, the line and its spare, the console
ROWS = {"line": 2, "console": 4}


def pid_of(station: str, name: str) -> int:
    """The process of a row; 0 while there is none."""
    beats = TableView.attach(station)
    try:
        return beats.rows[ROWS[name]].pid
    finally:
        beats.close()


def console_of(station: str) -> int:
    """Its process."""
    return pid_of(station, "console")


# slow: on a busy box no line is to be killed for its lateness
FILE = """
[station]
name = "{name}"
budget_ms = 4000
pitch_mm = 1000
[trigger]
driver = "timer"
period_ms = 5000
[plc]
driver = "modbus-client"
host = "127.0.0.1"
port = {port}
[[view]]
name = "top"
[view.camera]
driver = "synthetic"
height_px = 120
width_px = 160
[[view.rule]]
name = "width"
kind = "dimension"
measure = "width"
mm_per_px = 0.1
low = 1.0
high = 50.0
[records]
path = "records.sqlite"
[realtime]
enabled = false
[console]
device = "{device}"
"""


class AtSocket:
    """Somebody at the local socket of the console, as the station's user."""

    def __init__(self, station: str) -> None:
        end_s = time.monotonic() + WAIT_S
        while True:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self._socket.connect(str(control_path(station, PURPOSE)))
                break
            except OSError:
                self._socket.close()
                assert time.monotonic() < end_s, "nobody listens"
                time.sleep(0.05)
        self._socket.settimeout(WAIT_S)
        self.until("> ")

    def until(self, words: str) -> str:
        """What is said until then."""
        got = ""
        while words not in got:
            data = self._socket.recv(4096)
            assert data, got
            got += data.decode("ascii")
        return got

    def change(self, line: str) -> str:
        """Type it, with a reason and the digits that are shown; what comes of it."""
        self._socket.sendall(f"{line}\rfor the test\r".encode())
        code = self.until("to do it: ").rpartition("type ")[2][:4]
        self._socket.sendall(code.encode() + b"\r")
        return self.until("> ")

    def say(self, line: str) -> str:
        """Type it; what is answered."""
        self._socket.sendall(line.encode() + b"\r")
        return self.until("> ")

    def leave(self) -> None:
        """Without a word."""
        self._socket.close()


def until_another(station: str, pid: int) -> int:
    """The console's process once it is another one."""
    end_s = time.monotonic() + WAIT_S
    while (found := console_of(station)) in (0, pid):
        assert time.monotonic() < end_s, "it is the same process"
        time.sleep(0.02)
    return found


def test_process_is_a_row_of_the_station_and_goes_back_to_what_it_was_told(tmp_path: Path) -> None:
    """Shows how it stands, changes nothing without accounts; killed, it is started anew.

    On trial another process is told what was set. When console and supervisor are killed, the old
    values are back, as nobody has confirmed. The line is the same one throughout.
    """
    line, name = BareLine(tmp_path), f"t{os.getpid()}.trial"
    said, prompt = Said(line.heard, WAIT_S), f"\n\r{name}> "
    file = tmp_path / "cell.toml"
    text = FILE.format(name=name, port=free_port(), device=line.device)
    file.write_text(text, encoding="utf-8")
    origin = Origin(fell_back=False, candidate=None, sha256="ab", file=file)
    try:
        with RunningStation(load_station(file), origin) as running:
            judges = pid_of(name, "line")
            said.until(prompt)
            line.say(b"status\r")
            assert "console" in said.until(prompt)
            line.say(b"io\r ")
            assert "link_ok" in said.until("DI eject")
            said.until(prompt)
            line.say(b"acknowledge\r")
            said.until("GN653")
            said.until(prompt)
            pid, person = console_of(name), AtSocket(name)
            person.say("configure")
            person.say("set console.idle_s 333")
            assert "on trial for 3600 s, in console" in person.change("commit confirm 3600")
            pid = until_another(name, pid)
            said.until("a change is on trial for")
            said.until(prompt)
            os.kill(pid, signal.SIGKILL)  # the console: what is on trial stays on trial
            pid = until_another(name, pid)
            said.until("a change is on trial for")
            said.until(prompt)
            os.kill(running.supervisor.pid, signal.SIGKILL)
            running.revive()
            until_another(name, pid)  # told what counts
            assert "a change" not in said.until(prompt)
            person.leave()
            assert file.read_text(encoding="utf-8") == text
            assert pid_of(name, "line") == judges
    finally:
        line.unplug()
