"""Whether the link thread still turns, as the loop sees it.

Each call of a transport is bounded by a timeout, but a driver of the kernel may hang in one all
the same. Then the thread never comes back, and nobody but a new process can help.
"""

from __future__ import annotations

from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS

log = get_logger("gonogo.plc")

HUNG_NS = 10_000 * NS_PER_MS  # ten times what the slowest call may take
_STEP_NS = 500 * NS_PER_MS  # a process that was frozen as a whole has not seen its thread hang


class Stall:
    """Counts how long the loop has turned while the thread did not."""

    def __init__(self) -> None:
        self.hung = False
        self._turns = -1
        self._seen_ns = self._stood_ns = 0

    def observe(self, turns: int, now_ns: int) -> None:
        """With each turn of the loop: how many the thread has made."""
        step_ns, self._seen_ns = min(now_ns - self._seen_ns, _STEP_NS), now_ns
        if turns != self._turns:
            self._turns, self._stood_ns, self.hung = turns, 0, False
            return
        self._stood_ns += step_ns
        if self._stood_ns >= HUNG_NS and not self.hung:
            self.hung = True
            log.error(
                "plc_link_hung",
                text=(
                    "the link thread has hung for %(hung_s)d s in a call of its device; the line "
                    "ends and is started anew: see the kernel's messages (dmesg) for that device"
                ),
                hung_s=HUNG_NS // (1000 * NS_PER_MS),
            )
