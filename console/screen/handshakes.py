"""Before a connection by TLS: its handshake, which has an end, and of which there are only so many.

asyncio waits a minute for a handshake, and for any number of them; a client that sends half of one
would hold a descriptor all that while.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

HANDSHAKES = 32  # beyond, the one that has been at it for the longest is cut off
LIMIT_S = 5.0
_AT_ONCE = struct.pack("ii", 1, 0)  # l_onoff, l_linger of socket(7)


class Handshake(asyncio.Protocol):
    """Of one connection; then `behind()` has it. `all_of_them` are those that are under way."""

    limit_s = LIMIT_S
    most = HANDSHAKES

    def __init__(
        self,
        context: Callable[[], ssl.SSLContext | None],
        all_of_them: set[Handshake],
        behind: Callable[[], asyncio.Protocol],
    ) -> None:
        self._context, self._all, self._behind = context, all_of_them, behind
        self.came_s = time.monotonic()
        self._early: list[bytes] = []
        self._is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has come; where too many are at it, the slowest goes."""
        self._transport = transport
        self._all.add(self)
        # kept: the loop itself holds its tasks weakly
        self._task = asyncio.get_running_loop().create_task(self._shake())
        if len(self._all) > self.most:
            min(self._all, key=_came_s).cut_off()

    def data_received(self, data: bytes) -> None:
        """What came right behind the handshake is for whoever is next."""
        self._early.append(data)

    def eof_received(self) -> bool:
        """They have gone again."""
        self._is_over = True
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """The same."""
        self._is_over = True

    async def _shake(self) -> None:
        secure: asyncio.Transport | None = None
        context = self._context()
        # an OSError, that is: no TLS at all, one that trusts us not, or it took too long
        with contextlib.suppress(OSError):
            if context is not None:
                secure = await asyncio.get_running_loop().start_tls(
                    self._transport,
                    self,
                    context,
                    server_side=True,
                    ssl_handshake_timeout=self.limit_s,
                )
        self._all.discard(self)
        if secure is None or self._is_over:
            self._transport.close()
        else:
            self._hand_over(secure)

    def _hand_over(self, secure: asyncio.Transport) -> None:
        behind = self._behind()
        secure.set_protocol(behind)
        behind.connection_made(secure)
        if self._early:
            behind.data_received(b"".join(self._early))

    def cut_off(self) -> None:
        """At once."""
        self._all.discard(self)
        own = self._transport.get_extra_info("socket")
        if own is not None:
            with contextlib.suppress(OSError):  # gone already
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._transport.abort()  # type: ignore[attr-defined]


def by_tls(
    context: Callable[[], ssl.SSLContext | None],
    protocol: type[asyncio.Protocol],
    kind: type[Handshake] = Handshake,
) -> Callable[..., asyncio.Protocol]:
    """What uvicorn makes of each connection, in place of `protocol`: a handshake before it."""
    all_of_them: set[Handshake] = set()

    def made(**given: Any) -> asyncio.Protocol:  # noqa: ANN401 - uvicorn's own
        return kind(context, all_of_them, partial(protocol, **given))

    return made


def _came_s(handshake: Handshake) -> float:
    return handshake.came_s
