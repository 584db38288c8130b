"""Serial ports: their times, what is said when one cannot be had, and the adapter's latency."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LinkError, PortInUse
from gonogo.plc.transports.modbus_rtu_server import ModbusRtuServerSection
from gonogo.plc.transports.serial_line import SerialLine, set_latency
from gonogo.tests.serial_lines import PATIENCE_S, BareLine

if TYPE_CHECKING:
    from collections.abc import Iterator


def section(device: object = "/dev/ttyUSB0", **fields: object) -> ModbusRtuServerSection:
    """A serial section; pseudo terminals take no parity."""
    known = {"driver": "modbus-rtu-server", "device": str(device), "parity": "none"}
    return ModbusRtuServerSection.model_validate(known | fields)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[BareLine]:
    """A line and its other end."""
    line = BareLine(tmp_path)
    yield line
    line.unplug()


@pytest.mark.parametrize(
    ("fields", "silence_ms", "byte_ms"),
    [
        ({"baud": 1200, "parity": "even"}, 32.08, 9.167),
        ({"baud": 9600, "parity": "none"}, 3.646, 1.0417),
        ({"baud": 19200, "parity": "none", "stop_bits": 2}, 2.005, 0.5729),
        ({"baud": 115200, "parity": "odd"}, 1.75, 0.0955),
    ],
)
def test_times_follow_from_the_settings(
    fields: dict[str, object], silence_ms: float, byte_ms: float
) -> None:
    """3.5 characters up to 19200 baud, 1.75 ms above; a byte has all its bits."""
    found = section(**fields)
    assert found.silence_ms == pytest.approx(silence_ms, rel=1e-3)
    assert found.wire_ms(10) == pytest.approx(10 * byte_ms, rel=1e-3)


def test_no_such_device_is_named(tmp_path: Path) -> None:
    """An adapter that is not there."""
    with pytest.raises(LinkError, match=r"ttyX \(115200 baud 8N1\): no such device; .*by-id"):
        SerialLine(section(tmp_path / "ttyX"))


@contextmanager
def nobody() -> Iterator[None]:
    """Without the rights of root, which may open everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_permission_denied_names_the_group(bare: BareLine) -> None:
    """The most usual trouble of the first day."""
    device = Path(os.ttyname(bare.slave))
    device.chmod(0)
    with nobody(), pytest.raises(LinkError, match=r"not permitted; .*mostly dialout"):
        SerialLine(section(device))


def test_port_of_another_program_is_named(bare: BareLine) -> None:
    """Two masters on one device would read each other's bytes."""
    with open(bare.device, "rb", buffering=0) as other:  # noqa: PTH123 - unbuffered, for flock
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(PortInUse, match=r"another program holds it; .*fuser -v"):
            SerialLine(section(bare.device))


def test_file_that_is_no_port_is_named() -> None:
    """A device file, but no serial one."""
    with pytest.raises(LinkError, match=r"/dev/null .*cannot be set up as a serial port: "):
        SerialLine(section("/dev/null"))


def test_kernel_without_rs485_is_named(bare: BareLine) -> None:
    """A port that has no direction to switch, asked to switch it."""
    with pytest.raises(
        LinkError, match=r"no RS-485 mode for this port \(TIOCSRS485: Inappropriate ioctl.*false"
    ):
        SerialLine(section(bare.device, rs485=True))
    SerialLine(section(bare.device)).close()  # it was let go


def test_line_brings_bytes_both_ways(bare: BareLine) -> None:
    """All 256 of them, unchanged: no terminal is in between."""
    line = SerialLine(section(bare.device))
    line.write(bytes(range(256)))
    heard = b""
    while len(heard) < 256:
        heard += bare.heard(PATIENCE_S)
    assert heard == bytes(range(256))
    bare.say(bytes(range(256)))
    said = b""
    while len(said) < 256:
        said += line.read()
    assert said == bytes(range(256))
    line.close()
    line.close()


def test_device_that_takes_nothing_is_a_link_error(bare: BareLine) -> None:
    """Nobody takes the bytes: no call waits for that."""
    line = SerialLine(section(bare.device))
    with pytest.raises(LinkError, match=r"took \d+ of 250 bytes; the device sends nothing"):
        write_on(line)
    line.close()


def write_on(line: SerialLine) -> None:
    """More than any buffer holds."""
    for _ in range(10_000):
        line.write(bytes(250))


# -- the adapter's latency -------------------------------------------------------------


def adapter(folder: Path, latency_ms: int) -> Path:
    """A sysfs in which ttyUSB0 is an FTDI adapter."""
    device = folder / "ttyUSB0" / "device"
    device.mkdir(parents=True)
    file = device / "latency_timer"
    file.write_text(f"{latency_ms}\n")
    return file


def test_ftdi_latency_is_set_to_a_millisecond(tmp_path: Path) -> None:
    """The default of 16 ms would be in every poll, through a name of /dev/serial/by-id, too."""
    file = adapter(tmp_path / "sys", 16)
    (tmp_path / "ttyUSB0").touch()
    name = tmp_path / "usb-FTDI_FT232R-if00-port0"
    name.symlink_to(tmp_path / "ttyUSB0")
    assert set_latency(name, tmp_path / "sys") == 1
    assert file.read_text() == "1\n"


def test_ftdi_latency_that_cannot_be_set_is_counted_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the right to write it the link works on, knows it, and says what helps."""
    file = adapter(tmp_path, 16)
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and "pytest" in parent.name:
            parent.chmod(0o755)
    file.chmod(0o444)
    with nobody():
        assert set_latency(Path("/dev/ttyUSB0"), tmp_path) == 16
    assert "holds bytes back for 16 ms" in caplog.text
    assert file.read_text() == "16\n"


def test_other_ports_have_no_latency_to_set(tmp_path: Path) -> None:
    """No file, no message."""
    assert set_latency(Path("/dev/ttyS0"), tmp_path) == 1
