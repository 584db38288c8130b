"""The console as a process of a station that runs, on a serial port that is a pseudo terminal."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from gonogo.config.console import ConsoleSection
from gonogo.ipc.control_socket import ask
from gonogo.launch.running_station import RunningStation
from gonogo.tests.serial_lines import BareLine
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path

WAIT_S = 40.0


def until(line: BareLine, words: str) -> str:
    """What the console said until then."""
    got, end_s = "", time.monotonic() + WAIT_S
    while words not in got:
        assert time.monotonic() < end_s, got
        got += line.heard(1.0).decode("ascii")
    return got


def console_of(station: str) -> int:
    """Its process."""
    rows = ask(station, do="status")["rows"]
    return next(int(row["pid"]) for row in rows if row["name"] == "console")


def test_process_is_a_row_of_the_station_and_reads_alone(tmp_path: Path) -> None:
    """Shows how it stands, changes nothing without accounts; killed, it is started anew."""
    line = BareLine(tmp_path)
    made = small_station(tmp_path, trigger={"driver": "timer", "period_ms": 160})
    section = ConsoleSection(device=str(line.device), baud=9600)
    made = made.model_copy(update={"console": section})
    name = made.station.name
    try:
        with RunningStation(made):
            until(line, f"{name}> ")
            line.say(b"status\r")
            assert "console" in until(line, f"\n\r{name}> ")
            line.say(b"io\r ")
            assert "link_ok" in until(line, "DI eject")
            until(line, f"\n\r{name}> ")
            line.say(b"acknowledge\r")
            until(line, "GN653")
            os.kill(console_of(name), signal.SIGKILL)
            until(line, f"gonogo, station '{name}'")
            line.say(b"network\r")
            assert "127.0.0.1" in until(line, f"\n\r{name}> ")
    finally:
        line.unplug()
