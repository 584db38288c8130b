"""The listening end of Modbus TCP: connections, frames, and which requests are answered.

What a PDU is answered with: gonogo.plc.transports.modbus_served. Framing is our own
(gonogo.plc.transports.mbap_frame), because pymodbus' server answers only one of several requests
that arrive in one segment and stalls on a wrong protocol id.

A frame that cannot be Modbus ends its connection, and so do silence and replies that
nobody fetches. A connection beyond the limit ends the most silent one from its own
address, or else the most silent of all. What one peer sends at once is answered a few
requests at a time, so that a flood does not hold up the link. Whoever does any of this is
named in the log (gonogo.plc.disturbance).

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, sections 3.1.3, 4.2 and 4.4.
"""

from __future__ import annotations

import contextlib
import socket
from functools import partial
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple, cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from gonogo.base.ports import joined
from gonogo.plc.disturbance import CONNECTING, EVICTED, HALF, MALFORMED, TURNED_AWAY, UNREAD
from gonogo.plc.transports.hosts import plain
from gonogo.plc.transports.masters import Asker
from gonogo.plc.transports.mbap_frame import NotModbus, Requests
from gonogo.plc.transports.modbus_served import refuse
from gonogo.plc.transports.tcp import ack_at_once

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine
    from typing import Any

    from gonogo.plc.disturbance import Kind
    from gonogo.plc.transports.mbap_frame import Request
    from gonogo.plc.transports.modbus_served import ServedMap

BURST = 8  # requests of one connection that are answered before the link and others get a turn
_UNREAD_BYTES = 32768  # a peer that leaves this much unread, here and in the kernel, does not read
_BACKLOG = 32  # as many are accepted in one turn of the loop
_DEVICE_ITSELF = frozenset({0, 255})  # unit ids that mean "whoever has this IP address"
_SWEEP_S = 0.5
_DEAD_PEER_MS = 3000


class ListenerLimits(NamedTuple):
    """Who may connect, and for how long; `unit` 0 answers every unit id, no `allow` everybody."""

    unit: int = 0
    connections: int = 8
    idle_s: float = 60.0
    allow: tuple[str, ...] = ()


class Listener(ModbusTcpServer):
    """A pymodbus server with the framing and the limits of this module."""

    def __init__(self, served: ServedMap, sock: socket.socket, limits: ListenerLimits) -> None:
        nothing = SimDevice(0, SimData(0, datatype=DataType.BITS))  # pymodbus asks for a map
        super().__init__(nothing, address=sock.getsockname()[:2])
        # our own socket instead of the library's: it was bound with errors that name the remedy
        create: Callable[..., Coroutine[Any, Any, Any]] = self.loop.create_server
        self.call_create = partial(
            create, self.handle_new_connection, sock=sock, backlog=_BACKLOG, start_serving=True
        )
        self._served = served
        self._limits = limits
        # parsed once: a flood of strangers costs a comparison each
        self._allow = [ip_network(network) for network in limits.allow]
        self._report = served.disturbances.count
        self._connections: list[Connection] = []
        self._sweep()

    @property
    def port(self) -> int:
        """The port that is really listened on."""
        server = cast("asyncio.Server | None", self.transport)
        return int(server.sockets[0].getsockname()[1]) if server is not None else 0

    def callback_new_connection(self) -> Connection:
        """Called by the library for each connection."""
        return Connection(self)

    def answer(self, asker: Asker, unit: int, pdu: bytes) -> bytes:
        """The reply to a request; one for another unit ends here, as at a gateway without it."""
        # 0 and 255 are whoever has this address (Implementation Guide, section 4.4)
        if self._limits.unit in {0, unit} or unit in _DEVICE_ITSELF:
            return self._served.answer(pdu, asker=asker)
        return refuse(pdu, ExcCodes.GATEWAY_NO_RESPONSE)

    def admit(self, new: Connection) -> None:
        """Take a connection in, and end another one when there are too many."""
        # accepted by the kernel already: turning away is all that is left
        if self.is_closing or not self._allowed(new.asker.address):
            new.end()
            return
        self._report(CONNECTING, new.asker.address)
        if len(self._connections) >= self._limits.connections:
            # a PLC that restarted leaves silent ones behind; and its own first, so that somebody
            # who opens many ends those of his own before the PLC's
            same = [old for old in self._connections if old.asker.address == new.asker.address]
            most_silent = min(same or self._connections, key=lambda old: old.heard_s)
            self._report(EVICTED, new.asker.address, most_silent.asker.address)
            most_silent.end()
        self._connections.append(new)
        # after the limits: who is turned away is no PLC that was cut off
        self._served.greet()

    def hang_up(self, connection: Connection, why: Kind, *facts: object) -> None:
        """End a connection for what its peer does."""
        self._report(why, connection.asker.address, *facts)
        connection.end()

    def release(self, connection: Connection) -> None:
        """Forget a connection; idempotent."""
        # twice for one that we end: by `end`, and by the library once it is gone
        with contextlib.suppress(ValueError):
            self._connections.remove(connection)

    async def shutdown(self) -> None:
        """End every connection and stop listening."""
        # a copy: ending releases them from the list
        for connection in list(self._connections):
            connection.end()
        await super().shutdown()  # type: ignore[no-untyped-call]

    def _allowed(self, address: str) -> bool:
        if not self._allow or any(ip_address(address) in network for network in self._allow):
            return True
        self._report(TURNED_AWAY, address)
        return False

    def _sweep(self) -> None:
        """End whoever has not sent a whole request for too long."""
        since_s = self.loop.time() - self._limits.idle_s
        # whole requests alone count: a byte now and then does not keep a place
        for connection in [each for each in self._connections if each.heard_s < since_s]:
            if connection.halfway:
                self._report(HALF, connection.asker.address)
            connection.end()
        self.loop.call_later(_SWEEP_S, self._sweep)


class Connection(ServerRequestHandler):
    """One PLC connection; `heard_s` is when its last whole request came, on the loop's clock."""

    def __init__(self, owner: Listener) -> None:
        super().__init__(owner, None, None, None)  # type: ignore[no-untyped-call]
        self._owner = owner
        self._requests = Requests()
        self.asker = Asker("")
        # as if heard now: a new connection must not be the most silent one
        self.heard_s = self.loop.time()

    @property
    def halfway(self) -> bool:
        """Whether a request has come in part."""
        return self._requests.halfway

    def callback_connected(self) -> None:
        """Called by the library once the connection stands."""
        super().callback_connected()
        self.asker = _asker(self.transport.get_extra_info("peername"))
        self._socket = self.transport.get_extra_info("socket")
        # before it is admitted: also one that is turned away must not keep a buffer for long
        _harden(self._socket)
        self._owner.admit(self)

    def callback_disconnected(self, exc: Exception | None) -> None:
        """Called by the library when the connection is gone."""
        super().callback_disconnected(exc)
        self.asker.gone = True
        self._owner.release(self)

    def end(self) -> None:
        """Close this connection from our side; replies that the peer leaves unread are dropped."""
        # first: nothing of it is answered after this, whoever calls back
        self._requests.clear()
        self.asker.gone = True
        self._owner.release(self)
        transport = cast("asyncio.Transport | None", self.transport)
        # unread replies would keep the socket open for as long as the peer likes
        if transport is not None and transport.get_write_buffer_size():
            transport.abort()
        self.close()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: answer every whole request, keep the rest for later."""
        self._requests.feed(data)
        self._work()
        self._ack_at_once()

    def _ack_at_once(self) -> None:
        """What comes next may be held back by a stack that waits for our acknowledgement."""
        with contextlib.suppress(OSError):  # closed meanwhile
            ack_at_once(self._socket)

    def _work(self) -> None:
        for _ in range(BURST):
            request = self._next_request()
            if request is None:
                return
            self.heard_s = self.loop.time()
            reply = self._owner.answer(self.asker, request.unit, request.pdu)
            self.send(request.reply(reply))
        # a flood stays in the kernel, and then in the peer
        self._transport.pause_reading()
        # after whatever else is ready: other connections, and the link's wake
        self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """The next requests of a long segment, unless the connection ended meanwhile."""
        if self.is_active():
            self._transport.resume_reading()
            self._work()
            self._ack_at_once()

    @property
    def _transport(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self.transport)

    def _next_request(self) -> Request | None:
        """The next one that is whole, unless the peer does what ends its connection."""
        try:
            if not self._requests.begun():
                return None
        except NotModbus as error:
            self._owner.hang_up(self, MALFORMED, str(error))
            return None
        if self._transport.get_write_buffer_size() > _UNREAD_BYTES:
            self._owner.hang_up(self, UNREAD)
            return None
        return self._requests.take()


def _asker(peer: tuple[Any, ...] | None) -> Asker:
    """Who is at the other end, as the log names it."""
    if not peer:
        return Asker("unknown address")
    host = plain(str(peer[0]))
    return Asker(host, joined(host, peer[1]))


def _harden(sock: socket.socket) -> None:
    """Let the kernel give up on a dead peer in seconds, not hours, and keep little for it."""
    # small, so that what a peer leaves unread shows in our own buffer soon
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD_BYTES)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PEER_MS)
