"""The Modbus functions of the simulated PLC: request PDU to reply PDU.

    request | function | body             reply | function | body
              1                                   1
                                          or    | function + 0x80 | exception |
                                                  1                 1

Written from the Modbus application protocol (V1.1b3), section 6, alone. What is read and
written is somebody else's: these know the bytes, and `Registers` knows the addresses.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3  # section 7
READ_MOST, WRITE_MOST, READ_WRITE_MOST = 125, 123, 121  # registers in one request
_COIL_ON = 0xFF00  # any other value but 0 is refused
_PAIR = struct.Struct(">HH")  # address and count, or address and value; the high byte first
_COILS_PDU_BYTES = 7  # FC15: header, count, one byte of coils; there are no more than seven


class Refused(Exception):
    """A Modbus exception reply."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Registers(Protocol):
    """What the functions act on; each raises Refused for addresses that there are not."""

    def read_words(self, at: int, count: int) -> list[int]:
        """Registers from PDU address `at`."""
        ...

    def write_words(self, at: int, values: Sequence[int]) -> None:
        """Store registers from PDU address `at`."""
        ...

    def read_coils(self, at: int, count: int) -> list[bool]:
        """Coils from PDU address `at`."""
        ...

    def write_coils(self, at: int, values: Sequence[bool]) -> None:
        """Store coils from PDU address `at`."""
        ...


def reply_to(registers: Registers, pdu: bytes) -> bytes:
    """Carry out one request PDU (1-253 bytes) and return the reply PDU; never raises."""
    serve = _SERVED.get(pdu[0])
    if serve is None:
        return bytes([pdu[0] | 0x80, ILLEGAL_FUNCTION])
    try:
        return bytes([pdu[0]]) + serve(registers, pdu)
    except Refused as refused:
        return bytes([pdu[0] | 0x80, refused.code])
    except (struct.error, IndexError):  # a request that ends too soon
        return bytes([pdu[0] | 0x80, ILLEGAL_VALUE])


def _read_words(registers: Registers, pdu: bytes) -> bytes:
    """FC3 and FC4: a PLC that serves shows the same registers as holding and as input ones."""
    at, count = _PAIR.unpack_from(pdu, 1)
    if not 1 <= count <= READ_MOST:
        raise Refused(ILLEGAL_VALUE)
    return bytes([2 * count]) + struct.pack(f">{count}H", *registers.read_words(at, count))


def _write_words(registers: Registers, pdu: bytes) -> bytes:
    """FC16."""
    at, count = _PAIR.unpack_from(pdu, 1)
    registers.write_words(at, _words(count, WRITE_MOST, pdu[5:]))
    return pdu[1:5]


def _write_word(registers: Registers, pdu: bytes) -> bytes:
    """FC6."""
    at, _ = _PAIR.unpack(pdu[1:5])
    # as FC16 would bring it, with the byte count that FC6 has not
    registers.write_words(at, _words(1, 1, b"\x02" + pdu[3:]))
    return pdu[1:5]


def _write_read_words(registers: Registers, pdu: bytes) -> bytes:
    """FC23: the write first, as section 6.17 says."""
    at, count = _PAIR.unpack_from(pdu, 5)
    registers.write_words(at, _words(count, READ_WRITE_MOST, pdu[9:]))
    return _read_words(registers, pdu)


def _read_coils(registers: Registers, pdu: bytes) -> bytes:
    """FC1 and FC2."""
    at, count = _PAIR.unpack_from(pdu, 1)
    # the lowest coil is the lowest bit (6.1); seven fit into one byte
    mask = sum(bit << k for k, bit in enumerate(registers.read_coils(at, count)))
    return bytes([1, mask])


def _write_coils(registers: Registers, pdu: bytes) -> bytes:
    """FC15."""
    at, count = _PAIR.unpack_from(pdu, 1)
    registers.read_coils(at, count)  # refuses the addresses, whatever the bytes behind them are
    if pdu[5] != 1 or len(pdu) != _COILS_PDU_BYTES:
        raise Refused(ILLEGAL_VALUE)
    registers.write_coils(at, [bool(pdu[6] >> k & 1) for k in range(count)])
    return pdu[1:5]


def _write_coil(registers: Registers, pdu: bytes) -> bytes:
    """FC5."""
    at, value = _PAIR.unpack(pdu[1:5])
    if value not in {0, _COIL_ON}:
        raise Refused(ILLEGAL_VALUE)
    registers.write_coils(at, [value == _COIL_ON])
    return pdu[1:5]


def _words(count: int, most: int, data: bytes) -> tuple[int, ...]:
    """The words behind a byte count; refused where count, byte count and bytes disagree."""
    if not 1 <= count <= most or len(data) != 1 + 2 * count or data[0] != 2 * count:
        raise Refused(ILLEGAL_VALUE)
    return struct.unpack_from(f">{count}H", data, 1)


_SERVED: dict[int, Callable[[Registers, bytes], bytes]] = {
    1: _read_coils,
    2: _read_coils,
    3: _read_words,
    4: _read_words,
    5: _write_coil,
    6: _write_word,
    15: _write_coils,
    16: _write_words,
    23: _write_read_words,
}
