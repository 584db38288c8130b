"""A bad network between station and PLC: a process that passes bytes on, late, spoilt, or not.

Started as `python -m gonogo.proving.campaign.wire`; the first line of its standard input is
its two ports, `LISTEN_PORT PLC_PORT`. It says `ready`, then obeys further lines, each of them
a misfortune (gonogo.proving.campaign.misfortunes): `KIND SECONDS [AMOUNT [PAUSE_MS]]`. One
takes the place of another.

When a silence ends, its connections end with it, as they do when a switch comes back.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import subprocess
import sys
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from gonogo.base.first_line import hand_over, handed_over
from gonogo.proving.campaign.misfortunes import ENDING, SILENT, Misfortune, arriving

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
CHUNK = 65536
IDLE_S = 0.05
HALF_A_REQUEST = bytes.fromhex("000100000006")
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no patience, so RST and not FIN


class Pair:
    """A connection of the station, and ours to the PLC for it."""

    def __init__(self, station: socket.socket, plc_port: int) -> None:
        self.ends = (station, socket.create_connection((HOST, plc_port), timeout=1.0))
        self.late: deque[tuple[float, socket.socket, bytes]] = deque()
        self.reply = b""  # the last one
        for end in self.ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(1.0)

    def close(self, *, reset: bool = False) -> None:
        """End both sides."""
        for end in self.ends:
            if reset:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.close()


class Wire:
    """Pairs of connections, and what the wire does to their bytes at this moment.

    `orders` is where its orders come from; port 0 is a free one.
    """

    def __init__(self, orders: TextIO, listen_port: int, plc_port: int) -> None:
        self._orders = orders
        self._address = (HOST, listen_port)
        self._server: socket.socket | None = socket.create_server(self._address)
        self._address = self._server.getsockname()
        self._plc_port = plc_port
        self._pairs: list[Pair] = []
        self._crowd: list[socket.socket] = []
        self._now: Misfortune | None = None
        self._until_s = 0.0

    @property
    def port(self) -> int:
        """Where the station connects to."""
        return self._address[1]

    def obey(self, line: str) -> None:
        """One order; what there was before is over."""
        self._over()
        self._now = Misfortune.read(line)
        self._until_s = time.monotonic() + self._now.for_s
        if self._now.kind == "crowd":
            self._gather(int(self._now.amount))
        if self._now.kind == "away":
            self._leave()

    def close(self) -> None:
        """End every connection, and take no more."""
        self._over()
        self._leave()

    def turn(self) -> bool:
        """Pass on what has come, and what is due; False when nobody needs us any more."""
        now_s = time.monotonic()
        if self._now is not None and self._until_s <= now_s:
            self._over()
        orders = self._orders.fileno()
        ends = {end.fileno(): (pair, end) for pair in self._pairs for end in pair.ends}
        for fd in select.select([orders, *self._calls(), *ends], [], [], self._wait_s(now_s))[0]:
            if fd == orders:
                line = self._orders.readline()
                if not line:
                    return False
                self.obey(line)
            elif fd in self._calls():
                self._accept()
            elif fd in ends and ends[fd][0] in self._pairs:
                self._pass_on(*ends[fd])
        for pair in tuple(self._pairs):
            self._deliver(pair)
        return True

    def _calls(self) -> list[int]:
        return [] if self._server is None else [self._server.fileno()]

    def _wait_s(self, now_s: float) -> float:
        waits = [pair.late[0][0] - now_s for pair in self._pairs if pair.late]
        over = [self._until_s - now_s] if self._now is not None else []
        return max(min([IDLE_S, *waits, *over]), 0.0)

    # -- what comes and goes -----------------------------------------------------------

    def _over(self) -> None:
        """All is well again."""
        was, self._now = self._now, None
        if was is not None and was.kind in SILENT:
            for pair in tuple(self._pairs):
                self._end(pair)
        for one in self._crowd:
            one.close()
        self._crowd.clear()
        if self._server is None:
            self._server = socket.create_server(self._address)

    def _gather(self, count: int) -> None:
        """The PLC may take no more; that is what is tried."""
        for _ in range(count):
            with contextlib.suppress(OSError):
                one = socket.create_connection((HOST, self._plc_port), timeout=1.0)
                self._crowd.append(one)
                one.sendall(HALF_A_REQUEST)

    def _leave(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None
        for pair in tuple(self._pairs):
            self._end(pair)

    def _accept(self) -> None:
        if self._server is None:
            return
        station, _ = self._server.accept()
        try:
            self._pairs.append(Pair(station, self._plc_port))
        except OSError:  # the PLC takes nobody
            station.close()

    def _end(self, pair: Pair, *, reset: bool = False) -> None:
        self._pairs.remove(pair)
        pair.close(reset=reset)

    # -- bytes -------------------------------------------------------------------------

    def _pass_on(self, pair: Pair, end: socket.socket) -> None:
        try:
            data = end.recv(CHUNK)
        except OSError:
            data = b""
        now = self._now
        if not data:
            if now is not None and now.kind in SILENT:
                time.sleep(0.001)  # its end is not heard on the other side yet, either
            else:
                self._end(pair)
            return
        reply = end is pair.ends[1]
        self._send(pair, pair.ends[not reply], arriving(now, data, pair.reply, reply=reply))
        if reply:
            pair.reply = data
            if now is not None and now.kind in ENDING:
                self._deliver(pair)
                if pair in self._pairs:
                    self._end(pair, reset=now.kind == "reset")

    def _send(self, pair: Pair, end: socket.socket, segments: list[bytes]) -> None:
        now, due_s = self._now, 0.0
        if now is not None and now.kind == "slow":
            due_s = time.monotonic() + now.amount / 1000
        if now is not None and now.kind == "pieces":
            due_s = time.monotonic()
        for segment in segments:
            pair.late.append((due_s, end, segment))
            due_s += now.pause_ms / 1000 if now is not None else 0.0

    def _deliver(self, pair: Pair) -> None:
        with contextlib.suppress(OSError):
            while pair.late and pair.late[0][0] <= time.monotonic():
                _, end, data = pair.late.popleft()
                end.sendall(data)
            return
        self._end(pair)


@contextmanager
def bad_wire(listen_port: int, plc_port: int) -> Iterator[subprocess.Popen[str]]:
    """The wire as a process of its own; orders go to its standard input."""
    command = [sys.executable, "-I", "-m", __name__]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
        bufsize=1,
    )
    try:
        hand_over(process, f"{listen_port} {plc_port}", more=True)
        if process.stdout is not None:
            process.stdout.readline()
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def main(listen_port: int, plc_port: int) -> None:
    """Serve until standard input ends."""
    wire = Wire(sys.stdin, listen_port, plc_port)
    print("ready", flush=True)  # noqa: T201 - to the process that started us
    while wire.turn():
        pass


if __name__ == "__main__":
    main(*map(int, handed_over().split()))
