"""Reading a file that nobody else may touch: once, by one descriptor, without waiting for it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = 0o077


class PrivateFile(NamedTuple):
    """What was read, and what the descriptor said of the file; nothing of what is no file."""

    raw: bytes
    about: os.stat_result

    def is_of(self, *owners: int) -> bool:
        """Whether it is a file of one of these users, with one name and no rights of others."""
        mode, alone = self.about.st_mode, self.about.st_nlink == 1
        return stat.S_ISREG(mode) and not mode & _OTHERS and alone and self.about.st_uid in owners

    def in_words(self) -> str:
        """Whose it is and who may touch it, for messages."""
        about = self.about
        return f"user {about.st_uid}, {stat.filemode(about.st_mode)}, {about.st_nlink} names"


def read_private(path: Path, max_bytes: int) -> PrivateFile:
    """The file, one byte more than `max_bytes` of it at most; OSError, also for a link."""
    # not waiting: a pipe that somebody put in its place would hold us up (fifo(7))
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        about = os.fstat(fd)
        raw = _read(fd, max_bytes + 1) if stat.S_ISREG(about.st_mode) else b""
    finally:
        os.close(fd)
    return PrivateFile(raw, about)


def _read(fd: int, most: int) -> bytes:
    """read(2) may give less than it is asked for."""
    raw = b""
    while len(raw) < most and (chunk := os.read(fd, most - len(raw))):
        raw += chunk
    return raw
