"""Which Modbus requests the station answers, and whether one is well formed.

    code               PDU after the code                                          quantity
    1, 2               address (2)  quantity (2)                                   1..2000
    3, 4               address (2)  quantity (2)                                   1..125
    5                  address (2)  0xFF00 or 0x0000 (2)
    6                  address (2)  value (2)
    15                 address (2)  quantity (2)  bytes (1)  bits                  1..1968
    16                 address (2)  quantity (2)  bytes (1)  words                 1..123
    22                 address (2)  and mask (2)  or mask (2)
    23                 read address (2)  read quantity (2)                         1..125
                       write address (2)  write quantity (2)  bytes (1)  words     1..121
    43                 14 (1)  read code (1)  object (1)

A request whose length is not what its quantity implies is never carried out: the
library would fill up, cut off or leave over what a broken peer sends.

Source: MODBUS Application Protocol Specification V1.1b3, section 6.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING

from pymodbus.constants import ExcCodes

if TYPE_CHECKING:
    from collections.abc import Callable

READ_COILS, READ_DISCRETE, WRITE_COIL, WRITE_COILS = 1, 2, 5, 15
READ_WRITE = 23
_READ_BYTES, _MASK_BYTES = 5, 7  # of a whole PDU, the function code included
_WRITE_HEAD_BYTES, _READ_WRITE_HEAD_BYTES = 6, 10  # up to the byte count, with it
_BITS_READ_MAX, _WORDS_READ_MAX = 2000, 125
_BITS_WRITTEN_MAX, _WORDS_WRITTEN_MAX, _WORDS_WRITTEN_IN_23_MAX = 1968, 123, 121
_COIL_VALUES = (b"\xff\x00", b"\x00\x00")  # on, off; all else is exception 3 (section 6.5)


def flaw(pdu: bytes) -> ExcCodes | None:
    """What is wrong with a request, whatever the map holds: exception 1 or 3, or nothing."""
    # the function first: exception 1 whatever follows (the order of the standard)
    well_formed = _WELL_FORMED.get(pdu[0])
    if well_formed is None:
        return ExcCodes.ILLEGAL_FUNCTION
    return None if well_formed(pdu) else ExcCodes.ILLEGAL_VALUE


def _read(pdu: bytes, most: int) -> bool:
    return len(pdu) == _READ_BYTES and 1 <= _word(pdu, 3) <= most


def _coil(pdu: bytes) -> bool:
    return len(pdu) == _READ_BYTES and pdu[3:] in _COIL_VALUES


def _register(pdu: bytes) -> bool:
    return len(pdu) == _READ_BYTES


def _coils(pdu: bytes) -> bool:
    if len(pdu) < _WRITE_HEAD_BYTES:
        return False
    quantity = _word(pdu, 3)
    # eight coils a byte, the last one filled up
    size = (quantity + 7) // 8
    # three counts that must agree: the quantity, its byte count, and what has come
    sized = pdu[5] == size == len(pdu) - _WRITE_HEAD_BYTES
    return sized and 1 <= quantity <= _BITS_WRITTEN_MAX


def _registers(pdu: bytes) -> bool:
    if len(pdu) < _WRITE_HEAD_BYTES:
        return False
    quantity = _word(pdu, 3)
    sized = pdu[5] == 2 * quantity == len(pdu) - _WRITE_HEAD_BYTES
    return sized and 1 <= quantity <= _WORDS_WRITTEN_MAX


def _mask(pdu: bytes) -> bool:
    return len(pdu) == _MASK_BYTES


def _read_write(pdu: bytes) -> bool:
    if len(pdu) < _READ_WRITE_HEAD_BYTES:
        return False
    quantity = _word(pdu, 7)
    sized = pdu[9] == 2 * quantity == len(pdu) - _READ_WRITE_HEAD_BYTES
    # 121, not 123: what is to be read takes its place in the PDU, too
    allowed = 1 <= quantity <= _WORDS_WRITTEN_IN_23_MAX and 1 <= _word(pdu, 3) <= _WORDS_READ_MAX
    return sized and allowed


def _identity(pdu: bytes) -> bool:
    """The library answers other kinds of encapsulated request with exception 1."""
    return len(pdu) > 1


def _word(pdu: bytes, at: int) -> int:
    return int(struct.unpack_from(">H", pdu, at)[0])


_WELL_FORMED: dict[int, Callable[[bytes], bool]] = {
    READ_COILS: partial(_read, most=_BITS_READ_MAX),
    READ_DISCRETE: partial(_read, most=_BITS_READ_MAX),
    3: partial(_read, most=_WORDS_READ_MAX),
    4: partial(_read, most=_WORDS_READ_MAX),
    WRITE_COIL: _coil,
    6: _register,
    WRITE_COILS: _coils,
    16: _registers,
    22: _mask,
    READ_WRITE: _read_write,
    43: _identity,
}
