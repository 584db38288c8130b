"""Serial ports of pseudo terminals, and how fast bytes go out."""

from __future__ import annotations

import os
import select
import termios
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ConsolePortError
from gonogo.console.serial.port import Pace, SerialPort, Terminal
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.serial_lines import BareLine

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 20.0


@pytest.fixture
def line(tmp_path: Path) -> Iterator[BareLine]:
    """A device, and the other end of it."""
    made = BareLine(tmp_path)
    yield made
    made.unplug()


def test_serial_port_carries_every_byte_as_it_is(line: BareLine) -> None:
    """No line ends are changed, nothing is echoed, Ctrl-C is a byte."""
    data = bytes(range(256))
    with closing(SerialPort(line.device, 115200)) as port:
        line.say(data)
        got = b""
        while len(got) < len(data) and select.select([port], [], [], WAIT_S)[0]:
            got += port.read()
        # PARMRK doubles a true 0xFF, so that a marked byte is none
        assert got == data + b"\xff"
        assert port.write(data) == len(data)
        assert line.heard() == data
        assert port.read() == b""


def test_serial_port_is_set_as_asked(line: BareLine) -> None:
    """Raw, 8N1, that speed, BREAK ignored, framing errors marked."""
    with closing(SerialPort(line.device, 9600)) as port:
        iflag, oflag, cflag, lflag, *speeds, _ = termios.tcgetattr(port.fileno())
    assert speeds == [termios.B9600, termios.B9600]
    assert iflag & termios.IGNBRK
    assert iflag & termios.PARMRK
    assert not iflag & (termios.ICRNL | termios.IXON | termios.BRKINT)
    assert cflag & termios.CSIZE == termios.CS8
    assert not cflag & (termios.PARENB | termios.CSTOPB | termios.CRTSCTS)
    assert oflag & termios.OPOST == 0
    assert lflag & (termios.ICANON | termios.ECHO | termios.ISIG) == 0


def test_serial_port_is_nobody_elses(line: BareLine) -> None:
    """A second one says who else; once closed it can be had again."""
    with (
        closing(SerialPort(line.device, 9600)),
        pytest.raises(ConsolePortError, match="another program holds it"),
    ):
        SerialPort(line.device, 9600)
    SerialPort(line.device, 9600).close()


@pytest.mark.parametrize(
    ("device", "said"), [("/dev/ttyNONE", "plugged in"), ("/dev/null", "expected a serial port")]
)
def test_serial_port_that_is_none_says_so(device: str, said: str) -> None:
    """Missing, or a file of another kind; no descriptor is left."""
    with nothing_left_open(), pytest.raises(ConsolePortError, match=said):
        SerialPort(Path(device), 9600)


def test_serial_port_that_is_unplugged_says_so(line: BareLine) -> None:
    """At the next byte, read or written; closing it is no error then."""
    port = SerialPort(line.device, 9600)
    line.unplug()
    with pytest.raises(ConsolePortError, match="gone"):
        port.read()
    port.close()
    port.close()


def test_pace_gives_what_the_line_takes() -> None:
    """At 9600 baud 960 bytes a second, of which a tenth may wait in the kernel's buffer."""
    pace = Pace(9600, 0.0)
    assert pace.room(0.0) == 96
    pace.spend(96)
    assert pace.room(0.0) == 0
    assert pace.room(0.05) == 48
    assert pace.room(100.0) == 96


def test_terminal_is_as_before_once_it_is_closed() -> None:
    """Raw meanwhile."""
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    with closing(Terminal(slave, slave)):
        assert not termios.tcgetattr(slave)[3] & termios.ECHO
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)
