"""What hangs at an output of the fake chip: it follows, late or not, falls back, or is stuck.

Change its attributes at any time; `switched` is every change of the real level.
"""

from __future__ import annotations

import threading
import time

KEPT = 20  # orders that may still be under way


class FakeOutput:
    """One output (logical: active_low is past). A test reads it while another thread writes.

    `stuck`: whatever it is told; None: it follows. `lag_s`: how late. `holds_s`: so long after it
    was told it falls back by itself; 0: it stays.
    """

    def __init__(self) -> None:
        self.stuck: bool | None = None
        self.lag_s = self.holds_s = 0.0
        self.told = 0  # times
        self.switched: list[tuple[int, bool]] = [(0, False)]
        self._orders: list[tuple[int, bool]] = [(0, False)]  # from when on
        self._told_ns = time.monotonic_ns()
        self._lock = threading.Lock()

    def put(self, *, active: bool) -> None:
        """Switch it."""
        with self._lock:
            self.told += 1
            now_ns = self._told_ns = time.monotonic_ns()
            if active is not self._orders[-1][1]:
                due_ns = now_ns + round(self.lag_s * 1e9)
                self._orders = [*self._orders[-KEPT:], (due_ns, active)]
        _ = self.level

    @property
    def level(self) -> bool:
        """What it really is at this moment."""
        with self._lock:
            active = self._now()
            if active is not self.switched[-1][1]:
                self.switched.append((time.monotonic_ns(), active))
            return active

    def _now(self) -> bool:
        now_ns = time.monotonic_ns()
        if self.stuck is not None:
            return self.stuck
        if self.holds_s and now_ns - self._told_ns > self.holds_s * 1e9:
            return False
        return [active for at_ns, active in self._orders if at_ns <= now_ns][-1]

    def was(self, at_ns: int) -> bool:
        """What it was at some moment."""
        return [active for since_ns, active in self.switched if since_ns <= at_ns][-1]
