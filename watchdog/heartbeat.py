"""The line's heartbeat in shared memory: it advances from completed work only.

words     0 cycles completed  1 last cycle ns  2 last serial  3 last sign of life ns
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.runtime.shm import Segment, segment_path

if TYPE_CHECKING:
    from pathlib import Path


class Heartbeat:
    """Written by the line, read by whoever watches it."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._words = segment.words(0, 8)

    @classmethod
    def create(cls, station: str) -> Heartbeat:
        """Make the heartbeat of a station."""
        return cls(Segment.create(heartbeat_path(station), 64))

    @classmethod
    def attach(cls, station: str) -> Heartbeat:
        """Map the heartbeat that the supervisor made."""
        return cls(Segment.attach(heartbeat_path(station)))

    def beat(self, serial: int) -> None:
        """A cycle is complete."""
        words = self._words
        words[0] += 1
        words[1] = time.monotonic_ns()
        words[2] = serial

    def idle(self, now_ns: int) -> None:
        """The line waits for a part and could judge one."""
        self._words[3] = now_ns

    @property
    def cycles(self) -> int:
        """Cycles completed since the segment was made."""
        return self._words[0]

    @property
    def alive_ns(self) -> int:
        """The last sign of life, monotonic ns; 0 before the first."""
        return self._words[3]

    def close(self) -> None:
        """Drop this process's view of the heartbeat."""
        self._words.release()
        self.segment.close()


def heartbeat_path(station: str) -> Path:
    """Where the heartbeat of a station lies."""
    return segment_path(station, "heartbeat")
