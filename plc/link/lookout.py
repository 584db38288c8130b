"""When the link looks at what stands where it writes: often while in doubt, else between parts.

A look is a request of its own. It is never made while a verdict waits, or is about to: not
while a part is in hand or a result unacknowledged, unless there is no end to that.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS
from gonogo.plc.handshake.state import ReadBack
from gonogo.plc.handshake.strangers import objection

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.plc.handshake.state import LinkState
    from gonogo.plc.transports.transport import Transport

LOOK_NS = 100 * NS_PER_MS
SHARE = 10  # a look takes at most so small a share of the time: a slow wire is looked at less
DEAR_NS = 100 * NS_PER_MS  # one that takes longer would cost the link its PLC_HEART: none at all
PATIENCE_NS = 300 * NS_PER_MS  # so much later at most, however many parts come


class Lookout:
    """The looks of one link; its thread only. `clock_ns` is monotonic."""

    def __init__(
        self, transport: Transport, clock_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._transport = transport
        self._clock_ns = clock_ns
        self._next_ns = self._took_ns = 0
        self._parts = 0  # in hand: named, and without a verdict

    def part(self) -> None:
        """The line has a part."""
        self._parts += 1

    def verdict(self) -> None:
        """A part has its verdict."""
        self._parts = max(self._parts - 1, 0)

    def due(self, state: LinkState, now_ns: int) -> bool:
        """Whether to look now."""
        # then only the session that the PLC echoes shows another device
        if self._took_ns > DEAR_NS:
            return False
        strangers = state.strangers
        # no permit now, so no verdict that could be delayed
        if strangers.held_ns or strangers.lives:
            return True
        busy = self._parts or state.outbox.pending
        return now_ns >= self._next_ns + (PATIENCE_NS if busy else 0)

    def read_back(self, state: LinkState) -> ReadBack:
        """What the PLC holds, and our objection where it is due; LinkError as the transport's."""
        start_ns = self._clock_ns()
        words = self._transport.read_back(objection(state))
        now_ns = self._clock_ns()
        if now_ns >= self._next_ns + PATIENCE_NS:
            self._parts = 0  # one that never got a verdict must not count for ever
        self._took_ns = now_ns - start_ns
        self._next_ns = now_ns + max(LOOK_NS, SHARE * self._took_ns)
        return ReadBack(now_ns, words)
