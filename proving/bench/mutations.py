"""Modbus requests with nothing to three things wrong with each, drawn from a seed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from gonogo.proving.bench.modbus_model import D_COUNT, P_AT, P_COUNT

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

# where an off-by-one shows: ends of the blocks, and limits of quantities (Modbus V1.1b3, 6)
_EDGES = (0, 1, 2, 3, 95, 96, 99, 100, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 255, 256)
# and these as words: limits of coils, signs, the value of a coil that is on, the largest
_WORDS = (*_EDGES, 1968, 1969, 2000, 2001, 0x7FFF, 0x8000, 0xFF00, 0xFFFE, 0xFFFF)


def request(rng: random.Random) -> bytes:
    """A request that is well formed, and more often than not within the map."""
    code = rng.choice((1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43))
    at, count = _place(code, rng), rng.choice((1, 1, 2, 3, 7, 8, 20))
    data = rng.randbytes(2 * count)
    if code == 5:
        body = struct.pack(">HH", at, rng.choice((0, 0xFF00)))
    elif code == 15:
        body = struct.pack(">HHB", at, count, (count + 7) // 8) + data[: (count + 7) // 8]
    elif code == 16:
        body = struct.pack(">HHB", at, count, 2 * count) + data
    elif code == 23:
        body = struct.pack(">HHHHB", _place(3, rng), count, at, count, 2 * count) + data
    elif code == 43:
        # identification: answered by the library itself, so any answer will do
        body = bytes((14, rng.randrange(1, 5), rng.choice((0, 1, 2, 128))))
    else:
        body = struct.pack(">HH", at, rng.choice(_EDGES) if code == 6 else count)
        body += data[:2] if code == 22 else b""
    return framed(bytes([code]) + body, rng)


def framed(pdu: bytes, rng: random.Random) -> bytes:
    """The PDU in a frame of any transaction and unit: the station serves every one of them."""
    return struct.pack(">HHHB", rng.randrange(65536), 0, len(pdu) + 1, rng.randrange(256)) + pdu


def _place(code: int, rng: random.Random) -> int:
    """An address that the function often has."""
    # now and then one that it has not: mostly the map, or all of them were refused
    if rng.random() < 0.1:
        return rng.choice(_WORDS)
    # coils with their mirror, inputs, the PLC's two coils, and input registers
    last = {1: 32, 2: 16, 5: 2, 15: 2, 4: D_COUNT}.get(code, 0)
    p = P_AT + rng.randrange(P_COUNT)
    return rng.randrange(last) if last else rng.choice((p, p, rng.randrange(P_AT)))


def mutated(frame: bytes, rng: random.Random) -> bytes:
    """The frame with nothing to three things wrong; mostly its header still says its length."""
    data = bytearray(frame)
    # some stay whole: a server that refuses everything must not survive
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        # one after the other, each on what the last one left
        rng.choice(_MUTATIONS)(data, rng)
    # or nearly all of them would be wrong by their length alone, and never reach a function
    if rng.random() < 0.7 and 8 <= len(data) <= 260:
        data[2:6] = struct.pack(">HH", 0, len(data) - 6)
    return bytes(data)


def _flip(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _edge(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at : at + 2] = struct.pack(">H", rng.choice(_WORDS))


def _insert(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.choice((1, 2, 7, 100, 250)))


def _delete(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(1, len(data) + 1)
    del data[at : at + rng.choice((1, 2, 5))]


def _repeat(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at:at] = data[at : at + rng.randrange(1, 20)]


def _change_code(data: bytearray, rng: random.Random) -> None:
    data[7:8] = bytes([rng.randrange(256)])


_MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _edge, _edge, _insert, _delete, _repeat, _change_code,
)  # fmt: skip
