"""A Modbus server role served by the test itself, and bare sockets that ask it."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from gonogo.plc.register_map import D_WORDS, P_FIRST, P_WORDS
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.peers.cells import BITS_SHOWN, D_SHOWN, P_HELD, pdu, words, write

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
BITS = (True, False, False, True, True, False, False)
WAIT_S = 10  # longer than a station under load takes for anything
HOLD = write(16, P_FIRST, P_WORDS, 2 * P_WORDS, words(*P_HELD))
READ = pdu(3, 0, 2)
READ_REPLY = b"\x03\x04" + words(*D_SHOWN[:2])


class Station:
    """A server role, served by the test itself while a PLC asks from another thread."""

    def __init__(self, **fields: object) -> None:
        # as the link rings it for a new image; here nobody does
        self.fd = os.eventfd(0, os.EFD_NONBLOCK)
        section = {"driver": "modbus-server", "port": 0, **fields}  # a free one
        self.server = ModbusServer(ModbusServerSection.model_validate(section), self.fd)
        # the PLC's side: one at a time, so that tests tell what came first
        self.pool = ThreadPoolExecutor(1)
        self.image = ProcessImage((0,) * D_WORDS, (False,) * 7)
        self.server.open()
        self.port = self.server.port

    def serve(self, work: Callable[[], T]) -> T:
        """Serve until `work`, the PLC's side in its own thread, is done."""
        # the server is of the test's own thread: what it raises ends the test
        job = self.pool.submit(work)
        # shown before the PLC is served: it must not read what was there before
        self.server.exchange(self.image)
        while not job.done():
            self.server.wait(0.01)  # short: `work` may be done without another byte
        return job.result()

    def plc(self) -> tuple[int, ...]:
        """What the PLC has written."""
        return tuple(self.server.exchange(self.image).words)

    def close(self) -> None:
        """End everything."""
        self.server.close()
        self.pool.shutdown()
        os.close(self.fd)


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    """A connection to the station from an address of this box."""
    sock = socket.create_connection(("127.0.0.1", port), WAIT_S, source_address=(source, 0))
    # what a test sends as one segment arrives as one
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def ask(port: int, request: bytes, replies: int = 1) -> list[bytes]:
    """Send raw bytes and read that many MBAP frames; fewer when the station hangs up."""
    with connect(port) as sock:
        sock.sendall(request)
        return [frame for frame in (read_frame(sock) for _ in range(replies)) if frame]


def read_frame(sock: socket.socket) -> bytes:
    """One MBAP frame, or nothing at the end of the connection."""
    head = _read(sock, 6)
    return head + _read(sock, int.from_bytes(head[4:6], "big")) if head else b""


def _read(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        try:
            chunk = sock.recv(size - len(data))
        except ConnectionResetError:  # a station that ends a connection with bytes unread resets it
            return b""
        if not chunk:
            return b""
        data += chunk
    return data


def frame(transaction: int, pdu: bytes, unit: int = 1) -> bytes:
    """An MBAP frame around a PDU."""
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def open_station(**fields: object) -> contextlib.closing[Station]:
    """A station that shows D_SHOWN and BITS_SHOWN and holds P_HELD."""
    station = Station(**fields)
    station.image = ProcessImage(D_SHOWN, BITS_SHOWN)
    # by the wire, as a PLC would: P is what was written last
    assert station.serve(lambda: ask(station.port, frame(1, HOLD, unit=0)))
    return contextlib.closing(station)
