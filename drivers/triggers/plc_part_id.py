"""The trigger of a station whose PLC names each part: a mailbox between two threads.

The link thread sees PART_ID change and offers the part; the loop thread waits for
it. One part may wait beside the one in hand; a further one is refused, and the
link tells the PLC so at once, because a queue would only make verdicts late.

There is no lock. `_waiting` is set by the link alone when it is None, and cleared
by the loop alone when it is not; each is one reference, read and written whole.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import TYPE_CHECKING, Literal

from gonogo.drivers.triggers.trigger import TriggerSection

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import TriggerEvent


class PlcTriggerSection(TriggerSection):
    """The PLC triggers through its PART_ID word; everything else is said in [plc]."""

    driver: Literal["plc"]
    """A new PART_ID (P103) of the PLC starts a part."""

    @property
    def named_by_plc(self) -> bool:
        """By PART_ID."""
        return True


def open_mailbox(
    _section: PlcTriggerSection, _last_part_id: int, refused: Callable[[TriggerEvent], None]
) -> PlcTrigger:
    """As the catalogue opens it; the ids are the PLC's own."""
    return PlcTrigger(refused)


class PlcTrigger:
    """`offer` belongs to the link thread, `wait` to the loop thread.

    `refused` hears of each part that could not wait, before the PLC does. Close it after
    the link thread has ended.
    """

    def __init__(self, refused: Callable[[TriggerEvent], None] = lambda _: None) -> None:
        self._refused = refused
        self._waiting: TriggerEvent | None = None
        # eventfd and select: select.poll would round the time left up to whole milliseconds
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._watched = [self._fd]

    def offer(self, pulse: TriggerEvent) -> bool:
        """Hand a part to the loop; False, and nothing changes, while one is already waiting."""
        # the link thread: only the loop clears it, so what is None stays None until we set it
        if self._waiting is not None or self._fd < 0:
            self._refused(pulse)
            return False
        self._waiting = pulse
        # after the part: whoever wakes finds it
        os.eventfd_write(self._fd, 1)
        return True

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The part that waits or comes, or None when `until_ns` (absolute monotonic) passes."""
        # the loop thread
        while self._waiting is None and self._fd >= 0:
            left_ns = until_ns - time.monotonic_ns()
            if left_ns <= 0:
                return None
            select.select(self._watched, (), (), left_ns * 1e-9)
            # before the part is looked for again: a part that comes in between rings anew
            self._clear()
        # the bell of a part that was there at once is left ringing: the next wait looks once too
        # often, and loses nothing
        pulse, self._waiting = self._waiting, None
        return pulse

    def _clear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._fd)

    def close(self) -> None:
        """Release the descriptor; idempotent. Nothing is taken or handed out any more."""
        # first: a descriptor of that number may be somebody else's a moment later
        fd, self._fd = self._fd, -1
        if fd >= 0:
            self._waiting = None
            os.close(fd)
