"""A bad network between station and PLC: a process that passes bytes on, late, spoilt, or not.

Started as `python -m gonogo.proving.campaign.wire`; the first line of its standard input is
its two ports, `LISTEN_PORT PLC_PORT`. It says `ready`, then obeys further lines, each of them
a misfortune (gonogo.proving.campaign.misfortunes): `KIND SECONDS [AMOUNT [PAUSE_MS]]`. One
takes the place of another.

When a silence ends, its connections end with it, as they do when a switch comes back.
"""

from __future__ import annotations

import select
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from gonogo.base.first_line import hand_over, handed_over
from gonogo.proving.campaign.connections import Crowd, Door, Pair
from gonogo.proving.campaign.misfortunes import ENDING, SILENT, Misfortune, arriving

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

CHUNK = 65536
IDLE_S = 0.05  # the longest wait; orders, bytes and what is due end it sooner


class Wire:
    """Pairs of connections, and what the wire does to their bytes at this moment.

    `orders` is where its orders come from; port 0 is a free one. One thread does it all, so
    that bytes of both ways pass in the order in which they came.
    """

    def __init__(self, orders: TextIO, listen_port: int, plc_port: int) -> None:
        self._orders = orders
        self.door = Door(listen_port)
        self._crowd = Crowd(plc_port)
        self._plc_port = plc_port
        self._pairs: list[Pair] = []
        self._now: Misfortune | None = None
        self._until_s = 0.0  # time.monotonic() at which it is over

    def obey(self, line: str) -> None:
        """One order; what there was before is over."""
        self._be_well()
        self._now = Misfortune.read(line)
        self._until_s = time.monotonic() + self._now.for_s
        if self._now.kind == "crowd":
            self._crowd.gather(int(self._now.amount))
        if self._now.kind == "away":
            self._leave()

    def close(self) -> None:
        """End every connection, and take no more."""
        self._be_well()
        self._leave()

    def pass_on(self) -> bool:
        """Pass on what has come, and what is due; False when nobody needs us any more."""
        now_s = time.monotonic()
        if self._now is not None and self._until_s <= now_s:
            self._be_well()
        orders = self._orders.fileno()
        ends = {end.fileno(): (pair, end) for pair in self._pairs for end in pair.ends}
        fds = [orders, *self.door.fds(), *ends]
        for fd in select.select(fds, [], [], self._wait_s(now_s))[0]:
            if fd == orders:
                line = self._orders.readline()
                if not line:
                    return False
                self.obey(line)
            elif fd in self.door.fds():  # an order before it may have shut it
                self._accept()
            elif fd in ends and ends[fd][0] in self._pairs:  # or may have ended the pair
                self._forward(*ends[fd])
        for pair in tuple(self._pairs):
            self._deliver(pair)
        return True

    def _wait_s(self, now_s: float) -> float:
        waits = [due_s - now_s for pair in self._pairs if (due_s := pair.due_s) is not None]
        over = [self._until_s - now_s] if self._now is not None else []
        return max(min([IDLE_S, *waits, *over]), 0.0)

    # -- what comes and goes -----------------------------------------------------------

    def _be_well(self) -> None:
        """No misfortune any more."""
        was, self._now = self._now, None
        if was is not None and was.kind in SILENT:
            for pair in tuple(self._pairs):
                self._end(pair)
        self._crowd.leave()
        self.door.open()

    def _leave(self) -> None:
        self.door.shut()
        for pair in tuple(self._pairs):
            self._end(pair)

    def _accept(self) -> None:
        station = self.door.accept()
        if station is None:
            return
        try:
            self._pairs.append(Pair(station, self._plc_port))
        except OSError:  # the PLC takes nobody
            station.close()

    def _end(self, pair: Pair, *, reset: bool = False) -> None:
        self._pairs.remove(pair)
        pair.close(reset=reset)

    # -- bytes -------------------------------------------------------------------------

    def _forward(self, pair: Pair, end: socket.socket) -> None:
        """Take what one end said, and let arrive of it what the misfortune lets."""
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
        segments = arriving(now, data, pair.reply, reply=reply)
        pause_s = now.pause_ms / 1000 if now is not None else 0.0
        pair.send(segments, reply=reply, due_s=_due_s(now), pause_s=pause_s)
        if reply:
            pair.reply = data  # as it was sent: "stale" brings it once more, whole
            if now is not None and now.kind in ENDING:
                self._deliver(pair)  # before the end, or a reset would overtake it
                if pair in self._pairs:
                    self._end(pair, reset=now.kind == "reset")

    def _deliver(self, pair: Pair) -> None:
        if not pair.deliver():
            self._end(pair)


def _due_s(now: Misfortune | None) -> float:
    """When what has come now may go on, by time.monotonic(); 0 is at once."""
    if now is not None and now.kind == "slow":
        return time.monotonic() + now.amount / 1000
    # the pauses of "pieces" are counted from now, and not from 0, or there would be none
    return time.monotonic() if now is not None and now.kind == "pieces" else 0.0


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
    while wire.pass_on():
        pass


if __name__ == "__main__":
    main(*map(int, handed_over().split()))
