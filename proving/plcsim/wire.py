"""The PLC simulator's own knowledge of the register map, and its registers.

Written from PLC.md section 2 and the Modbus application protocol (V1.1b3) alone,
sharing nothing with the station's side. The registers are its own rather than a
library's, because a record's arrival has to be stamped where it is stored.
"""

from __future__ import annotations

import struct
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

D_WORDS, P_WORDS, BITS = 96, 20, 7
MAGIC, VERSION = 0x474E, 1
D_HEART, D_STATUS, D_RES_SEQ, D_SESSION, D_LAST_PART, D_RECORDS = 2, 4, 12, 13, 15, 32
RECORD_WORDS, SLOTS = 8, 8
PERMIT_BIT, SYNC_REQUEST_BIT = 1 << 3, 1 << 14
P_VERSION, P_HEART, P_CTRL, P_PART_ID, P_ACK_SEQ = 0, 1, 2, 3, 4
P_CMD_SEQ, P_CMD, P_SPEED, P_ENCODER, P_PACKML = 6, 7, 9, 10, 12
P_HEART_ECHO, P_REJECTS, P_SESSION_ECHO = 13, 14, 15
CTRL_ENABLE, CTRL_TRIGGER, CTRL_SYNC_ACK = 1, 1 << 1, 1 << 4
CMD_CLEAR, CMD_RESYNC, PACKML_EXECUTE = 1, 3, 6

_PAIR = struct.Struct(">HH")
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3
_COIL_ON = 0xFF00


class Seen(NamedTuple):
    """The process image of one scan.

    `words` D0-D95; `bits` DI0-DI6 or None; `arrivals[seq mod 8]` the monotonic ns
    at which RES_SEQ reached that sequence here, 0 where it was not seen to.
    """

    words: list[int]
    bits: list[bool] | None
    arrivals: list[int]


class Arrivals:
    """Stamps each sequence number at the moment RES_SEQ covers it."""

    def __init__(self) -> None:
        self._last = 0
        self.stamps_ns = [0] * SLOTS

    def note(self, res_seq: int, now_ns: int) -> None:
        """RES_SEQ reads `res_seq` at `now_ns`."""
        fresh = (res_seq - self._last) & 0xFFFF
        if fresh <= SLOTS:  # more than that is a new session, not news
            for seq in range(self._last + 1, self._last + 1 + fresh):
                self.stamps_ns[seq % SLOTS] = now_ns
        self._last = res_seq


class _Refused(Exception):
    """A Modbus exception reply."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Bank:
    """The registers of a PLC that serves: block D written by the station, block P read by it.

    `d_base` and `p_base` are 0-based PDU addresses; `coil_base` is where seven
    coils may be written, or None. Writing outside D or the coils is refused.
    `heard(part_id, t_ns)` is called once for each PART_ID that the station has read.
    """

    def __init__(
        self,
        d_base: int,
        p_base: int,
        coil_base: int | None,
        heard: Callable[[int, int], None] | None = None,
    ) -> None:
        if max(d_base, p_base) < min(d_base + D_WORDS, p_base + P_WORDS):
            raise ValueError(
                f"d_base, p_base: expected {D_WORDS} and {P_WORDS} registers apart, got"
                f" {d_base} and {p_base}; move one of the blocks"
            )
        self._d, self._p, self._coils = d_base, p_base, coil_base
        self._heard = heard
        self._last_heard = 0
        self._asked = 0  # the PART_ID in the reply that is about to be sent; 0: none
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """As after power-up: every register zero."""
        with self._lock:
            self.words = [0] * D_WORDS
            self.out = [0] * P_WORDS
            self.bits = [False] * BITS
            self._arrivals = Arrivals()

    def look(self) -> Seen:
        """A copy of all that the station has written."""
        with self._lock:
            bits = self.bits[:] if self._coils is not None else None
            return Seen(self.words[:], bits, self._arrivals.stamps_ns[:])

    def speak(self, words: Sequence[int]) -> None:
        """Publish P100-P119."""
        with self._lock:
            self.out[:] = words

    def answered(self, now_ns: int) -> None:
        """The last reply is on its way; the station has read what stands in it."""
        asked, self._asked = self._asked, 0
        if asked not in {0, self._last_heard}:
            self._last_heard = asked
            if self._heard is not None:
                self._heard(asked, now_ns)

    def reply(self, pdu: bytes) -> bytes:
        """Carry out one request PDU (1-253 bytes) and return the reply PDU; never raises."""
        serve = _SERVED.get(pdu[0])
        if serve is None:
            return bytes([pdu[0] | 0x80, _ILLEGAL_FUNCTION])
        try:
            with self._lock:
                return bytes([pdu[0]]) + serve(self, pdu)
        except _Refused as refused:
            return bytes([pdu[0] | 0x80, refused.code])
        except (struct.error, IndexError):
            return bytes([pdu[0] | 0x80, _ILLEGAL_VALUE])

    def read_words(self, pdu: bytes) -> bytes:
        """FC3 and FC4."""
        at, count = _PAIR.unpack_from(pdu, 1)
        if not 1 <= count <= 125:  # noqa: PLR2004 - the specification's limit
            raise _Refused(_ILLEGAL_VALUE)
        block, first = self._block(at, count)
        if block is self.out and first <= P_PART_ID < first + count:
            self._asked = block[P_PART_ID]
        return bytes([2 * count]) + struct.pack(f">{count}H", *block[first : first + count])

    def write_words(self, pdu: bytes) -> bytes:
        """FC16."""
        at, count = _PAIR.unpack_from(pdu, 1)
        self._store(at, count, 123, pdu[5:])
        return pdu[1:5]

    def write_word(self, pdu: bytes) -> bytes:
        """FC6."""
        at, _ = _PAIR.unpack(pdu[1:5])
        self._store(at, 1, 1, b"\x02" + pdu[3:])
        return pdu[1:5]

    def write_read_words(self, pdu: bytes) -> bytes:
        """FC23: the write first."""
        at, count = _PAIR.unpack_from(pdu, 5)
        self._store(at, count, 121, pdu[9:])
        return self.read_words(pdu)

    def read_coils(self, pdu: bytes) -> bytes:
        """FC1 and FC2."""
        at, count = _PAIR.unpack_from(pdu, 1)
        first = self._coil(at, count)
        mask = sum(bit << k for k, bit in enumerate(self.bits[first : first + count]))
        return bytes([1, mask])

    def write_coils(self, pdu: bytes) -> bytes:
        """FC15."""
        at, count = _PAIR.unpack_from(pdu, 1)
        first = self._coil(at, count)
        if pdu[5] != 1 or len(pdu) != 7:  # noqa: PLR2004 - header, count, one byte of coils
            raise _Refused(_ILLEGAL_VALUE)
        self.bits[first : first + count] = [bool(pdu[6] >> k & 1) for k in range(count)]
        return pdu[1:5]

    def write_coil(self, pdu: bytes) -> bytes:
        """FC5."""
        at, value = _PAIR.unpack(pdu[1:5])
        if value not in {0, _COIL_ON}:
            raise _Refused(_ILLEGAL_VALUE)
        self.bits[self._coil(at, 1)] = value == _COIL_ON
        return pdu[1:5]

    def _store(self, at: int, count: int, limit: int, data: bytes) -> None:
        if not 1 <= count <= limit or len(data) != 1 + 2 * count or data[0] != 2 * count:
            raise _Refused(_ILLEGAL_VALUE)
        block, first = self._block(at, count)
        if block is not self.words:
            raise _Refused(_ILLEGAL_ADDRESS)
        block[first : first + count] = struct.unpack_from(f">{count}H", data, 1)
        if first <= D_RES_SEQ < first + count:
            self._arrivals.note(block[D_RES_SEQ], time.monotonic_ns())

    def _block(self, at: int, count: int) -> tuple[list[int], int]:
        for block, base in ((self.words, self._d), (self.out, self._p)):
            if base <= at and at + count <= base + len(block):
                return block, at - base
        raise _Refused(_ILLEGAL_ADDRESS)

    def _coil(self, at: int, count: int) -> int:
        if count < 1:
            raise _Refused(_ILLEGAL_VALUE)
        if self._coils is None or at < self._coils or at + count > self._coils + BITS:
            raise _Refused(_ILLEGAL_ADDRESS)
        return at - self._coils


_SERVED: dict[int, Callable[[Bank, bytes], bytes]] = {
    1: Bank.read_coils,
    2: Bank.read_coils,
    3: Bank.read_words,
    4: Bank.read_words,
    5: Bank.write_coil,
    6: Bank.write_word,
    15: Bank.write_coils,
    16: Bank.write_words,
    23: Bank.write_read_words,
}
