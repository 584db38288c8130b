"""What a station in Modbus server role must answer, byte for byte, written down a second time.

Made from the interface and from MODBUS Application Protocol V1.1b3, without the
library that the station uses: the oracle of the fuzz runs. It holds the P words and
coils that the requests so far must have left.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

D_COUNT, P_AT, P_COUNT = 96, 100, 20
IDENTITY_CODE = 43  # identification of the device, which the library answers


class Refused(Exception):
    """Answered with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Answer(NamedTuple):
    """What the station must send, None where any PDU will do; or that it hangs up.

    `short` is how many bytes of the last request are still to come.
    """

    replies: list[bytes | None]
    hangs_up: bool
    short: int


class Model:
    """The station as its PLC may see it: `words` D0-D95, `bits` DI0-DI6."""

    def __init__(self, words: Sequence[int], bits: Sequence[bool]) -> None:
        self.words, self.bits = list(words), list(bits)
        self.plc = [0] * P_COUNT
        self.coils = [False] * 2

    def feed(self, data: bytes) -> Answer:
        """What comes of the bytes of one connection, from its first on."""
        replies: list[bytes | None] = []
        while len(data) >= 6:
            _, protocol, length = struct.unpack_from(">HHH", data)
            # unit and function at least, unit and 253 bytes at most
            if protocol or not 2 <= length <= 254:
                return Answer(replies, hangs_up=True, short=0)
            # the rest may still come: a server waits for it
            if len(data) < 6 + length:
                return Answer(replies, hangs_up=False, short=6 + length - len(data))
            replies.append(self._frame(data[: 6 + length]))
            data = data[6 + length :]
        return Answer(replies, hangs_up=False, short=6 - len(data) if data else 0)

    def _frame(self, frame: bytes) -> bytes | None:
        pdu = self.reply(frame[7:])
        # the identity, whose length is the library's to say
        if pdu is None:
            return None
        # transaction and protocol as asked, length anew, the unit as asked
        return frame[:4] + struct.pack(">HB", len(pdu) + 1, frame[6]) + pdu

    def reply(self, pdu: bytes) -> bytes | None:
        """The reply PDU to a request PDU, None where the library's own is taken."""
        try:
            if pdu[0] == IDENTITY_CODE and len(pdu) > 1:
                return None
            return pdu[:1] + self._carry_out(pdu[0], pdu[1:])
        except Refused as refused:
            return bytes([pdu[0] | 0x80, refused.code])

    def _carry_out(self, code: int, body: bytes) -> bytes:
        if code in {1, 2}:
            return self._read_bits(code, *_words(body, 2))
        if code in {3, 4}:
            return self._read_words(code, *_words(body, 2))
        if code in {5, 15}:
            return self._write_bits(code, body)
        if code in {6, 16, 22}:
            return self._write_words(code, body)
        if code == 23:
            return self._read_write(body)
        # 43 without its second byte is a request that ends too soon
        raise Refused(3 if code == IDENTITY_CODE else 1)

    # -- bits --------------------------------------------------------------------------

    def _read_bits(self, code: int, at: int, count: int) -> bytes:
        _need(1 <= count <= 2000, 3)
        mirror = [*self.bits, *[False] * (16 - len(self.bits))]
        # coils 0 and 1 are the PLC's, 16 on the mirror, the rest reads as off
        found = [*self.coils, *[False] * 14, *mirror] if code == 1 else mirror
        _need(at + count <= len(found), 2)
        return _packed(found[at : at + count])

    def _write_bits(self, code: int, body: bytes) -> bytes:
        if code == 5:
            at, value = _words(body, 2)
            _need(value in {0, 0xFF00}, 3)
            values = [value != 0]
        else:
            at, count, data = _block(body, 8, 1968)
            values = [data[k // 8] >> k % 8 & 1 == 1 for k in range(count)]
        # only the PLC's own two may be written
        _need(at + len(values) <= 2, 2)
        self.coils[at : at + len(values)] = values
        return body[:4]

    # -- words -------------------------------------------------------------------------

    def _read_words(self, code: int, at: int, count: int) -> bytes:
        _need(1 <= count <= 125, 3)
        # a read lies in one block or is refused: there is nothing between them
        if at + count <= D_COUNT:
            found = self.words[at : at + count]
        else:
            _need(code != 4 and at >= P_AT and at + count <= P_AT + P_COUNT, 2)
            found = self.plc[at - P_AT : at - P_AT + count]
        return bytes([2 * count]) + struct.pack(f">{count}H", *found)

    def _write_words(self, code: int, body: bytes) -> bytes:
        if code == 16:
            at, count, data = _block(body, 1 / 2, 123)
            self._set_words(at, struct.unpack(f">{count}H", data))
            return body[:4]
        at, value, *rest = _words(body, 3 if code == 22 else 2)
        if rest:
            _need(P_AT <= at < P_AT + P_COUNT, 2)
            # FC22: (current and AND) or (OR and not AND), section 6.16
            value = self.plc[at - P_AT] & value | rest[0] & ~value
        self._set_words(at, (value,))
        return body

    def _set_words(self, at: int, values: Sequence[int]) -> None:
        _need(at >= P_AT and at + len(values) <= P_AT + P_COUNT, 2)
        self.plc[at - P_AT : at - P_AT + len(values)] = values

    def _read_write(self, body: bytes) -> bytes:
        _need(len(body) >= 9, 3)
        read_at, read_count = struct.unpack(">HH", body[:4])
        at, count, data = _block(body[4:], 1 / 2, 121)
        # first the read as a trial: one that is refused writes nothing
        self._read_words(3, read_at, read_count)
        self._set_words(at, struct.unpack(f">{count}H", data))
        return self._read_words(3, read_at, read_count)


def _need(met: bool, code: int) -> None:  # noqa: FBT001 - reads as an assertion
    if not met:
        raise Refused(code)


def _words(body: bytes, count: int) -> tuple[int, ...]:
    _need(len(body) == 2 * count, 3)
    return struct.unpack(f">{count}H", body)


def _block(body: bytes, per_byte: float, most: int) -> tuple[int, int, bytes]:
    """Address, quantity and data of a write of many; `per_byte` items in a byte."""
    _need(len(body) >= 5, 3)
    at, count, size = struct.unpack(">HHB", body[:5])
    # quantity and byte count before the address: 3 comes before 2
    _need(1 <= count <= most and size == -(-count // per_byte) == len(body) - 5, 3)
    return at, count, body[5:]


def _packed(bits: Sequence[bool]) -> bytes:
    size = (len(bits) + 7) // 8
    whole = sum(bit << k for k, bit in enumerate(bits))  # the first one lowest (6.1)
    return bytes([size]) + whole.to_bytes(size, "little")
