"""Files of proc(5), read again and again by processes that run for months.

Without pathlib: it keeps every part of every path in the interpreter's table of strings,
and that table is copied, half a megabyte at a time, as it fills.
"""

from __future__ import annotations

import os

_ENOUGH = 4096  # bytes; what is read of a file at most


def read(pid: int, name: str) -> str:
    """The beginning of /proc/PID/NAME, 4096 bytes at most; empty when there is no such process."""
    try:
        fd = os.open(f"/proc/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(fd, _ENOUGH).decode("ascii", errors="replace")
    except OSError:  # it ended meanwhile
        return ""
    finally:
        os.close(fd)
