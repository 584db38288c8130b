"""Whether what came back over Modbus TCP is the reply to the request that was sent.

    request        reply                                                       bytes
    FC3, FC4       transaction 0 length unit code (2 x quantity) words         9 + 2 x quantity
    FC1, FC2       transaction 0 length unit code (quantity / 8) bits          9 + quantity / 8
    FC5, FC6       transaction 0 6 unit code address value                     12
    FC15, FC16     transaction 0 6 unit code address quantity                  12
    any            transaction 0 3 unit (code + 128) exception                 9

All but the words, the bits and the exception is known before it comes. A reply of another function,
of another length or to another address is none, and a word of it might be a part's ACK_SEQ.
"""

from __future__ import annotations

import struct

from gonogo.base.errors import LinkError

_WORDS, _BITS = (3, 4), (1, 2)
_ERROR_BIT = 0x80
# whole frames, the MBAP header of 7 bytes included
_ERROR_BYTES, _WRITE_BYTES, _READ_HEAD_BYTES = 9, 12, 9
_UNIT_AT = 6
_HEAD = struct.Struct(">2sHHBB")


class ReplyGuard:
    """What the reply to a request must be; LinkError where one is not."""

    def __init__(self, peer: str) -> None:
        self._peer = peer
        self._good = self._error = b""  # how the reply must begin
        self._size = 0  # bytes of a good reply

    def expect(self, request: bytes) -> None:
        """A request goes out, whole with its MBAP header."""
        transaction, unit, code = request[:2], request[6], request[7]
        count = int.from_bytes(request[10:12], "big")
        # of a read; a write is always answered with 12 bytes
        size = _READ_HEAD_BYTES + (2 * count if code in _WORDS else (count + 7) // 8)
        self._error = _HEAD.pack(transaction, 0, 3, unit, code | _ERROR_BIT)
        if code in _WORDS or code in _BITS:
            self._size = size
            # 6: transaction, protocol and length are not counted by the length; 9: the whole head
            self._good = _HEAD.pack(transaction, 0, size - 6, unit, code) + bytes([size - 9])
        else:
            self._size = _WRITE_BYTES
            # a write is answered with its own address and value, or quantity
            self._good = _HEAD.pack(transaction, 0, 6, unit, code) + request[8:12]

    def whole(self, reply: bytes) -> bool:
        """Whether all of it has come; LinkError as soon as it cannot be the reply any more."""
        # the usual case first: one comparison and no more
        if reply.startswith(self._good) and len(reply) == self._size:
            return True
        # both may still be possible: a reply may come in pieces, down to single bytes
        good = _begins(reply, self._good) and len(reply) <= self._size
        error = _begins(reply, self._error) and len(reply) <= _ERROR_BYTES
        if not (good or error):
            raise LinkError(
                f"{self._peer}: answered {reply[:16].hex(' ')}, expected {self._good.hex(' ')} "
                f"and {self._size} bytes in all; the server does not follow Modbus"
                f"{self._why(reply)}"
            )
        return error and len(reply) == _ERROR_BYTES

    def _why(self, reply: bytes) -> str:
        """What is the matter with it and what to do, where that can be told."""
        unit, asked = reply[_UNIT_AT : _UNIT_AT + 1], self._good[_UNIT_AT]
        # in the order of the frame: what is wrong first explains the rest
        if not _begins(reply[:2], self._good):
            return (
                ": this has the transaction id of another request, as of a gateway that mixes up "
                "replies; give the station a connection of its own, or a longer timeout_ms"
            )
        if unit and unit[0] != asked:
            return f": it answers as unit {unit[0]}, asked was unit {asked}: set unit = {unit[0]}"
        if reply.startswith(self._good) and len(reply) > self._size:
            return (
                f": {len(reply) - self._size} bytes too many; it may have a setting for padding, "
                "or needs a gateway in between"
            )
        return ""


def _begins(data: bytes, head: bytes) -> bool:
    """Whether `data` is the beginning of `head`, or begins with it."""
    return data[: len(head)] == head[: len(data)]
