"""Small text files of sysfs and proc, below a root of one's own.

Any of them may be away, vanish between the listing and the read, refuse (EIO of a sensor that
sleeps, EAGAIN of a part of the chip without power, EACCES) or hold nonsense: each is None, what
is not known. Without pathlib, as they are read each second for months (gonogo.base.procfs).
"""

from __future__ import annotations

import os
import re

_ENOUGH = 4096  # bytes; sysfs has a page at most
_MOST = 512  # names of a folder that are looked at
_DIGITS_MAX = 20  # of 64 bits
_DIGITS = re.compile(r"(\d+)")


class Tree:
    """The files below `root`, each by its path without a leading slash."""

    def __init__(self, root: str | os.PathLike[str] = "/") -> None:
        self.root = os.fspath(root).rstrip("/")

    def text(self, path: str, most: int = _ENOUGH) -> str | None:
        """What stands in a file, stripped, `most` bytes; None where it cannot be read."""
        try:
            # no file here is a FIFO; what is put in its place must not hold us up
            fd = os.open(f"{self.root}/{path}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (OSError, ValueError):
            return None
        try:
            found = os.read(fd, most)
        except OSError:
            return None
        finally:
            os.close(fd)
        return found.decode("ascii", errors="replace").strip("\0 \t\r\n")

    def number(self, path: str) -> int | None:
        """A whole number, decimal; None for anything else."""
        found = self.text(path)
        try:
            return int(found) if found and len(found) < _DIGITS_MAX else None
        except ValueError:
            return None

    def scaled(self, path: str, unit: float) -> float | None:
        """The same in units of `unit` of it: 1000 for what stands there in thousandths."""
        found = self.number(path)
        return None if found is None else found / unit

    def names(self, folder: str, pattern: str) -> list[str]:
        """Names in a folder that match as a whole, thermal_zone2 before thermal_zone10."""
        try:
            with os.scandir(f"{self.root}/{folder}") as found:
                matching = [each.name for each in found if re.fullmatch(pattern, each.name)]
        except OSError:
            return []
        return sorted(matching, key=_natural)[:_MOST]

    def folders(self, folder: str, pattern: str) -> list[str]:
        """The same as paths below the root."""
        return [f"{folder}/{name}" for name in self.names(folder, pattern)]


def _natural(name: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(name) if part
    ]
