"""The cells of the server conformance table: request, and the reply that it must bring.

Each cell asks a station that shows D_SHOWN, BITS_SHOWN and holds P_HELD.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from gonogo.plc.register_map import D_WORDS, P_WORDS

D_SHOWN = tuple(range(1000, 1000 + D_WORDS))  # each word another, so that a shift by one shows
P_HELD = tuple(range(300, 300 + P_WORDS))  # and none of them a word of D
BITS_SHOWN = (True, False, False, True, True, False, False)
MIRROR = b"\x19"  # BITS_SHOWN, DI0 lowest


class Cell(NamedTuple):
    """A request PDU and its reply: a PDU, or the number of an exception.

    `writes` is what P holds afterwards where the request changes it. `general` says
    that any server with as many registers answers alike, whatever may be written.
    """

    name: str
    request: bytes
    reply: bytes | int
    writes: dict[int, int] = {}  # noqa: RUF012 - a NamedTuple's default, never changed
    general: bool = True


def pdu(code: int, *words: int) -> bytes:
    """A function code and 16-bit words."""
    return struct.pack(f">B{len(words)}H", code, *words)


def write(code: int, address: int, quantity: int, size: int, data: bytes = b"") -> bytes:
    """FC15 or FC16: `size` is what the byte count says, `data` what follows."""
    return struct.pack(">BHHB", code, address, quantity, size) + data


def both(read: tuple[int, int], at: int, quantity: int, size: int, data: bytes) -> bytes:
    """FC23: read (address, quantity), then write."""
    return struct.pack(">BHHHHB", 23, *read, at, quantity, size) + data


def words(*values: int) -> bytes:
    """16-bit words as they travel."""
    return struct.pack(f">{len(values)}H", *values)


def _reads() -> list[Cell]:
    """FC1-FC4: valid, quantity 0, the limit (more than we have), beyond it, past the end."""
    cells = [
        Cell("fc1 valid", pdu(1, 16, 7), b"\x01\x01" + MIRROR),
        # coils 0 and 1 are the PLC's, 16 to 22 mirror the inputs, all others read as off
        Cell("fc1 all", pdu(1, 0, 32), b"\x01\x04\0\0" + MIRROR + b"\0"),
        Cell("fc2 valid", pdu(2, 0, 7), b"\x02\x01" + MIRROR),
        Cell("fc2 reject alone", pdu(2, 3, 1), b"\x02\x01\x01"),
        Cell("fc3 valid d", pdu(3, 0, 96), b"\x03\xc0" + words(*D_SHOWN)),
        Cell("fc3 valid p", pdu(3, 100, 20), b"\x03\x28" + words(*P_HELD)),
        Cell("fc3 last word", pdu(3, 119, 1), b"\x03\x02" + words(P_HELD[19])),
        # a server of others has all addresses; ours has two blocks
        Cell("fc3 over the gap", pdu(3, 95, 2), 2, general=False),
        Cell("fc4 valid", pdu(4, 0, 96), b"\x04\xc0" + words(*D_SHOWN)),
    ]
    # function, largest quantity (V1.1b3, 6), and the address behind the last one that we have
    for code, limit, end in ((1, 2000, 32), (2, 2000, 16), (3, 125, 120), (4, 125, 96)):
        cells += [
            Cell(f"fc{code} quantity 0", pdu(code, 0, 0), 3),
            Cell(f"fc{code} quantity limit", pdu(code, 0, limit), 2),
            Cell(f"fc{code} limit + 1", pdu(code, 0, limit + 1), 3),
            Cell(f"fc{code} largest quantity", pdu(code, 0, 65535), 3),
            Cell(f"fc{code} past the end", pdu(code, end - 1, 2), 2),
            Cell(f"fc{code} behind the end", pdu(code, end, 1), 2),
            Cell(f"fc{code} round the end", pdu(code, 65535, 2), 2),
        ]
    return cells


def _single_writes() -> list[Cell]:
    """FC5 and FC6, which have no quantity, and FC22."""
    return [
        Cell("fc5 on", pdu(5, 0, 0xFF00), pdu(5, 0, 0xFF00)),
        Cell("fc5 off", pdu(5, 1, 0), pdu(5, 1, 0)),
        Cell("fc5 value 1", pdu(5, 0, 1), 3),
        Cell("fc5 value 0xffff", pdu(5, 0, 0xFFFF), 3),
        Cell("fc5 past the end", pdu(5, 32, 0xFF00), 2),
        # the mirror may be read as coils, and written by nobody
        Cell("fc5 not the plc's", pdu(5, 2, 0xFF00), 2, general=False),
        Cell("fc5 mirror", pdu(5, 16, 0xFF00), 2, general=False),
        Cell("fc6 valid", pdu(6, 103, 9), pdu(6, 103, 9), {3: 9}),
        Cell("fc6 past the end", pdu(6, 120, 9), 2),
        Cell("fc6 gap", pdu(6, 99, 9), 2, general=False),
        Cell("fc6 d", pdu(6, 12, 9), 2, general=False),
        # 300 is 0x12C: (0x12C and 0xF0) or (0x05 and not 0xF0) is 0x25
        Cell("fc22 valid", pdu(22, 100, 0xF0, 0x05), pdu(22, 100, 0xF0, 0x05), {0: 0x25}),
        Cell("fc22 past the end", pdu(22, 120, 0, 0), 2),
        Cell("fc22 d", pdu(22, 12, 0, 0), 2, general=False),
    ]


def _block_writes() -> list[Cell]:
    """FC15 and FC16."""
    return [
        Cell("fc15 valid", write(15, 0, 2, 1, b"\x03"), pdu(15, 0, 2)),
        Cell("fc15 quantity 0", write(15, 0, 0, 0), 3),
        Cell("fc15 quantity limit", write(15, 0, 1968, 246, bytes(246)), 2),
        Cell("fc15 limit + 1", write(15, 0, 1969, 247, bytes(247)), 3),
        # libmodbus takes more bytes than the bits need; the specification does not.
        Cell("fc15 byte count", write(15, 0, 2, 2, b"\x03\0"), 3, general=False),
        Cell("fc15 past the end", write(15, 31, 2, 1, b"\x03"), 2),
        Cell("fc15 not the plc's", write(15, 1, 2, 1, b"\x03"), 2, general=False),
        Cell("fc16 valid", write(16, 103, 2, 4, words(8, 9)), pdu(16, 103, 2), {3: 8, 4: 9}),
        Cell("fc16 quantity 0", write(16, 100, 0, 0), 3),
        Cell("fc16 quantity limit", write(16, 0, 123, 246, bytes(246)), 2),
        Cell("fc16 limit + 1", write(16, 0, 124, 246, bytes(246)), 3),
        Cell("fc16 byte count", write(16, 100, 2, 2, words(8)), 3),
        Cell("fc16 odd byte count", write(16, 100, 1, 3, b"\0\0\0"), 3),
        Cell("fc16 past the end", write(16, 119, 2, 4, words(8, 9)), 2),
        Cell("fc16 d", write(16, 95, 1, 2, words(8)), 2, general=False),
        # no part of a request is carried out: not even the words that could be
        Cell("fc16 from d into p", write(16, 99, 2, 4, words(8, 9)), 2, general=False),
    ]


def _read_writes() -> list[Cell]:
    """FC23: a request that is refused for one half does nothing of the other."""
    one = words(7)
    return [
        Cell("fc23 valid", both((0, 2), 101, 1, 2, one), b"\x17\x04" + words(1000, 1001), {1: 7}),
        # it writes before it reads (6.17)
        Cell("fc23 own write", both((101, 1), 101, 1, 2, one), b"\x17\x02" + one, {1: 7}),
        Cell("fc23 read quantity 0", both((0, 0), 100, 1, 2, one), 3),
        Cell("fc23 write quantity 0", both((0, 1), 100, 0, 0, b""), 3),
        Cell("fc23 read limit", both((0, 125), 100, 1, 2, one), 2),
        Cell("fc23 read limit + 1", both((0, 126), 100, 1, 2, one), 3),
        Cell("fc23 write limit", both((0, 1), 0, 121, 242, bytes(242)), 2),
        Cell("fc23 write limit + 1", both((0, 1), 0, 122, 242, bytes(242)), 3),
        Cell("fc23 byte count", both((0, 1), 100, 2, 2, one), 3),
        Cell("fc23 read past the end", both((119, 2), 100, 1, 2, one), 2),
        Cell("fc23 write past the end", both((0, 1), 119, 2, 4, one + one), 2),
        Cell("fc23 write into d", both((0, 1), 95, 1, 2, one), 2, general=False),
    ]


def _unknown() -> list[Cell]:
    """Function codes that are not served: 8 and 17 could silence or describe other devices."""
    # the ends of the range, the serial line's own, files and FIFOs, and codes of replies
    codes = (0, 7, 8, 11, 12, 17, 20, 21, 24, 99, 127, 128, 131, 255)
    return [Cell(f"fc{code} unknown", pdu(code, 0, 0), 1, general=False) for code in codes]


CELLS = (*_reads(), *_single_writes(), *_block_writes(), *_read_writes(), *_unknown())
