"""How often a process has ended by itself of late, and what follows: a pause, or that it is spent.

Times are monotonic nanoseconds.
"""

from __future__ import annotations

from collections import deque

NS_PER_S = 1_000_000_000
STRIKES_WITHIN_NS = 60 * NS_PER_S
FIRST_PAUSE_S, LAST_PAUSE_S = 0.1, 8.0
KEPT_ENDS = 10  # enough for the longest pause and for any latch


class Ends:
    """`strikes` ends within a minute are too many; 0: never."""

    def __init__(self, strikes: int) -> None:
        self._strikes = strikes
        self._at_ns: deque[int] = deque(maxlen=KEPT_ENDS)

    def add(self, now_ns: int) -> None:
        """It has ended, and nobody had asked it to."""
        self._at_ns.append(now_ns)

    def forgive(self) -> None:
        """Somebody has acknowledged: earlier ends no longer count."""
        self._at_ns.clear()

    def recent(self, now_ns: int) -> int:
        """How often it ended within the last minute."""
        return sum(now_ns - end_ns < STRIKES_WITHIN_NS for end_ns in self._at_ns)

    def spent(self, now_ns: int) -> bool:
        """Whether that is so often that it is left alone until somebody acknowledges."""
        return 0 < self._strikes <= self.recent(now_ns)

    def pause_ns(self, now_ns: int) -> int:
        """The first end is answered at once, the next ones after a pause that doubles."""
        again = self.recent(now_ns) - 1
        if again <= 0:
            return 0
        return round(min(FIRST_PAUSE_S * 2.0 ** (again - 1), LAST_PAUSE_S) * NS_PER_S)
