"""Files of proc(5), read again and again by processes that run for months.

Without pathlib: it keeps every part of every path in the interpreter's table of strings,
and that table is copied, half a megabyte at a time, as it fills.
"""

from __future__ import annotations

import os

_ENOUGH = 4096  # bytes; what is read of a file at most


class ProcFile:
    """/proc/PID/NAME of a process that lives, held open.

    Who has a real-time rank keeps it open: looked up by its path while the process ends, it
    would have the kernel take the process's files down, and wait for a thread of a lower rank
    (gonogo.watchdog.process). Opened when there is no such process, it is empty for ever.
    """

    def __init__(self, pid: int, name: str) -> None:
        try:
            self._fd = os.open(f"/proc/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._fd = -1

    def read(self) -> str:
        """What stands there now, 4096 bytes at most; empty once the process has ended."""
        try:
            # from the start: there the kernel writes the text anew for each read
            return os.pread(self._fd, _ENOUGH, 0).decode("ascii", errors="replace")
        except OSError:
            return ""

    def close(self) -> None:
        """Let go of it; idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def read(pid: int, name: str) -> str:
    """/proc/PID/NAME once; empty when there is no such process."""
    file = ProcFile(pid, name)
    text = file.read()
    file.close()
    return text
