"""What crosses between the two threads of the line: the loop, and the link thread.

    the loop                                     the link thread
    report(part, verdict)     verdicts    ──▶    next_verdict()      oldest first
    deliveries()           ◀──  deliveries       deliver()           oldest first
    show_seen(part_id)      the last one  ──▶    next_seen()
    condition, alive_ns,        plain     ──▶    read once in a turn
      broken, stopping
    reads                  ◀──  plain            state, turns
    wake()                     eventfd    ──▶    wake_fd ends a wait; hush() reads it

No lock, so that the loop never waits for a thread that waits for a PLC. It holds because each
thing has one thread that writes it, values are replaced whole and never changed in place, and
appending to a deque and popping from it are each one step of the interpreter.
"""

from __future__ import annotations

import contextlib
import os
import select
from collections import deque
from typing import TYPE_CHECKING

from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.stall import Stall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.base.words import Part, Verdict
    from gonogo.plc.handshake.state import Delivery, LinkState

VERDICTS = 256  # parts; some minutes of a link that hangs
DELIVERIES = 1024  # parts; a loop that never asks loses the oldest, not memory


class Handover:
    """Made by the loop's side before the thread starts, and closed by it after the thread's end."""

    def __init__(self, state: LinkState) -> None:
        # the loop writes these, the link thread reads them
        self.condition = Condition()
        self.alive_ns = 0  # when the loop beat last
        self.stopping = False
        self.stall = Stall()  # of the loop alone
        # the loop sets it, the link thread takes it back
        self.broken = False
        # the link thread writes them; the loop reads them at any moment
        self.turns = 0  # it only counts: whether the thread hangs is for the loop to see
        # with each event
        self.state = state
        self._verdicts: deque[tuple[Part, Verdict]] = deque(maxlen=VERDICTS)
        self._deliveries: deque[Delivery] = deque(maxlen=DELIVERIES)
        self._seen: deque[int] = deque(maxlen=1)  # the PLC has one word for it: the last counts
        # neither thread may hang on it, and no process that is started later may hold it
        self.wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    # -- the loop's side ---------------------------------------------------------------

    def report(self, part: Part, verdict: Verdict) -> None:
        """Append the verdict, then wake: the other way round the thread could find nothing."""
        self._verdicts.append((part, verdict))
        self.wake()

    def deliveries(self) -> list[Delivery]:
        """What became of verdicts since the last call; what is added meanwhile waits."""
        return [self._deliveries.popleft() for _ in range(len(self._deliveries))]

    def show_seen(self, part_id: int) -> None:
        """The last part of the station's own photo-eye; it wakes nobody."""
        self._seen.append(part_id)

    def wake(self) -> None:
        """End a wait of the link thread; nothing once it is closed."""
        if self.wake_fd >= 0:
            os.eventfd_write(self.wake_fd, 1)

    def close(self) -> None:
        """Once the thread has ended: until then it may still wait on the descriptor."""
        fd, self.wake_fd = self.wake_fd, -1
        os.close(fd)

    # -- the link thread's side --------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether a verdict waits."""
        return bool(self._verdicts)

    def next_verdict(self) -> tuple[Part, Verdict] | None:
        """The oldest verdict that waits."""
        return self._verdicts.popleft() if self._verdicts else None

    def next_seen(self) -> int | None:
        """The last part of the own photo-eye, where it has not been taken yet."""
        return self._seen.popleft() if self._seen else None

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        """What became of verdicts, for the loop's journal."""
        self._deliveries.extend(deliveries)

    def hush(self) -> None:
        """Read what woke us, before looking for what it was: whoever comes later wakes again."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self.wake_fd)

    def wait(self, timeout_s: float) -> None:
        """Until somebody wakes us, where there is no transport to wait for."""
        select.select((self.wake_fd,), (), (), timeout_s)
