"""One connection of a browser, and what bounds it: nobody is waited for, and nobody is kept.

A client that sends half a request, or does not read what it asked for, is cut off after LIMIT_S;
one that asks for nothing more, after IDLE_S. Beyond CONNECTIONS one gives way: of the address that
has the most of them the one that has been quiet for the longest. A page asks several times a
second, so it is none that somebody looks at, and who comes in a crowd pays for the crowd.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio
    from typing import Any

CONNECTIONS = 128
LIMIT_S = 10.0  # from the first byte of a request until all of the answer is on its way
IDLE_S = 20.0
HEAD_MAX = 16_384  # bytes of a request's head
_AT_ONCE = struct.pack("ii", 1, 0)  # l_onoff, l_linger of socket(7)


class Bounded(H11Protocol):
    """As uvicorn has it, with an end for everything."""

    limit_s: ClassVar[float] = LIMIT_S
    idle_s: ClassVar[float] = IDLE_S
    most: ClassVar[int] = CONNECTIONS

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self.heard_s = time.monotonic()
        self._end: asyncio.TimerHandle | None = None
        self._busy = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come; where too many are there, one goes."""
        super().connection_made(transport)
        self._end_in(self.limit_s)
        if len(self.connections) > self.most:
            others = [each for each in self.connections if isinstance(each, Bounded)]
            _gives_way(others).cut_off()

    def data_received(self, data: bytes) -> None:
        """A piece of a request; its first one starts the clock, and no later one turns it back."""
        self.heard_s = time.monotonic()
        if not self._busy:
            self._busy = True
            self._end_in(self.limit_s)
        super().data_received(data)

    def on_response_complete(self) -> None:
        """All of the answer was handed to the system, which may still hold it."""
        self._busy = False
        self._end_in(self.idle_s)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)

    def _end_in(self, limit_s: float) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = self.loop.call_later(limit_s, self.cut_off)

    def cut_off(self) -> None:
        """At once, with all that was on its way: closing would wait until that was read."""
        own = self.transport.get_extra_info("socket")
        if own is not None:
            with contextlib.suppress(OSError):  # gone already
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()


def _gives_way(there: list[Bounded]) -> Bounded:
    counts = Counter(map(_address, there))
    crowd = max(counts.values())
    return min((each for each in there if counts[_address(each)] == crowd), key=_heard_s)


def _address(connection: Bounded) -> str:
    return connection.client[0] if connection.client else ""


def _heard_s(connection: Bounded) -> float:
    return connection.heard_s
