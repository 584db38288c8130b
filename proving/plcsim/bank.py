"""The registers of the simulated PLC where it serves.

They are its own rather than a library's, because a record's arrival has to be stamped
where it is stored.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from gonogo.proving.plcsim.functions import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Refused, reply_to
from gonogo.proving.plcsim.wire import (
    BITS,
    D_RES_SEQ,
    D_WORDS,
    P_PART_ID,
    P_WORDS,
    Arrivals,
    Seen,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Bank:
    """The registers of a PLC that serves: block D written by the station, block P read by it.

    `d_base` and `p_base` are 0-based PDU addresses; `coil_base` is where seven
    coils may be written, or None. Writing outside D or the coils is refused.
    `heard(part_id, t_ns)` is called once for each PART_ID that the station has read.
    The scan takes the image and publishes, the serving thread replies: one lock, held for a
    whole request, so that a scan never sees half a write.
    """

    def __init__(
        self,
        d_base: int,
        p_base: int,
        coil_base: int | None,
        heard: Callable[[int, int], None] | None = None,
    ) -> None:
        # the station would read back its own words as ours
        if max(d_base, p_base) < min(d_base + D_WORDS, p_base + P_WORDS):
            raise ValueError(
                f"d_base, p_base: expected {D_WORDS} and {P_WORDS} registers apart, got"
                f" {d_base} and {p_base}; move one of the blocks"
            )
        self._d, self._p, self._coils = d_base, p_base, coil_base
        self._heard = heard
        self._last_heard = 0
        # the PART_ID in the reply that is about to be sent, 0 for none; of the serving thread alone
        self._asked = 0
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """As after power-up: every register zero."""
        with self._lock:
            self.words = [0] * D_WORDS
            self.out = [0] * P_WORDS
            self.bits = [False] * BITS
            self._arrivals = Arrivals()

    def image(self) -> Seen:
        """The process image: a copy of all that the station has written."""
        with self._lock:
            bits = self.bits[:] if self._coils is not None else None
            return Seen(self.words[:], bits, self._arrivals.stamps_ns[:])

    def speak(self, words: Sequence[int]) -> None:
        """Publish P100-P119."""
        with self._lock:
            self.out[:] = words

    def answered(self, now_ns: int) -> None:
        """The last reply is on its way; the station has read what stands in it.

        Only then: a trigger counts as heard from the moment that the station could know of it.
        """
        asked, self._asked = self._asked, 0
        if asked not in {0, self._last_heard}:
            self._last_heard = asked
            if self._heard is not None:
                self._heard(asked, now_ns)

    def reply(self, pdu: bytes) -> bytes:
        """Carry out one request PDU (1-253 bytes) and return the reply PDU; never raises."""
        with self._lock:
            return reply_to(self, pdu)

    # -- what the functions act on, under the lock ------------------------------------------

    def read_words(self, at: int, count: int) -> list[int]:
        """Registers of one block."""
        block, first = self._block(at, count)
        # not heard yet: the reply may never leave
        if block is self.out and first <= P_PART_ID < first + count:
            self._asked = block[P_PART_ID]
        return block[first : first + count]

    def write_words(self, at: int, values: Sequence[int]) -> None:
        """Registers of block D; those of P are the PLC's own."""
        block, first = self._block(at, len(values))
        if block is not self.words:
            raise Refused(ILLEGAL_ADDRESS)
        # stamped once the words are in: an arrival is that of a record that can be read
        block[first : first + len(values)] = values
        if first <= D_RES_SEQ < first + len(values):
            self._arrivals.stamp(block[D_RES_SEQ], time.monotonic_ns())

    def read_coils(self, at: int, count: int) -> list[bool]:
        """Some of the seven coils."""
        first = self._coil(at, count)
        return self.bits[first : first + count]

    def write_coils(self, at: int, values: Sequence[bool]) -> None:
        """Some of the seven coils."""
        first = self._coil(at, len(values))
        self.bits[first : first + len(values)] = values

    def _block(self, at: int, count: int) -> tuple[list[int], int]:
        """The block that holds all of these registers, and where they begin in it."""
        # one request never reaches over both blocks: what lies between is not ours
        for block, base in ((self.words, self._d), (self.out, self._p)):
            if base <= at and at + count <= base + len(block):
                return block, at - base
        raise Refused(ILLEGAL_ADDRESS)

    def _coil(self, at: int, count: int) -> int:
        """Where these coils begin."""
        if count < 1:
            raise Refused(ILLEGAL_VALUE)
        if self._coils is None or at < self._coils or at + count > self._coils + BITS:
            raise Refused(ILLEGAL_ADDRESS)
        return at - self._coils
