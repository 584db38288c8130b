"""The connections of a bad wire: the station's and ours to the PLC, the door, and a crowd."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections import deque

HOST = "127.0.0.1"
HALF_A_REQUEST = bytes.fromhex("000100000006")  # an MBAP header up to its length
CONNECT_S = 1.0
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no patience, so RST and not FIN


class Pair:
    """A connection of the station, and ours to the PLC for it; bytes wait here until they are due.

    OSError in the constructor where the PLC takes nobody.
    """

    def __init__(self, station: socket.socket, plc_port: int) -> None:
        self.ends = (station, socket.create_connection((HOST, plc_port), timeout=CONNECT_S))
        self._late: deque[tuple[float, socket.socket, bytes]] = deque()
        self.reply = b""  # the last one
        for end in self.ends:
            # the wire's own delays are the only ones: what it passes on in pieces stays apart
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(CONNECT_S)

    @property
    def due_s(self) -> float | None:
        """When the first of what waits is due; None where nothing waits."""
        return self._late[0][0] if self._late else None

    def send(self, segments: list[bytes], *, reply: bool, due_s: float, pause_s: float) -> None:
        """Let segments wait for their time; a reply goes to the station, all else to the PLC."""
        end = self.ends[not reply]
        for segment in segments:
            self._late.append((due_s, end, segment))
            due_s += pause_s

    def deliver(self) -> bool:
        """Pass on what is due, in order; False where one of the ends is gone."""
        with contextlib.suppress(OSError):
            # one queue for both ways: what comes later never overtakes what was slowed down
            while self._late and self._late[0][0] <= time.monotonic():
                _, end, data = self._late.popleft()
                end.sendall(data)
            return True
        return False

    def close(self, *, reset: bool = False) -> None:
        """End both sides."""
        for end in self.ends:
            if reset:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.close()


class Door:
    """Where the station connects to; it can be shut, and opened again at the same port."""

    def __init__(self, port: int) -> None:
        self._server: socket.socket | None = socket.create_server((HOST, port))
        self._address = self._server.getsockname()

    @property
    def port(self) -> int:
        """Its port; a free one was taken for port 0."""
        return int(self._address[1])

    @property
    def is_open(self) -> bool:
        """Whether a call would be taken."""
        return self._server is not None

    def fds(self) -> list[int]:
        """What to wait for a call on: nothing while it is shut."""
        return [] if self._server is None else [self._server.fileno()]

    def accept(self) -> socket.socket | None:
        """The one who called; None where the door was shut since."""
        return None if self._server is None else self._server.accept()[0]

    def open(self) -> None:
        """Take calls; idempotent."""
        if self._server is None:
            self._server = socket.create_server(self._address)

    def shut(self) -> None:
        """Refuse calls; idempotent."""
        if self._server is not None:
            self._server.close()
        self._server = None


class Crowd:
    """Others that connect to the PLC, say half a request, and stay."""

    def __init__(self, plc_port: int) -> None:
        self._plc_port = plc_port
        self._here: list[socket.socket] = []

    def gather(self, count: int) -> None:
        """So many more; the PLC may take no more, and that is what is tried."""
        for _ in range(count):
            with contextlib.suppress(OSError):
                one = socket.create_connection((HOST, self._plc_port), timeout=CONNECT_S)
                self._here.append(one)
                one.sendall(HALF_A_REQUEST)

    def leave(self) -> None:
        """All of them hang up."""
        for one in self._here:
            one.close()
        self._here.clear()
