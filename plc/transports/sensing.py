"""Asking about the ejector as often as there is time: never in the way of an edge.

One request at a time means that a coil cannot be written while a reply is awaited. So nothing
is asked when the next edge of the coil is nearer than a reply usually takes, unless nothing
could be read for as long as an output may differ. What a request is, is the transport's own.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import NS_PER_MS
from gonogo.plc.transports.senses import Sensed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PATIENCE = 4  # replies without one before an edge has to wait for it
_SPARE_NS = NS_PER_MS
_FOREVER_NS = 1 << 62


class Turn(NamedTuple):
    """One request: `read` brings fields of Sensed by their names, at most each `every_ns`."""

    read: Callable[[], Mapping[str, bool]]
    every_ns: int = 0


class Pace(NamedTuple):
    """How long one poll is, and how long an output may differ.

    `alone`: no PLC is there that could clear a fault.
    """

    poll_ms: float
    readback_ms: float
    alone: bool = False


class Sensing:
    """Owned by a transport; `turns` are taken one after the other, the output's first."""

    def __init__(self, turns: Sequence[Turn], pace: Pace) -> None:
        self._turns = turns
        self._alone = pace.alone
        self._poll_ns = round(pace.poll_ms * NS_PER_MS)
        self._starved_ns = round(pace.readback_ms * NS_PER_MS)
        self._connection = 0
        self.reply_ns = 0  # what a reply takes: the longest of late
        self.connected()

    def connected(self) -> None:
        """A new connection: what was told before is not known to stand."""
        # answers of the connection before are told apart by it (gonogo.plc.link.proof)
        self._connection += 1
        self._told: tuple[bool, int] | None = None
        # 0: all are due at once
        self._asked_ns = [0] * len(self._turns)
        self._read_ns = time.monotonic_ns()
        self._next = 0

    def near(self, edge_ns: int) -> bool:
        """Whether an edge of the coil comes before a reply would; 0 and -1: none to wait for."""
        left_ns = edge_ns - time.monotonic_ns() if edge_ns > 0 else _FOREVER_NS
        return left_ns < self.reply_ns + _SPARE_NS

    def sense(self, edge_ns: int, *, told: bool, wrote: bool = False) -> Sensed:
        """Right after a write was acknowledged, or none was due: what there is time for.

        A slow module is either written or read in one exchange (`wrote`: written in this one).
        """
        now_ns = time.monotonic_ns()
        # a change dates from now: whatever is read from here on must show it in time
        if self._told is None or self._told[0] is not told:
            self._told = (told, now_ns)
            self._next = 0  # its read-back first
        found: dict[str, bool] = {}
        sent_ns = now_ns
        # edge_ns -1: the caller must know how it stands, however long that takes
        slow = wrote and self.reply_ns > self._poll_ns and edge_ns >= 0
        for _ in () if slow else self._turns:
            if not self._may(edge_ns, now_ns, first=not found):
                break
            turn = self._next
            # also where it is not due: the others must get their turn
            self._next = (self._next + 1) % len(self._turns)
            if now_ns - self._asked_ns[turn] >= self._turns[turn].every_ns:
                found |= self._read(turn)
        return Sensed(
            self._connection, *self._told, sent_ns, time.monotonic_ns(), alone=self._alone
        )._replace(**found)

    def _may(self, edge_ns: int, start_ns: int, *, first: bool) -> bool:
        """The first one unless an edge is near; further ones while they fit into a poll."""
        now_ns = time.monotonic_ns()
        if self.near(edge_ns):
            # a dense line always has an edge near: now and then one of them waits for a reply
            starved_ns = max(self._starved_ns, PATIENCE * self.reply_ns)
            return first and now_ns - self._read_ns >= starved_ns
        return first or now_ns - start_ns + self.reply_ns < self._poll_ns

    def _read(self, turn: int) -> Mapping[str, bool]:
        start_ns = self._asked_ns[turn] = time.monotonic_ns()
        found = self._turns[turn].read()
        self._read_ns = time.monotonic_ns()
        took_ns = self._read_ns - start_ns
        # a peak is forgotten over some sixteen replies: one slow reply must not stop the asking
        self.reply_ns = max(took_ns, self.reply_ns - self.reply_ns // 16)
        return found

    def every(self) -> Mapping[str, bool]:
        """All there is to read, at once."""
        found: dict[str, bool] = {}
        for turn in range(len(self._turns)):
            found |= self._read(turn)
        return found
