"""Modbus TCP framing (Messaging on TCP/IP V1.0b): bytes to PDUs and back, without a socket.

MBAP  | transaction | 0 | length | unit |   then the PDU, `length - 1` bytes
2             2   2        1
"""

from __future__ import annotations

import struct
from typing import NamedTuple

MBAP = struct.Struct(">HHHB")
_PDU_BYTES = 253  # the longest PDU: what an RS-485 frame of 256 bytes leaves


class Frame(NamedTuple):
    """One request or reply; any unit id is taken, there is one PLC behind the port."""

    transaction: int
    unit: int
    pdu: bytes


def framed(frame: Frame) -> bytes:
    """The bytes of a frame."""
    return MBAP.pack(frame.transaction, 0, len(frame.pdu) + 1, frame.unit) + frame.pdu


def take_frame(buffer: bytearray) -> Frame | None:
    """The first frame of what has come, taken out of the buffer; None while it is not whole.

    ValueError where it is no Modbus: nothing says where the next frame would begin.
    """
    if len(buffer) < MBAP.size:
        return None
    transaction, protocol, length, unit = MBAP.unpack_from(buffer)
    if protocol != 0 or not 1 < length <= _PDU_BYTES + 1:
        raise ValueError(f"no Modbus frame: protocol {protocol}, length {length}")
    end = MBAP.size + length - 1
    if len(buffer) < end:
        return None
    # what follows stays: requests may come several in a segment, or one in several
    pdu = bytes(buffer[MBAP.size : end])
    del buffer[:end]
    return Frame(transaction, unit, pdu)
