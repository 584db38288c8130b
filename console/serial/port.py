"""The ports of a console: a serial line, and the terminal that a command was typed at.

A serial line is raw, 8N1, without flow control, and nobody else's (flock, TIOCEXCL). BREAK is
ignored; a byte with a framing error comes as 0xFF 0x00 and itself (PARMRK), which is noise to the
keys. Nothing here waits. Source: termios(3), ioctl_tty(2).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import termios
import tty
from typing import TYPE_CHECKING, Protocol

from gonogo.base.errors import ConsolePortError

if TYPE_CHECKING:
    import socket
    from pathlib import Path

READ_BYTES = 512
_BITS = 10  # of a byte on the line: start, eight, stop
_BURST_S = (
    0.1  # that much may lie in the kernel's buffer: what is behind it can still be taken back
)
_LEAST = 64  # bytes of it
_IFLAG, _OFLAG, _CFLAG, _LFLAG, _ISPEED, _OSPEED, _CC = range(7)  # of tcgetattr(3)


class Port(Protocol):
    """Bytes to and from whoever sits there; ConsolePortError once it is gone."""

    def fileno(self) -> int:
        """For select."""
        ...

    def read(self) -> bytes:
        """What is there by now."""
        ...

    def write(self, data: bytes) -> int:
        """How much of it was taken."""
        ...

    def close(self) -> None:
        """Idempotent."""
        ...


class SerialPort:
    """A serial device at so many baud; ConsolePortError says why it cannot be had or is gone."""

    def __init__(self, device: Path, baud: int) -> None:
        self.where = f"console at {device}"
        try:
            flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
            self._fd = os.open(device, flags)
        except OSError as error:
            raise self._denied(error) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _set_up(self._fd, baud)
        except (OSError, termios.error) as error:
            os.close(self._fd)
            raise self._denied(error) from error

    def fileno(self) -> int:
        """For select."""
        return self._fd

    def read(self) -> bytes:
        """What is there by now; of a line that hung up, ConsolePortError."""
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._gone(error) from error
        if not data:  # readable without bytes: hung up
            raise self._gone(OSError(errno.EIO, os.strerror(errno.EIO)))
        return data

    def write(self, data: bytes) -> int:
        """How much the kernel's buffer took."""
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """What has not been sent is dropped: the kernel would wait for it. Idempotent."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(fd, termios.TCOFLUSH)
        with contextlib.suppress(OSError):
            fcntl.ioctl(fd, termios.TIOCNXCL)
        os.close(fd)

    def _denied(self, error: Exception) -> ConsolePortError:
        code = error.args[0] if error.args else None
        # each of these is another errand for a person: plug it in, a group, another program
        if code in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
            say = "no such device; is the adapter plugged in? (ls -l /dev/serial/by-id)"
        elif code in (errno.EACCES, errno.EPERM):
            say = "not permitted; the station's user needs the group of the device, mostly dialout"
        elif code in (errno.EAGAIN, errno.EBUSY):
            say = "another program holds it; find it with fuser -v and stop it"
        elif code == errno.ENOTTY:
            say = "expected a serial port, and it is none"
        else:
            say = _reason(error)
        return ConsolePortError(f"{self.where}: {say}")

    def _gone(self, error: OSError) -> ConsolePortError:
        return ConsolePortError(f"{self.where}: the device is gone ({_reason(error)})")


class Terminal:
    """The terminal of a command, raw until it is closed."""

    def __init__(self, fd: int, out_fd: int) -> None:
        self._fd, self._out = fd, out_fd
        self._before = termios.tcgetattr(fd)
        tty.setraw(fd)

    def fileno(self) -> int:
        """For select."""
        return self._fd

    def read(self) -> bytes:
        """What is there by now."""
        try:
            data = os.read(self._fd, READ_BYTES)
        except OSError as error:
            raise ConsolePortError(f"the terminal is gone: {_reason(error)}") from error
        if not data:
            raise ConsolePortError("the terminal is closed")
        return data

    def write(self, data: bytes) -> int:
        """All of it."""
        return os.write(self._out, data)

    def close(self) -> None:
        """As it was before."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)


class SocketPort:
    """A connection to the local socket of the console."""

    def __init__(self, client: socket.socket) -> None:
        client.setblocking(False)  # noqa: FBT003 - the only parameter there is
        self._client = client

    def fileno(self) -> int:
        """For select."""
        return self._client.fileno()

    def read(self) -> bytes:
        """What is there by now."""
        try:
            data = self._client.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise ConsolePortError(f"console socket: {_reason(error)}") from error
        if not data:
            raise ConsolePortError("console socket: closed by its other end")
        return data

    def write(self, data: bytes) -> int:
        """How much of it was taken."""
        try:
            return self._client.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise ConsolePortError(f"console socket: {_reason(error)}") from error

    def close(self) -> None:
        """Idempotent."""
        self._client.close()


class Pace:
    """How many bytes may go out now, so that little waits where it cannot be taken back."""

    def __init__(self, baud: int, now_s: float) -> None:
        self._bytes_s = baud / _BITS
        self._burst = max(_LEAST, self._bytes_s * _BURST_S)
        self._room, self._at_s = self._burst, now_s

    def room(self, now_s: float) -> int:
        """In bytes."""
        gained = (now_s - self._at_s) * self._bytes_s
        self._room, self._at_s = min(self._burst, self._room + gained), now_s
        return int(self._room)

    def spend(self, count: int) -> None:
        """That many went."""
        self._room -= count


def _set_up(fd: int, baud: int) -> None:
    """Raw, 8N1, no flow control, no modem lines, BREAK ignored, framing errors marked."""
    state = termios.tcgetattr(fd)
    speed = getattr(termios, f"B{baud}")
    state[_IFLAG] = termios.IGNBRK | termios.INPCK | termios.PARMRK
    state[_OFLAG] = 0
    state[_CFLAG] = termios.CS8 | termios.CREAD | termios.CLOCAL
    state[_LFLAG] = 0
    state[_ISPEED] = state[_OSPEED] = speed
    # with 0 a read without a byte would look like a line that hung up
    state[_CC][termios.VMIN], state[_CC][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSANOW, state)
    termios.tcflush(fd, termios.TCIFLUSH)  # what came before was meant for nobody
    fcntl.ioctl(fd, termios.TIOCEXCL)


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error.args[-1] if error.args else error)
