"""Parts by edges of GPIO lines, as the line waits for them.

The kernel stamps the edges and keeps them while a part is judged. Here they are read, made parts
of (watch.py), and handed out one by one. While the chip is gone another thread tries to open it
(keeper.py).
"""

from __future__ import annotations

import select
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from gonogo.base.gpio.lines import MOST_EDGES
from gonogo.base.words import Reason
from gonogo.drivers.triggers.gpio.keeper import AGAIN_S, Keeper
from gonogo.drivers.triggers.gpio.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.base.gpio.lines import Edge, Lines, Opens, Order
    from gonogo.base.words import TriggerEvent
    from gonogo.drivers.triggers.gpio.watch import Watch

READS = 1024 // MOST_EDGES  # as often as the kernel's buffer can be full of
SLEEP_MAX_S = 3600.0  # select refuses what a far deadline would ask for


class GpioTrigger:
    """`opens` opens the lines of `order`; `watch` makes parts of their edges.

    Of parts that waited while the line was busy the newest alone is inspected, the others are
    OVERRATE: when the picture of one could be taken, the next was at the eye already.
    """

    def __init__(
        self, order: Order, watch: Watch, opens: Opens, *, again_s: float = AGAIN_S
    ) -> None:
        self._watch = watch
        self._lines: Lines | None = None
        self._closed = False
        # never more than two reads can bring: the next is made when they are handed out
        self._parts: deque[TriggerEvent] = deque()
        self._keeper = Keeper(partial(opens, order), again_s)
        self._told = Told(order)
        self._take()
        # who passes until it is there is seen by nobody
        if self._lines is None:
            watch.doubt()

    # -- the line's wait -------------------------------------------------------------------

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The part that waits or comes, or None when `until_ns` (absolute monotonic) passes."""
        while not self._closed:
            left_ns = until_ns - time.monotonic_ns()
            # once, also where the time is over: what is there by then is handed out; and where
            # parts wait: since they were read, one may have come behind the last of them
            self._attend(0.0 if self._parts else max(left_ns, 0) * 1e-9)
            if self._parts:
                return self._parts.popleft()
            if left_ns <= 0:
                return None
        return None

    def _attend(self, within_s: float) -> None:
        """Sleep until there is something to read, at most so long, and read it."""
        lines, bell_fd = self._lines, self._keeper.bell_fd
        watched = (bell_fd,) if lines is None else (bell_fd, lines.fd)
        readable, _, _ = select.select(watched, (), (), min(within_s, SLEEP_MAX_S))
        if bell_fd in readable:
            self._take()
        # of them alone: a read of lines that have nothing would wait
        if lines is not None and lines.fd in readable:
            self._read(lines)

    def _read(self, lines: Lines) -> None:
        for _ in range(READS):
            # more than a belt brings: the rest stays with the kernel until these are handed out
            if len(self._parts) >= MOST_EDGES:
                break
            try:
                edges = lines.read()
            except OSError as error:
                self._lose(lines, error)
                return
            self._look(edges)
            if not _waits(lines):
                return
        # what waits there still is behind all of these
        self._refuse_waiting()

    def _look(self, edges: Sequence[Edge]) -> None:
        now_ns = time.monotonic_ns()
        for edge in edges:
            missed = self._watch.missed
            part = self._watch.look(edge, now_ns)
            if part is not None or self._watch.missed != missed:
                self._refuse_waiting()
            if part is not None:
                self._parts.append(part)

    def _refuse_waiting(self, why: Reason = Reason.OVERRATE) -> None:
        """Somebody is behind the one that came last: its picture would be of who is there now."""
        if self._parts and self._parts[-1].reject is Reason.OK:
            self._parts[-1] = self._parts[-1]._replace(reject=why)

    # -- its device ------------------------------------------------------------------------

    def _take(self) -> None:
        opened = self._keeper.take()
        if opened is None:
            return
        self._lines = opened.lines
        self._watch.begin(opened.levels)
        self._told.back()

    def _lose(self, lines: Lines, error: OSError) -> None:
        self._lines = None
        self._told.gone(error)
        # whoever passes until it is back is seen by nobody, behind one that waits as well
        self._watch.doubt()
        self._refuse_waiting(Reason.TRIGGER)
        self._keeper.lose(lines)

    @property
    def ready(self) -> bool:
        """Whether the lines are open."""
        return self._lines is not None

    @property
    def missed(self) -> int:
        """How many times so far a part was missed, or may have been."""
        return self._watch.missed

    def messages(self) -> Iterator[str]:
        """What there is to tell since the last call; of counts at most once a second."""
        return self._told.messages(self._keeper.error, self._watch, time.monotonic_ns())

    def close(self) -> None:
        """Let others have the lines; idempotent."""
        self._closed = True
        self._parts.clear()
        lines, self._lines = self._lines, None
        self._keeper.close(lines)


def _waits(lines: Lines) -> bool:
    """Whether there is more to read: a read of nothing would wait."""
    return bool(select.select((lines.fd,), (), (), 0)[0])
