"""The second thread of the process: what the first one copied, it brings to the disk.

They share a queue, and two counts that one of them writes each; there is no lock that the first
one would wait for.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import step_back
from gonogo.records.pictures.desk import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.records.pictures.choice import Replaced
    from gonogo.records.pictures.desk import Desk

log = get_logger(__name__)

TURN_S = 0.1  # without work: rows that wait are tried again
PAUSE_MAX_S = 5.0  # of rows that cannot be told: their part has none, somebody holds the database
FLUSH_S = 0.5  # with work: so many rows a transaction


class Hand:
    """Gives work to a desk; `waiting_bytes` of frames are not written yet."""

    def __init__(self, desk: Desk, now_ms: Callable[[], int]) -> None:
        self._desk, self._now_ms = desk, now_ms
        self._work: queue.SimpleQueue[Job | Replaced] = queue.SimpleQueue()
        self._given_bytes = self._done_bytes = 0  # written by the first thread, by the second
        self._end_s: float | None = None
        self._next_s, self._pause_s = 0.0, TURN_S
        self.failed = False
        # a daemon: a disk that hangs for good must not keep the process from ending
        self._thread = threading.Thread(target=self._run, name="pictures", daemon=True)

    @property
    def waiting_bytes(self) -> int:
        """Of frames."""
        return self._given_bytes - self._done_bytes

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def give(self, work: Job | Replaced) -> None:
        """Never waits."""
        self._given_bytes += _nbytes(work)
        self._work.put(work)

    def finish(self, patience_s: float) -> bool:
        """Do what is left, for so long at most; whether all of it was done."""
        self._end_s = time.monotonic() + patience_s
        self._thread.join(patience_s)
        return not (self._thread.is_alive() or self.failed or self._desk.pending)

    def _run(self) -> None:
        step_back()  # this thread alone: what it does may take its time, copying may not
        try:
            self._desk.begin()
            while not self._over():
                self._turn()
        except Exception:
            # the first thread sees it, and ends the process: its successor begins anew
            log.exception("pictures_failed", text="pictures are no longer written")
            self.failed = True
        finally:
            self._desk.close()

    def _over(self) -> bool:
        if self._end_s is None:
            return False
        done = self._work.empty() and not self._desk.pending
        return done or time.monotonic() >= self._end_s

    def _turn(self) -> None:
        """Some work, then its rows."""
        end_s = time.monotonic() + FLUSH_S
        try:
            self._do(self._work.get(timeout=TURN_S))
            while time.monotonic() < end_s:
                self._do(self._work.get_nowait())
        except queue.Empty:
            pass
        self._flush()
        self._desk.tidy(self._now_ms())

    def _flush(self) -> None:
        """Tell what waits; what cannot be told is tried again less and less often."""
        now_s = time.monotonic()
        if not self._desk.pending or (now_s < self._next_s and self._end_s is None):
            return
        self._pause_s = TURN_S if self._desk.flush() else min(2 * self._pause_s, PAUSE_MAX_S)
        self._next_s = now_s + self._pause_s

    def _do(self, work: Job | Replaced) -> None:
        if isinstance(work, Job):
            self._desk.take(work)
        else:
            self._desk.replace(work)
        self._done_bytes += _nbytes(work)


def _nbytes(work: Job | Replaced) -> int:
    return work.copied.pixels.nbytes if isinstance(work, Job) and work.copied is not None else 0
