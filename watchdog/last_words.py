"""The last lines of each process, in the memory of its supervisor: what it said before it died.

A process that ends has written its lines into the pipe before; who reads that pipe has them,
whatever became of the process. They are bounded in number, and each is bounded in length.
"""

from __future__ import annotations

from collections import deque

LINES = 20  # of one process
PROCESSES = 64  # more have no row


class LastWords:
    """Of all processes of a station, by the name under which they log."""

    def __init__(self) -> None:
        self._of: dict[str, deque[str]] = {}

    def heard(self, process: str, text: str) -> None:
        """A sentence of a process; the oldest goes."""
        if process in self._of or len(self._of) < PROCESSES:
            self._of.setdefault(process, deque(maxlen=LINES)).append(text)

    def of(self, process: str) -> tuple[str, ...]:
        """The last of a process, in their order; they are told once."""
        return tuple(self._of.pop(process, ()))
