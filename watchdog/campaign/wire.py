"""A bad cable between station and PLC: a process that passes bytes on, late, or not at all.

Started as `python -m gonogo.watchdog.campaign.wire`; the first line of its standard input is
its two ports, `LISTEN_PORT PLC_PORT`. It says `ready`, then obeys further lines:

    silent SECONDS          both sides hear nothing; both connections stay open (half-open)
    slow SECONDS DELAY_MS   everything arrives that much later

When a silence ends, its connections end with it, as they do when a switch comes back.
"""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
import sys
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gonogo.runtime.firstline import hand_over, handed_over

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
CHUNK = 65536
IDLE_S = 0.05


class Pair:
    """A connection of the station, and ours to the PLC for it."""

    def __init__(self, station: socket.socket, plc_port: int) -> None:
        self.ends = (station, socket.create_connection((HOST, plc_port), timeout=1.0))
        self.late: deque[tuple[float, socket.socket, bytes]] = deque()
        for end in self.ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(1.0)

    def close(self) -> None:
        """End both sides."""
        for end in self.ends:
            end.close()


class Wire:
    """Pairs of connections, and what the wire does to their bytes at this moment."""

    def __init__(self, listen_port: int, plc_port: int) -> None:
        self.server = socket.create_server((HOST, listen_port))
        self._plc_port = plc_port
        self._pairs: list[Pair] = []
        self._silent_until_s = 0.0
        self._slow_until_s = 0.0
        self._delay_s = 0.0

    def obey(self, line: str) -> None:
        """One order."""
        what, *numbers = line.split()
        now_s = time.monotonic()
        if what == "silent":
            self._silent_until_s = now_s + float(numbers[0])
        else:
            self._slow_until_s = now_s + float(numbers[0])
            self._delay_s = float(numbers[1]) / 1000

    def turn(self) -> bool:
        """Pass on what has come, and what is due; False when nobody needs us any more."""
        now_s = time.monotonic()
        if 0 < self._silent_until_s <= now_s:
            self._silent_until_s = 0.0
            for pair in tuple(self._pairs):
                self._end(pair)
        ends = {end.fileno(): (pair, end) for pair in self._pairs for end in pair.ends}
        waits = [due_s - now_s for pair in self._pairs for due_s, _, _ in pair.late]
        wait_s = max(min([IDLE_S, *waits]), 0.0)
        orders, calls = sys.stdin.fileno(), self.server.fileno()
        for fd in select.select([orders, calls, *ends], [], [], wait_s)[0]:
            if fd == orders:
                line = sys.stdin.readline()
                if not line:
                    return False
                self.obey(line)
            elif fd == calls:
                self._accept()
            elif ends[fd][0] in self._pairs:
                self._pass_on(*ends[fd])
        for pair in tuple(self._pairs):
            self._deliver(pair)
        return True

    def _accept(self) -> None:
        station, _ = self.server.accept()
        try:
            self._pairs.append(Pair(station, self._plc_port))
        except OSError:  # the PLC takes nobody
            station.close()

    def _pass_on(self, pair: Pair, end: socket.socket) -> None:
        try:
            data = end.recv(CHUNK)
        except OSError:
            data = b""
        if time.monotonic() < self._silent_until_s:
            if not data:
                time.sleep(0.001)  # its end is not heard on the other side yet, either
            return
        if not data:
            self._end(pair)
            return
        other = pair.ends[1] if end is pair.ends[0] else pair.ends[0]
        slow = time.monotonic() < self._slow_until_s
        pair.late.append((time.monotonic() + self._delay_s if slow else 0.0, other, data))

    def _deliver(self, pair: Pair) -> None:
        with contextlib.suppress(OSError):
            while pair.late and pair.late[0][0] <= time.monotonic():
                _, end, data = pair.late.popleft()
                end.sendall(data)
            return
        self._end(pair)

    def _end(self, pair: Pair) -> None:
        self._pairs.remove(pair)
        pair.close()


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
    wire = Wire(listen_port, plc_port)
    print("ready", flush=True)  # noqa: T201 - to the process that started us
    while wire.turn():
        pass


if __name__ == "__main__":
    main(*map(int, handed_over().split()))
