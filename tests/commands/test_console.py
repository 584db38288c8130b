"""`gonogo console` on a terminal, as a technician types it."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.commands.console import console
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.serial_lines import Said

WAIT_S = 40.0
GONOGO = Path(sys.executable).parent / "gonogo"


def heard(terminal: int, wait_s: float) -> bytes:
    """What was shown meanwhile."""
    return os.read(terminal, 4096) if select.select([terminal], [], [], wait_s)[0] else b""


def test_console_on_a_terminal_may_what_the_command_line_may(station: str, tmp_path: Path) -> None:
    """Nobody is asked for a name; a change wants its code; Ctrl-D gives the terminal back."""
    master, slave = os.openpty()
    with told_station(station, tmp_path) as told, contextlib.ExitStack() as stack:
        stack.callback(os.close, master)
        stack.callback(os.close, slave)
        command = [str(GONOGO), "console", "--station", station]
        process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave)
        stack.callback(process.wait)
        stack.callback(process.kill)
        said = Said(partial(heard, master), WAIT_S)
        said.until(f"{station}> ")
        os.write(master, b"acknowledge\rnew cable\r")
        code = said.until(" to do it: ").rpartition("type ")[2][:4]
        os.write(master, code.encode() + b"\r")
        said.until("tried again: engine A")
        os.write(master, b"\x04")
        assert process.wait(WAIT_S) == 0
        assert told.changes == [{"do": "acknowledge"}]


@pytest.mark.parametrize("serial", ["ttyUSB0", "/dev/ttyUSB0@", "/dev/ttyUSB0@300", "/dev/x@1e3"])
def test_console_says_how_a_port_is_named(station: str, serial: str) -> None:
    """Exit code 2, as for every option that is not right."""
    found = CliRunner().invoke(console, ["--serial", serial, "--station", station])
    assert found.exit_code == 2
    assert "/dev/ttyUSB0, or with @9600 to @115200" in " ".join(found.output.split())


def test_console_wants_a_terminal(station: str) -> None:
    """A pipe is none: a program asks with --json of the commands, or takes a port."""
    found = CliRunner().invoke(main, ["console", "--station", station])
    assert (found.exit_code, "expected a terminal" in found.output) == (1, True)
