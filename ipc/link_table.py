"""What the PLC link knows, for whoever may look: words in the memory of the heartbeat.

The link's thread writes them ten times a second as a wait begins, never while a verdict waits;
nobody asks the PLC for them a second time.

numbers   0 told ns  1 STATE  2 flags  3 latched faults  4 SESSION_ID  5 RES_SEQ  6 ACK_SEQ
          7 BOX_ID of another device that was seen  8 heard ns (the last exchange)
          9 bits DI0-DI7, one each  10.. P100-P119  30.. D0-D31  62.. the newest record (8)
          70.. since when each bit of CTRL (5), STATUS (16) and DI (8) is as it is, monotonic ns;
          0: since before anybody looked  99 bytes of the reason  100.. the reason (256 bytes)
"""

from __future__ import annotations

import struct
from enum import IntFlag
from typing import TYPE_CHECKING, NamedTuple

from gonogo.ipc.stamped_words import STAMPS, StampedWords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.shm import Segment

CTRL_BITS, STATUS_BITS, DI_BITS = 5, 16, 8
P_WORDS, D_WORDS, RECORD_WORDS = 20, 32, 8
SINCES = CTRL_BITS + STATUS_BITS + DI_BITS
_P_AT = 10
_D_AT = _P_AT + P_WORDS
_RECORD_AT = _D_AT + D_WORDS
_SINCE_AT = _RECORD_AT + RECORD_WORDS
_BYTES_AT = _SINCE_AT + SINCES
_REASON_AT = _BYTES_AT + 1
REASON_BYTES = 256
_REASON = struct.Struct(f"{REASON_BYTES // 8}q")
WORDS = STAMPS + _REASON_AT + REASON_BYTES // 8
_TRIES = 20  # of a reader; the writer needs microseconds, ten times a second


class LinkFlag(IntFlag):
    """Number 2."""

    CONNECTED = 1
    ALIVE = 2  # PLC_HEART advances
    SYNCED = 4  # the PLC has followed our SESSION_ID
    PERMIT = 8
    VERSION_OK = 16
    TEST = 32  # STATUS says so: outputs are tried by hand, or the PLC asked for test mode


class LinkFacts(NamedTuple):
    """The link at one moment; times in monotonic ns, 0: never.

    `inputs` P100-P119, `header` D0-D31, `record` the newest result, `bits` DI0-DI7 as one number.
    `since_ns`: of the bits of CTRL, then STATUS, then DI. `reason`: why it was lost last.
    """

    told_ns: int
    state: int
    flags: LinkFlag
    latched: int
    session: int
    sequence: int
    acked: int
    other: int
    heard_ns: int
    bits: int
    inputs: tuple[int, ...]
    header: tuple[int, ...]
    record: tuple[int, ...]
    since_ns: tuple[int, ...]
    reason: str

    @property
    def numbers(self) -> list[int]:
        """As they lie in memory."""
        reason = self.reason.encode()[:REASON_BYTES]
        spans = (*self.inputs, *self.header, *self.record, *self.since_ns)
        packed = _REASON.unpack(reason.ljust(REASON_BYTES, b"\0"))
        return [*self[:_P_AT], *spans, len(reason), *packed]

    @classmethod
    def of(cls, numbers: Sequence[int]) -> LinkFacts:
        """From them."""
        told, state, flags, *rest = numbers[:_P_AT]
        inputs, header = tuple(numbers[_P_AT:_D_AT]), tuple(numbers[_D_AT:_RECORD_AT])
        record, since = tuple(numbers[_RECORD_AT:_SINCE_AT]), tuple(numbers[_SINCE_AT:_BYTES_AT])
        text = _REASON.pack(*numbers[_REASON_AT:])[: numbers[_BYTES_AT]]
        reason = text.decode(errors="replace")
        single = (told, state, LinkFlag(flags), *rest)
        return cls._make((*single, inputs, header, record, since, reason))


class LinkTable:
    """Of one station, from a word on of a segment that somebody else made."""

    def __init__(self, segment: Segment, at_word: int, *, read_only: bool) -> None:
        words = segment.words(8 * at_word, WORDS, read_only=read_only)
        self._words = StampedWords(words, segment.fence)

    def tell(self, facts: LinkFacts) -> None:
        """The link's thread alone: all of it anew."""
        self._words.write(facts.numbers)

    def look(self) -> LinkFacts | None:
        """All of one moment; None where no link has told anything yet."""
        for _ in range(_TRIES):
            found = self._words.read()
            if found is not None:
                return LinkFacts.of(found)
        return None

    def close(self) -> None:
        """Drop this view."""
        self._words.close()
