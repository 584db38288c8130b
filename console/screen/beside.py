"""Work that may wait for a disk, beside the thread that serves; so much of it at a time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

WORKERS = 2
WAITING_MAX = 16  # more than that are turned away at once

Answer = TypeVar("Answer")


class TooMuch(Exception):
    """So many wait already; the same question may be asked again in a moment."""


class Beside:
    """A few threads, and a bounded queue before them. Asked by one event loop."""

    def __init__(self, workers: int = WORKERS, waiting_max: int = WAITING_MAX) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="beside")
        self._waiting, self._waiting_max = 0, waiting_max

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """What it says; TooMuch, or what it raises."""
        if self._waiting >= self._waiting_max:
            raise TooMuch
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, question)
        # counted until it is done, also where whoever asked has gone: the thread is taken all along
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, future: asyncio.Future[Answer]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            future.exception()  # whoever asked may have gone: nobody else would look at it

    def close(self) -> None:
        """Wait for what is under way; idempotent."""
        self._pool.shutdown(cancel_futures=True)
