"""Disks that fail as disks do: cut at a write, short of room, wrapping round, full of errors.

Import as `gonogo.tests.build.flash.cut`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import DiskFailed
from gonogo.build.flash.disk import RawDisk

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path


class Cut(BaseException):
    """The power went: nothing that is written afterwards gets to the disk."""


class Through:
    """A disk that hands everything on; the base of those that do not."""

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        self.raw = RawDisk(path, writes=writes)
        self.size_bytes = self.raw.size_bytes
        self.wrote: list[tuple[int, int]] = []  # where, and how many bytes

    def read(self, at: int, length: int) -> bytes:
        """As it is."""
        return self.raw.read(at, length)

    def write(self, at: int, data: bytes) -> None:
        """As it is."""
        self.wrote.append((at, len(data)))
        self.raw.write(at, data)

    def flush(self) -> None:
        """As it is."""
        self.raw.flush()

    def fresh(self, at: int, length: int) -> bytes:
        """As it is."""
        return self.raw.fresh(at, length)

    def lent(self) -> AbstractContextManager[None]:
        """As it is."""
        return self.raw.lent()

    def close(self) -> None:
        """As it is."""
        self.raw.close()


class CutDisk(Through):
    """Goes at its write number `at_write` (from 0), of which only a share gets to the disk.

    In sectors of 512 bytes, which a disk writes whole. `error` is what is raised: a cut of the
    power, or somebody's Ctrl-C.
    """

    def __init__(
        self, path: Path, at_write: int, share: float, error: Callable[[], BaseException] = Cut
    ) -> None:
        super().__init__(path)
        self._left, self._share, self._error = at_write, share, error

    def write(self, at: int, data: bytes) -> None:
        """Up to the cut."""
        if self._left == 0:
            whole = int(len(data) * self._share) // 512 * 512
            super().write(at, data[:whole])
            raise self._error()
        self._left -= 1
        super().write(at, data)


class ShortDisk(Through):
    """Says it is larger than it is: what is written behind `real_bytes` is lost."""

    def __init__(self, path: Path, real_bytes: int) -> None:
        super().__init__(path)
        self._real = real_bytes

    def write(self, at: int, data: bytes) -> None:
        """As far as there is room; no word of the rest."""
        super().write(at, data[: max(0, self._real - at)])


class WrappingDisk(Through):
    """Says it is larger than it is: what is written behind `real_bytes` lands at its beginning."""

    def __init__(self, path: Path, real_bytes: int) -> None:
        super().__init__(path)
        self._real = real_bytes

    def write(self, at: int, data: bytes) -> None:
        """There."""
        super().write(at % self._real, data)

    def fresh(self, at: int, length: int) -> bytes:
        """And from there."""
        return super().fresh(at % self._real, length)


class WrongDisk(Through):
    """Keeps one byte otherwise than it was written, once it has been written so often."""

    def __init__(self, path: Path, at_write: int) -> None:
        super().__init__(path)
        self._left = at_write

    def write(self, at: int, data: bytes) -> None:
        """With its first byte changed."""
        data = bytes([data[0] ^ 1]) + data[1:] if self._left == 0 else data
        self._left -= 1
        super().write(at, data)


class DeadDisk(Through):
    """Takes no write any more after so many."""

    def __init__(self, path: Path, after: int) -> None:
        super().__init__(path)
        self._left = after

    def write(self, at: int, data: bytes) -> None:
        """Or not."""
        if self._left == 0:
            raise DiskFailed("a disk of a test: write: Input/output error")
        self._left -= 1
        super().write(at, data)
