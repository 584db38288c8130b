"""A hundred misfortunes of the network between station and PLC, and what each does to bytes.

A misfortune lasts `for_s`; `amount` means something else for each kind:

    transaction   replies bear another transaction id: `amount` is added to it
    twice         each reply arrives `amount` times
    again         each request arrives `amount` times
    stale         before each reply the one before it arrives once more
    cut           of each reply only the first `amount` bytes arrive
    pieces        everything arrives in segments of `amount` bytes, `pause_ms` apart
    slow          everything arrives `amount` ms late
    silent        nothing arrives, and both connections stay open: a dead switch
    deaf, mute    the same with replies, with requests only
    reset         the connection is reset (RST) after `amount` bytes of a reply
    hang-up       the connection ends (FIN) after `amount` bytes of a reply
    each          the connection ends after each reply: one for every request
    away          no connection, and none is taken: the PLC starts anew
    crowd         `amount` others connect to the PLC, say half a request, and stay
"""

from __future__ import annotations

import struct
from typing import NamedTuple

MBAP = 6  # bytes of a Modbus header up to its length
ENDING = ("reset", "hang-up", "each")
SILENT = {"silent": (True, True), "deaf": (True, False), "mute": (False, True)}
_ID = 0x10000  # transaction ids are 16 bits
_SHORT_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7)
_HEADS = (
    0,
    1,
    7,
    8,
    9,
    20,
)  # nothing, a part of the header, all of it, up to the words, some words


class Misfortune(NamedTuple):
    """One of them."""

    kind: str
    for_s: float
    amount: float = 0.0
    pause_ms: float = 0.0

    @property
    def order(self) -> str:
        """As the wire takes it (gonogo.proving.campaign.wire)."""
        return f"{self.kind} {self.for_s} {self.amount} {self.pause_ms}"

    @classmethod
    def read(cls, order: str) -> Misfortune:
        """From an order; what is not said is 0."""
        kind, *numbers = order.split()
        return cls(kind, *map(float, numbers))


# times around the station's own: requests wait 50 to 100 ms, a link is lost after two of them,
# a heart after 500 ms
MISFORTUNES: tuple[Misfortune, ...] = (
    *(Misfortune("transaction", s, add) for s in (0.1, 0.4) for add in (1, 2, 256, 32768, 65535)),
    *(Misfortune("twice", s, times) for s in (0.05, 0.2, 0.4) for times in (2, 3)),
    *(Misfortune("again", s, times) for s in (0.05, 0.2, 0.4) for times in (2, 3)),
    *(Misfortune("stale", s) for s in (0.05, 0.1, 0.2, 0.4)),
    *(Misfortune("cut", 0.2, size) for size in (1, 6, 7, 8, 20, 30, 48)),
    *(Misfortune("pieces", 0.4, size, ms) for size in (1, 3, 7, 8, 12, 64) for ms in (0, 0.2, 2)),
    *(Misfortune("slow", 0.4, ms) for ms in (10, 40, 100, 200, 400)),
    *(Misfortune(kind, s) for kind in SILENT for s in _SHORT_S),
    *(Misfortune(kind, 0.1, size) for kind in ("reset", "hang-up") for size in _HEADS),
    *(Misfortune("each", s) for s in (0.1, 0.2, 0.4, 0.7)),
    *(Misfortune("away", s) for s in (0.02, 0.1, 0.3, 0.7)),
    *(Misfortune("crowd", s, count) for s in (0.2, 0.5) for count in (1, 10, 20)),
)


def arriving(now: Misfortune | None, data: bytes, last: bytes, *, reply: bool) -> list[bytes]:
    """The segments that arrive for what was sent; none: all of it is lost.

    `last` is the reply that was sent before it.
    """
    if now is None:
        return [data]
    # first: what does not arrive is not spoilt, either
    if now.kind in SILENT:
        return [] if SILENT[now.kind][not reply] else [data]
    # both ways: requests of ours must be understood by the PLC in pieces, too
    if now.kind == "pieces":
        size = int(now.amount)
        return [data[k : k + size] for k in range(0, len(data), size)]
    if now.kind == "again" and not reply:
        return [data] * int(now.amount)
    return _replied(now, data, last) if reply else [data]


def _replied(now: Misfortune, data: bytes, last: bytes) -> list[bytes]:
    size = int(now.amount)
    # in a whole frame only: there is nothing to change in a part of a header
    if now.kind == "transaction" and len(data) > MBAP:
        (was,) = struct.unpack_from(">H", data)
        return [struct.pack(">H", (was + size) % _ID) + data[2:]]
    if now.kind == "twice":
        return [data] * size
    if now.kind == "stale":
        return [last, data] if last else [data]  # of the first reply there is none before it
    return [data[:size]] if now.kind in {"cut", "reset", "hang-up"} else [data]
