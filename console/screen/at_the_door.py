"""Those who wait to be looked at, one at a time: so many, and so many of them from one source.

Whoever hammers keeps nobody else out, and no crowd of them takes more memory than one.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from gonogo.console.screen.beside import Beside, TooMuch

if TYPE_CHECKING:
    from collections.abc import Callable

WAITING_MAX = 8
FROM_ONE_MAX = 2

Answer = TypeVar("Answer")


class AtTheDoor:
    """Those who wait to be looked at. Asked by one event loop."""

    def __init__(self) -> None:
        self._beside = Beside(1, WAITING_MAX)
        self._from: Counter[str] = Counter()

    async def ask(self, source: str, question: Callable[[], Answer]) -> Answer:
        """What it says; TooMuch, or what it raises."""
        if self._from[source] >= FROM_ONE_MAX:
            raise TooMuch
        self._from[source] += 1
        try:
            return await self._beside.ask(question)
        finally:
            self._from[source] -= 1
            self._from += Counter()  # none is kept of whom nobody waits

    def close(self) -> None:
        """Wait for what is under way; idempotent."""
        self._beside.close()
