"""Modbus RTU frames, as pure bytes <-> values.

    unit (1)   function (1)   data (0-252)   CRC (2, low byte first)
               `------- the PDU ---------'

The CRC covers unit and PDU: polynomial 0xA001 (0x8005 reflected), start 0xFFFF. No
length is sent. The end of a frame follows from its function code, which differs
between a request and its reply, or else from a silence of 3.5 characters:

    function                 bytes of a request      of a reply
    1-4                      8                       5 + data[2]
    5, 6, 8                  8                       8
    15, 16                   9 + data[6]             8
    22                       10                      10
    23                       13 + data[10]           5 + data[2]
    code + 128 (exception)                           5

Source: MODBUS over Serial Line V1.02, sections 2.3 and 2.5.1; MODBUS Application
Protocol V1.1b3, section 6.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_BYTES = 13 + 255  # FC23 with the largest byte count; what is longer is no frame
MIN_BYTES = 4
BROADCAST = 0
BROADCAST_CODES = frozenset({5, 6, 15, 16, 22})  # writes; nobody answers a broadcast
_UNIT_MAX = 247
_ERROR_BIT = 0x80
_CRC_BYTES = 2
_READ_WORDS, _WRITE_COILS, _WRITE_WORDS = 3, 15, 16

# function code -> (bytes without counted data, where their count stands; 0: none)
_REQUESTS = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 8), (8, 0)),
    **dict.fromkeys((7, 11, 12, 17), (4, 0)),
    **dict.fromkeys((15, 16), (9, 6)),
    **dict.fromkeys((20, 21), (5, 2)),
    22: (10, 0),
    23: (13, 10),
    43: (7, 0),
}
_REPLIES = {
    **dict.fromkeys((1, 2, 3, 4, 12, 17, 20, 21, 23), (5, 2)),
    **dict.fromkeys((5, 6, 8, 11, 15, 16), (8, 0)),
    7: (5, 0),
    22: (10, 0),
    **{code | _ERROR_BIT: (5, 0) for code in range(1, _ERROR_BIT)},
}


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC = tuple(_crc_of(byte) for byte in range(256))


def crc16(data: bytes | bytearray) -> int:
    """The CRC of Modbus; 0 over a frame that ends with its own CRC."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def pack_frame(unit: int, pdu: bytes) -> bytes:
    """The frame of a PDU to or from a unit."""
    frame = bytes((unit,)) + pdu
    return frame + crc16(frame).to_bytes(_CRC_BYTES, "little")


def fits(request: bytes, reply: bytes) -> bool:
    """Whether one PDU can be the answer to another (FC3, FC15, FC16): RTU has no transaction id."""
    code = request[0]
    if reply[0] == code | _ERROR_BIT:
        return len(reply) == 2  # noqa: PLR2004 - code and reason
    if code == _READ_WORDS:
        size = 2 * int.from_bytes(request[3:5], "big")
        return reply[:2] == bytes((code, size)) and len(reply) == 2 + size
    # address and quantity come back as they were asked
    return code in (_WRITE_COILS, _WRITE_WORDS) and reply == request[:5]


class Frame(NamedTuple):
    """A whole frame with a good CRC; `request`: a master sent it."""

    unit: int
    pdu: bytes
    request: bool


class Splitter:
    """Finds frames in the bytes of a line, whatever else is there.

    `serves` is for the unit of a server, which hears requests and the replies of the
    other units; without it only replies are looked for. A frame is expected where the
    one before ended, or after a silence. Where none can be, the next one is searched
    for among frames of `unit` and broadcasts alone. Never holds more than some
    hundred bytes beyond what is fed at once.
    """

    def __init__(self, unit: int, *, serves: bool) -> None:
        self._unit = unit
        self._serves = serves
        # a search in C: a megabyte of noise is skipped without a loop in Python
        self._starts = re.compile(b"[" + re.escape(bytes((BROADCAST, unit))) + b"]")
        self._buffer = bytearray()
        self._at = 0  # no frame starts before it
        self._lost = False  # the buffer does not start where a frame should
        self.junk = 0  # bytes that belonged to no frame

    @property
    def rest(self) -> int:
        """How many bytes wait for more."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now; the rest is kept for what follows."""
        self._buffer += data
        frames = self._take(final=False)
        # what stands before `_at` can start no frame any more; `_at` itself may
        if len(self._buffer) > MAX_BYTES and self._at:
            self._drop(self._at)
            self._lost = True
        return frames

    def end(self) -> list[Frame]:
        """The frames that are whole because the line is silent; the rest is junk."""
        buffer = self._buffer
        # the whole first: after a silence a function that no table knows is a frame by its CRC
        frames = self._take_all() or self._take(final=True)
        self._drop(len(buffer))
        self._lost = False
        return frames

    def _take_all(self) -> list[Frame]:
        """All there is as one frame: a function, or a byte count, that no table knows."""
        whole = MIN_BYTES <= len(self._buffer) <= MAX_BYTES and not self._lost
        if not whole or self._buffer[0] > _UNIT_MAX or crc16(self._buffer):
            return []
        request = self._serves and self._buffer[1] < _ERROR_BIT
        return [self._cut(0, len(self._buffer), request=request)]

    def _take(self, *, final: bool) -> list[Frame]:
        frames = []
        while self._at < len(self._buffer):
            found, pending = self._frame_at(self._at)
            if found is not None:
                frames.append(found)
            elif pending and not final:
                break
            else:
                start = self._starts.search(self._buffer, self._at + 1)
                self._at = start.start() if start else len(self._buffer)
        return frames

    def _frame_at(self, at: int) -> tuple[Frame | None, bool]:
        """The frame that starts there; or whether it may be one once more has arrived."""
        buffer, pending = self._buffer, False
        left = len(buffer) - at
        if not self._possible(buffer[at], hunting=at > 0 or self._lost):
            return None, False
        if left < 2:  # noqa: PLR2004 - unit and function
            return None, True
        # a server hears both; where both lengths fit, the CRC decides
        for request in (True, False) if self._serves else (False,):
            size = self._size(at, request=request)
            if size is None or (0 < size <= left and crc16(buffer[at : at + size])):
                continue
            if 0 < size <= left:
                return self._cut(at, size, request=request), False
            # too short for one of the two: it may still become that one
            pending = True
        return None, pending

    def _possible(self, unit: int, *, hunting: bool) -> bool:
        if unit == BROADCAST:
            return self._serves
        # in noise every byte looks like some unit: only frames for us are worth a search there
        return unit == self._unit if hunting else unit <= _UNIT_MAX

    def _size(self, at: int, *, request: bool) -> int | None:
        """Bytes of a frame that starts there; 0 while its count is missing, None if none can."""
        unit, code = self._buffer[at : at + 2]
        # nobody answers a broadcast, so that a reply from unit 0 is noise
        if unit == BROADCAST and not (request and code in BROADCAST_CODES):
            return None
        fixed, count_at = (_REQUESTS if request else _REPLIES).get(code, (0, 0))
        if not fixed:
            return None
        if not count_at:
            return fixed
        if len(self._buffer) - at <= count_at:
            return 0
        count = self._buffer[at + count_at]
        return fixed + count if count or request else None  # no reply brings nothing

    def _cut(self, at: int, size: int, *, request: bool) -> Frame:
        """Take a frame out of the buffer; what stood before it was junk."""
        frame = bytes(self._buffer[at : at + size])
        del self._buffer[: at + size]
        self.junk += at
        self._at, self._lost = 0, False
        return Frame(frame[0], frame[1:-_CRC_BYTES], request)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self.junk += count
        self._at = 0


class Echo:
    """Takes our own frame out of what is received, on a line that hears itself.

    What differs from the frame sent is passed on, for the CRC to judge.
    """

    def __init__(self) -> None:
        self._sent = self._held = b""

    def expect(self, frame: bytes) -> None:
        """A frame goes out now."""
        self._sent, self._held = frame, b""

    def strip(self, data: bytes) -> bytes:
        """What others said; bytes that may be our own are held back until that is clear."""
        if not self._sent:
            return data
        heard, sent = self._held + data, self._sent
        # all of it came back; what follows is the answer
        if heard[: len(sent)] == sent:
            self.expect(b"")
            return heard[len(sent) :]
        # the echo may come in pieces; until it differs nobody else has spoken
        if sent.startswith(heard):
            self._held = heard
            return b""
        self.expect(b"")
        return heard
