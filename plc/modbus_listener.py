"""The listening end of Modbus TCP: connections, frames, and which requests are answered.

PDUs go to gonogo.plc.modbus_served. Framing is our own, because pymodbus'
server answers only one of several requests that arrive in one segment
and stalls on a wrong protocol id:

    MBAP header   transaction id (2)  protocol id = 0 (2)  length 2..254 (2)  unit id (1)

A frame that cannot be Modbus ends its connection. At most eight connections are
held; a further one ends the oldest from its own address, or else the oldest.

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, cast

from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

if TYPE_CHECKING:
    import asyncio

    from gonogo.plc.modbus_served import ServedMap

MAX_CONNECTIONS = 8
_ERROR_BIT, _NO_SUCH_UNIT = 0x80, 11
_PREFIX_BYTES = 6  # transaction, protocol and length; the length counts what follows
_LENGTHS = range(2, 255)


class Listener(ModbusTcpServer):
    """A pymodbus server with the framing and the limits of this module."""

    def __init__(self, served: ServedMap, unit: int, address: tuple[str, int]) -> None:
        nothing = SimDevice(0, SimData(0, datatype=DataType.BITS))  # pymodbus asks for a map
        super().__init__(nothing, address=address)
        self._served = served
        self._unit = unit  # 0: every one is ours
        self._connections: list[Connection] = []

    @property
    def port(self) -> int:
        """The port that is really listened on."""
        server = cast("asyncio.Server | None", self.transport)
        return int(server.sockets[0].getsockname()[1]) if server is not None else 0

    def callback_new_connection(self) -> Connection:
        """Called by the library for each connection."""
        return Connection(self)

    def admit(self, new: Connection) -> None:
        """Take a connection in, and end an old one when there are too many."""
        if len(self._connections) >= MAX_CONNECTIONS:
            same = (old for old in self._connections if old.address == new.address)
            next(same, self._connections[0]).end()
        self._connections.append(new)
        self._served.greet()

    def answer(self, unit: int, pdu: bytes) -> bytes:
        """The reply to a request; one for another unit ends here, as at a gateway without it."""
        if self._unit not in (0, unit):
            return bytes((pdu[0] | _ERROR_BIT, _NO_SUCH_UNIT))
        return self._served.answer(pdu)

    def release(self, connection: Connection) -> None:
        """Forget a connection; idempotent."""
        with contextlib.suppress(ValueError):
            self._connections.remove(connection)


class Connection(ServerRequestHandler):
    """One PLC connection."""

    def __init__(self, owner: Listener) -> None:
        super().__init__(owner, None, None, None)  # type: ignore[no-untyped-call]
        self._owner = owner
        self._buffer = b""
        self.address = ""

    def callback_connected(self) -> None:
        """Called by the library once the connection stands."""
        super().callback_connected()
        peer = self.transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
        self._owner.admit(self)

    def callback_disconnected(self, exc: Exception | None) -> None:
        """Called by the library when the connection is gone."""
        super().callback_disconnected(exc)
        self._owner.release(self)

    def end(self) -> None:
        """Close this connection from our side."""
        self._buffer = b""
        self._owner.release(self)
        self.close()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: answer every whole request, keep the rest for later."""
        self._buffer += data
        while (frame := self._next_frame()) is not None:
            self._answer(frame)

    def _next_frame(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < _PREFIX_BYTES:
            return None
        length = int.from_bytes(buffer[4:6], "big")
        if buffer[2:4] != b"\0\0" or length not in _LENGTHS:
            self.end()
            return None
        end = _PREFIX_BYTES + length
        if len(buffer) < end:
            return None
        self._buffer = buffer[end:]
        return buffer[:end]

    def _answer(self, frame: bytes) -> None:
        unit = frame[_PREFIX_BYTES]
        reply = self._owner.answer(unit, frame[_PREFIX_BYTES + 1 :])
        length = (len(reply) + 1).to_bytes(2, "big")
        self.send(frame[:4] + length + bytes((unit,)) + reply)
