"""What a V4L2 camera asks of the kernel; the tests have one of their own."""

from __future__ import annotations

import fcntl
import mmap
import os
import select
from typing import Protocol


class Kernel(Protocol):
    """Each raises OSError with the kernel's error number."""

    def open(self, path: str) -> int:
        """A descriptor of the device."""
        ...

    def ioctl(self, fd: int, request: int, block: bytearray) -> None:
        """One request; the answer is in `block` afterwards."""
        ...

    def poll(self, fd: int, timeout_s: float) -> bool:
        """Wait until a buffer is ready, or the device has failed: the next DQBUF says which."""
        ...

    def map(self, fd: int, length: int, offset: int) -> memoryview:
        """Memory of the kernel's, until the view is let go of."""
        ...

    def close(self, fd: int) -> None:
        """Whatever the device had goes with it."""
        ...


class Linux:
    """The one that this box runs."""

    def open(self, path: str) -> int:
        """Not waiting: that is what `poll` is for."""
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def ioctl(self, fd: int, request: int, block: bytearray) -> None:
        """Again, where a signal came between."""
        while True:
            try:
                fcntl.ioctl(fd, request, block, True)  # noqa: FBT003 - writes the answer back
            except InterruptedError:
                continue
            return

    def poll(self, fd: int, timeout_s: float) -> bool:
        """By select, which counts microseconds; an error of the device is readable, too."""
        return bool(select.select([fd], [], [], timeout_s)[0])

    def map(self, fd: int, length: int, offset: int) -> memoryview:
        """The view keeps the mapping."""
        return memoryview(mmap.mmap(fd, length, offset=offset))

    def close(self, fd: int) -> None:
        """Once."""
        os.close(fd)
