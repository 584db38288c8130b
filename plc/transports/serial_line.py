"""A serial port as the Modbus RTU links use it: its section, its times, bytes in and out.

Nothing here waits: reads bring what is there, writes go into the kernel's buffer. The
direction of an RS-485 driver is switched by the kernel where the port can do that
(TIOCSRS485); adapters that switch by themselves need nothing.

Source: MODBUS over Serial Line V1.02, section 2.5.1 (silences); Linux
Documentation/driver-api/serial/serial-rs485.rst; Documentation/ABI, latency_timer.
"""

from __future__ import annotations

import contextlib
import errno
import os
import termios
from pathlib import Path
from typing import Annotated, Literal

import serial
from pydantic import Field
from serial.rs485 import RS485Settings

from gonogo.base.errors import LinkError, PortInUse
from gonogo.base.log.logger import get_logger
from gonogo.plc.transports.rtu_frame import Echo
from gonogo.plc.transports.section import TransportSection

_log = get_logger("gonogo.plc")

GAP_S = 0.020  # beyond t3.5: USB adapters hand a frame over in pieces up to 16 ms apart
_SYSFS = Path("/sys/class/tty")
_PARITIES = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}
_READ_BYTES = 4096
_FAST_BAUD = 19200  # above it the silence has a fixed length
_FAST_SILENCE_MS = 1.75
_SILENCE_CHARS = 3.5
_ADAPTER_MS = 1  # what any adapter may hold bytes back, or a thread comes late
_GONE = {errno.EIO, errno.ENXIO, errno.ENODEV, errno.EBADF}
_FAILURES = (OSError, ValueError, termios.error)  # pyserial lets all of them through


class SerialSection(TransportSection):
    """A serial line; `device` is its file, best one of /dev/serial/by-id, which keeps its name.

    `rs485`: the kernel switches the direction by the RTS line; leave it off with RS-232
    and with adapters that switch by themselves. `echo`: the line hears what it sends.
    """

    device: Annotated[str, Field(pattern="^/")]
    """File of the serial port, best one of /dev/serial/by-id, which keeps its name."""
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 115200
    """Bits a second on the line."""
    parity: Literal["none", "even", "odd"] = "even"
    """Parity bit of each character."""
    stop_bits: Literal[1, 2] = 1
    """Stop bits of each character."""
    unit: Annotated[int, Field(ge=1, le=247)] = 1
    """Unit id on the line."""
    rs485: bool = False
    """Whether the kernel switches the direction by RTS; off where the adapter does it."""
    echo: bool = False
    """Whether the line hears what it sends."""

    @property
    def place(self) -> str:
        """The line for people, as `/dev/ttyUSB0 (115200 baud 8E1), unit 1`."""
        return f"{self.line}, unit {self.unit}"

    @property
    def eject_problem(self) -> str:
        """Why the station's own ejector has no coil here."""
        return (
            "eject: on a serial line its coil would move as late as a verdict waits for the wire: "
            'expected driver "modbus-client", "modbus-server", "modbus-io" or "gpio-io" in [plc], '
            "or no [eject], and the PLC ejects"
        )

    @property
    def line(self) -> str:
        """Device and how it is set."""
        return f"{self.device} ({self.baud} baud 8{self.parity[0].upper()}{self.stop_bits})"

    @property
    def silence_ms(self) -> float:
        """What separates two frames: 3.5 characters, fixed above 19200 baud."""
        # section 2.5.1.1: above 19200 baud timers of the characters' length would load a CPU
        if self.baud > _FAST_BAUD:
            return _FAST_SILENCE_MS
        return _SILENCE_CHARS * self.wire_ms(1)

    def wire_ms(self, count: int) -> float:
        """How long `count` bytes take, each with its start, parity and stop bits."""
        bits = 1 + 8 + (self.parity != "none") + self.stop_bits
        return 1000.0 * count * bits / self.baud


class SerialLine:
    """An open serial port. LinkError or PortInUse says why it cannot be had or is gone."""

    def __init__(self, section: SerialSection) -> None:
        self._section = section
        self.where = f"serial line {section.line}"
        self._port = self._open()
        self._echo = Echo() if section.echo else None
        self.latency_ms = set_latency(Path(section.device))

    def _open(self) -> serial.Serial:
        section = self._section
        try:
            port = serial.Serial(
                section.device,
                baudrate=section.baud,
                parity=_PARITIES[section.parity],
                stopbits=section.stop_bits,
                # reads bring what is there: the callers wait with select, beside the link's wake
                timeout=0,
                # by flock: two stations on one line would both answer
                exclusive=True,
            )
        except _FAILURES as error:
            raise self._denied(error) from error
        if section.rs485:
            self._direct(port)
        return port

    def _direct(self, port: serial.Serial) -> None:
        """Let the kernel switch the driver on for each frame."""
        try:
            # loopback: whether the receiver stays on while we send
            port.rs485_mode = RS485Settings(loopback=self._section.echo)
        except _FAILURES as error:
            port.close()
            raise LinkError(
                f"{self.where}: rs485 = true, but the kernel has no RS-485 mode for this port "
                f"(TIOCSRS485: {_reason(error)}); with an adapter that switches its direction by "
                "itself say rs485 = false, or take a port whose driver can"
            ) from error

    def _denied(self, error: Exception) -> LinkError | PortInUse:
        code = getattr(error, "errno", None)
        # each of these is another errand for a person: plug it in, a group, another program
        if code in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
            return LinkError(
                f"{self.where}: no such device; is the adapter plugged in? "
                "`ls -l /dev/serial/by-id` shows which there are"
            )
        if code in (errno.EACCES, errno.EPERM):
            return LinkError(
                f"{self.where}: not permitted; the user needs the group that owns the device "
                f"(`ls -l {self._section.device}`), mostly dialout: `usermod -aG dialout USER`"
            )
        if code in (errno.EAGAIN, errno.EBUSY):
            return PortInUse(
                f"{self.where}: another program holds it; find it with "
                f"`fuser -v {self._section.device}` and stop it"
            )
        return LinkError(f"{self.where}: cannot be set up as a serial port: {_reason(error)}")

    def fileno(self) -> int:
        """For select."""
        return int(self._port.fileno())

    def read(self) -> bytes:
        """What others have said and is here by now; may be nothing."""
        try:
            # one system call, whose errno says whether the device is gone
            data = os.read(self.fileno(), _READ_BYTES)
        except BlockingIOError:
            return b""
        except (OSError, serial.SerialException) as error:
            raise self._gone(error) from error
        if not data:  # readable without bytes: hung up
            raise self._gone(OSError(errno.EIO, os.strerror(errno.EIO)))
        return self._echo.strip(data) if self._echo is not None else data

    def write(self, frame: bytes) -> None:
        """Send a frame; it goes out by itself."""
        try:
            # the kernel's buffer holds several frames: where it is full, the device sends nothing
            done = os.write(self.fileno(), frame)
        except BlockingIOError:
            done = 0
        except (OSError, serial.SerialException) as error:
            raise self._gone(error) from error
        # half a frame must not be followed by the rest later: the port is closed by the caller
        if done < len(frame):
            raise LinkError(
                f"{self.where}: took {done} of {len(frame)} bytes; the device sends nothing, "
                "check it (flow control is off)"
            )
        if self._echo is not None:
            self._echo.expect(frame)

    def flush(self) -> None:
        """Drop whatever has been received and not been read."""
        try:
            self._port.reset_input_buffer()
        except _FAILURES as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """Drop what has not been sent, and close; idempotent.

        Closed with bytes in its buffer, the kernel would wait for them, and a late
        verdict could still go out.
        """
        if not self._port.is_open:
            return
        # separately: a device that is gone fails here, and must be closed all the same
        with contextlib.suppress(*_FAILURES):
            self._port.reset_output_buffer()
        with contextlib.suppress(*_FAILURES):
            self._port.close()

    def _gone(self, error: Exception) -> LinkError:
        code = error.args[0] if isinstance(error, termios.error) else getattr(error, "errno", None)
        what = "the device is gone; plug the adapter in again" if code in _GONE else "failed"
        return LinkError(f"{self.where}: {what} ({_reason(error)})")


def set_latency(device: Path, sysfs: Path = _SYSFS) -> float:
    """Have an FTDI adapter hand bytes over after 1 ms; returns what it holds them back, in ms."""
    # resolved: /dev/serial/by-id holds links to ttyUSB0
    file = sysfs / device.resolve().name / "device" / "latency_timer"
    try:
        now_ms = int(file.read_text())
    except (OSError, ValueError):  # another kind of port
        return _ADAPTER_MS
    # the driver's default is 16 ms: longer than a whole request at 115200 baud
    if now_ms <= _ADAPTER_MS:
        return _ADAPTER_MS
    try:
        file.write_text(f"{_ADAPTER_MS}\n")
    except OSError as error:
        _log.warning(
            "serial_adapter_slow",
            text=(
                "serial line %(device)s: the adapter holds bytes back for %(latency_ms)d ms, "
                "and %(file)s cannot be set to 1 (%(why)s); a udev rule can do it once and "
                "for all"
            ),
            device=device,
            latency_ms=now_ms,
            file=file,
            why=error.strerror,
        )
        return now_ms
    return _ADAPTER_MS


def _reason(error: BaseException) -> str:
    """The system's own words, which pyserial wraps up."""
    inner = error.__context__
    if isinstance(inner, (OSError, termios.error)) and not getattr(error, "strerror", None):
        return _reason(inner)
    if isinstance(error, termios.error) and len(error.args) > 1:
        return str(error.args[1])
    return getattr(error, "strerror", None) or str(error)
