"""A PLC's TCP stack as it should not be: header and body of a reply sent apart, with Nagle on.

`Apart` stands between a client and a PLC that replies at once, and passes replies on in two
segments. Its kernel keeps the second until the first is acknowledged: a client that does not
see to that waits 40 ms for each reply. `Gateway` is a third in between, which hands on whole
replies and whose own acknowledgements are late. Neither simulates a slow program.

Import as `gonogo.proving.peers.apart`.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MBAP, TPKT = 6, 4  # bytes of the headers that are sent apart
_SIZE = 4096


class Gateway:
    """Passes on requests and whole replies, one connection after the other; acknowledges late.

    `head` is how long a header is; its last two bytes say how much follows (Modbus), or its
    third and fourth how long all is (S7).
    """

    def __init__(self, plc_port: int, head: int = MBAP) -> None:
        self._plc_port, self._head = plc_port, head
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        # one connection after the other: the station has no more
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # the listener was shut down
            while True:
                station, _ = self._listener.accept()
                address = ("127.0.0.1", self._plc_port)
                with station, socket.create_connection(address) as plc:
                    # towards the PLC nothing is held back: what is late is late on the way back
                    plc.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    with contextlib.suppress(OSError):
                        self._pass_on(station, plc)

    def _pass_on(self, station: socket.socket, plc: socket.socket) -> None:
        while request := station.recv(_SIZE):
            plc.sendall(request)
            self._answer(station, self._whole(plc))

    def _whole(self, plc: socket.socket) -> bytes:
        whole = b""
        # a reply that itself came in pieces must not be taken for two
        while len(whole) < self._size(whole):
            part = plc.recv(_SIZE)
            if not part:
                return b""
            whole += part
        return whole

    def _size(self, reply: bytes) -> int:
        # the size is known only with the header
        if len(reply) < self._head:
            return self._head
        said = int.from_bytes(reply[self._head - 2 : self._head], "big")
        # Modbus counts what follows, TPKT all
        return said + self._head if self._head == MBAP else said

    def _answer(self, station: socket.socket, reply: bytes) -> None:
        station.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        station.sendall(reply)

    def close(self) -> None:
        """Listen no more; what is connected goes on until it hangs up."""
        with contextlib.suppress(OSError):
            # close alone would leave the thread in accept
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Apart(Gateway):
    """The stack that sends a reply's header and body apart."""

    def _answer(self, station: socket.socket, reply: bytes) -> None:
        # Nagle (RFC 896): a small segment waits while another one is not acknowledged
        station.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        station.sendall(reply[: self._head])
        station.sendall(reply[self._head :])


def careless_s(port: int, requests: int) -> float:
    """Seconds that a client without care takes for so many reads of a Modbus server."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def ask() -> None:
            for _ in range(requests):
                # FC3: what a client reads of us most
                sock.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 100, 20))
                left = MBAP + 3 + 2 * 20  # the reply's header, function and count, twenty words
                while left:
                    left -= len(sock.recv(left))

        return took_s(ask)


def took_s(work: Callable[[], object]) -> float:
    """How long something takes."""
    start_ns = time.monotonic_ns()
    work()
    return (time.monotonic_ns() - start_ns) / 1e9
