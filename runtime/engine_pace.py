"""How near to its deadline an engine works: a moving p99, so that a hot one is known early.

A box that throttles is warned of before it is late: at 80 % of what the engine may take, with
hysteresis.
"""

from __future__ import annotations

from collections import deque

WINDOW = 100  # parts
ALARM_SHARE, REST_SHARE = 0.8, 0.7  # apart, so that the warning does not flicker
_SECOND = 2  # of 100 values, the second largest is their p99


class LatencyMonitor:
    """Shares of the allowed time that the last parts took; 1.0 is a part without an answer."""

    def __init__(self) -> None:
        self._shares: deque[float] = deque(maxlen=WINDOW)
        self.tight = False

    def add(self, share: float) -> None:
        """One part was answered after this share of its time, or not at all (1.0)."""
        self._shares.append(share)
        p99 = self.p99
        self.tight = p99 >= (REST_SHARE if self.tight else ALARM_SHARE)

    @property
    def p99(self) -> float:
        """The moving p99, 0 before the second part."""
        if len(self._shares) < _SECOND:
            return 0.0
        return sorted(self._shares)[-_SECOND]
