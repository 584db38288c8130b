"""Modbus TCP frames, as pure bytes <-> values: the requests in what one connection sends.

    MBAP header   transaction id (2)  protocol id = 0 (2)  length 2..254 (2)  unit id (1)
    PDU           function (1)  data (0-252)

`length` counts what follows it, the unit id and the PDU. TCP knows no frames: several requests
may come in one segment, and one request in many.

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, sections 3.1.3 and 4.2.
"""

from __future__ import annotations

_PREFIX_BYTES = 6  # transaction, protocol and length
_LENGTHS = range(2, 255)  # unit and function at least, unit and a PDU of 253 bytes at most


class NotModbus(ValueError):
    """What came cannot be the head of a frame; its text is that head in hex."""


class Request:
    """One frame; `unit` and `pdu` are what it asks for."""

    __slots__ = ("_head", "pdu", "unit")

    def __init__(self, frame: bytes) -> None:
        self._head = frame[:4]
        self.unit = frame[_PREFIX_BYTES]
        self.pdu = frame[_PREFIX_BYTES + 1 :]

    def reply(self, pdu: bytes) -> bytes:
        """The frame of a reply: with the transaction id of its request, and as that unit."""
        return self._head + (len(pdu) + 1).to_bytes(2, "big") + bytes((self.unit,)) + pdu


class Requests:
    """The bytes of one connection; never more than one whole frame is taken at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def halfway(self) -> bool:
        """Whether bytes are here that have not been taken."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> None:
        """Bytes have come."""
        self._buffer += data

    def clear(self) -> None:
        """Nothing of it will be answered."""
        self._buffer.clear()

    def begun(self) -> bool:
        """Whether the head of a frame is here; NotModbus where it can be none.

        After that nothing is right: where the next frame begins is not known.
        """
        if len(self._buffer) < _PREFIX_BYTES:
            return False
        # TCP loses nothing: a head that cannot be one means that the peer speaks something else
        if self._buffer[2:4] != b"\0\0" or self._length not in _LENGTHS:
            raise NotModbus(self._buffer[:_PREFIX_BYTES].hex(" "))
        return True

    def take(self) -> Request | None:
        """The frame that has begun, once it is whole."""
        end = _PREFIX_BYTES + self._length
        if len(self._buffer) < end:
            return None
        frame = bytes(self._buffer[:end])
        del self._buffer[:end]
        return Request(frame)

    @property
    def _length(self) -> int:
        return int.from_bytes(self._buffer[4:_PREFIX_BYTES], "big")
