"""A GPIO chip in a file, for processes that are killed: outputs alone, one holder at a time.

Levels are bytes of the file, and a lock of the kernel's is what a request is at a real chip: it is
gone with the process that had it. `keeps`: an output stays as it was then; else it goes off, as
with a resistor. Not simulated: edges, and everything that gonogo.testing.gpio has beside outputs.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gonogo.base.catalogue import Entry
from gonogo.base.errors import GpioHeld
from gonogo.plc.transports.gpio_io import GpioIo
from gonogo.plc.transports.gpio_section import GpioIoSection

if TYPE_CHECKING:
    from gonogo.base.gpio.lines import Edge, Order

_FLOCK = struct.Struct("hhqqi4x")  # struct flock of 64-bit Linux


class FileChip:
    """`path` is the chip; whoever looks at a level needs no lines, and is another process.

    The lock is a process', and gone as soon as that closes the file, whichever time it opened it.
    """

    def __init__(self, path: Path, *, keeps: bool) -> None:
        self.name, self._path, self._keeps = str(path), path, keeps
        if not path.exists():
            path.write_bytes(bytes(8))

    def open(self, order: Order) -> FileLines:
        """The lines of an order, all outputs off; GpioHeld."""
        fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(fd)
            raise GpioHeld(f"chip {self.name}: its lines are taken") from error
        lines = FileLines(fd, len(order.lines))
        for line in range(len(order.lines)):
            lines.put(line, active=False)
        return lines

    def level(self, line: int) -> bool:
        """What is at the pin now."""
        fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            return bool(os.pread(fd, 1, line)[0]) and (self._keeps or bool(_holder(fd)))
        finally:
            os.close(fd)

    def holder(self) -> int:
        """The process that has the lines, 0 where none has."""
        fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            return _holder(fd)
        finally:
            os.close(fd)


def _holder(fd: int) -> int:
    """Who has the lock; nothing is locked by asking."""
    asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, *_, pid = _FLOCK.unpack(fcntl.fcntl(fd, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else int(pid)


class FileLines:
    """See gonogo.base.gpio.lines.Lines; `fd` is never readable."""

    def __init__(self, fd: int, count: int) -> None:
        self._file_fd, self._count = fd, count
        self.fd = os.eventfd(0, os.EFD_CLOEXEC)

    def read(self) -> list[Edge]:
        """There are none."""
        return []

    def levels(self) -> tuple[bool, ...]:
        """See Lines."""
        return tuple(bool(level) for level in os.pread(self._file_fd, self._count, 0))

    def put(self, line: int, *, active: bool) -> None:
        """See Lines."""
        os.pwrite(self._file_fd, bytes([active]), line)

    def close(self) -> None:
        """See Lines."""
        fd, self._file_fd = self._file_fd, -1
        if fd >= 0:
            os.close(fd)
            os.close(self.fd)


class FileIoSection(GpioIoSection):
    """An ejector at such a chip, for whole stations."""

    driver: Literal["gpio-file"]  # type: ignore[assignment]  # another driver than its base
    """The chip is a file."""
    keeps: bool = False
    """Whether an output stays as it was."""


def open_file_io(section: FileIoSection, wake_fd: int) -> GpioIo:
    """As the catalogue calls it."""
    return GpioIo(section, wake_fd, FileChip(Path(section.chip), keeps=section.keeps).open)


ENTRY = Entry(f"{__name__}:FileIoSection", f"{__name__}:open_file_io")
