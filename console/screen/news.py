"""Pages that wait for something newer: told when it is there, and after HELD_S at the latest.

So many wait at a time, and of one address fewer than a browser opens connections to one box (six):
its pictures, and the tabs that may not wait, get through. Whoever may not wait is told "nothing
new" at once, and asks again a little later.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

HELD_S = 0.4  # far below what a page takes for silence
WAITING_MAX = 64
OF_ONE_MAX = 3


class Waiting(NamedTuple):
    """One question."""

    address: str
    loop: asyncio.AbstractEventLoop
    told: asyncio.Event


class News:
    """`tell` is called by any thread, `wait` by an event loop."""

    def __init__(self, most: int = WAITING_MAX, held_s: float = HELD_S) -> None:
        self._most, self._held_s = most, held_s
        self._waiting: list[Waiting] = []

    @property
    def waiting(self) -> int:
        """How many do."""
        return len(self._waiting)

    def tell(self) -> None:
        """Something newer is there."""
        for each in tuple(self._waiting):
            with contextlib.suppress(RuntimeError):  # its loop has come to an end meanwhile
                each.loop.call_soon_threadsafe(each.told.set)

    async def wait(self, address: str, is_there: Callable[[], bool]) -> None:
        """Until something newer is there, or it was long enough; not at all where too many do."""
        if self.waiting >= self._most or self._of_one(address) >= OF_ONE_MAX:
            return
        own = Waiting(address, asyncio.get_running_loop(), asyncio.Event())
        self._waiting.append(own)
        try:
            # looked at once more: what came before this question was in the list was told to others
            if not is_there():
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(own.told.wait(), self._held_s)
        finally:
            self._waiting.remove(own)

    def _of_one(self, address: str) -> int:
        return sum(each.address == address for each in self._waiting)
