"""What the PLC says to a server of ours: by words, or by bits alone where it has no words.

    coils written, no P word yet        bits alone: the words come of the bits
    P words written                     words; coils and requests for bits mean nothing
    P words beside a PLC of bits        kept, and without effect, until PLC_HEART has advanced
                                        three times; then words, where the writer is the PLC
                                        of bits itself, or that one is dead. Otherwise two
                                        devices write, which is a fault
    words whose heart stands still      bits count again: after half a second where they did
                                        before, a second where that heart has never advanced;
                                        otherwise never, since a PLC in STOP may go on asking

So no single write ends a line of bits. Who may write at all: gonogo.plc.transports.masters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.plc.disturbance import BESIDE
from gonogo.plc.register_map import P_FIRST, P_WORDS, RES_SEQ_AT, SESSION_AT, PlcWords
from gonogo.plc.transports.masters import LIFE_NS, Masters
from gonogo.plc.transports.modbus_bits import BitsPlc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.disturbance import Disturbances
    from gonogo.plc.transports.masters import Asker

PROOF = 3  # advances of a heart beside bits
UNPROVEN_NS = 1_000_000_000
_HEART = PlcWords._fields.index("heart")
_NEVER_NS = -(1 << 62)


class Write(NamedTuple):
    """One write of a PLC: who, by which function code, from which address, what and when.

    `at` counts P words from P100, or coils.
    """

    asker: Asker
    function: int
    at: int
    values: Sequence[int]
    now_ns: int


class Spoken:
    """P words as they were written, coils, and which of them count."""

    def __init__(self, disturbances: Disturbances) -> None:
        self.masters = Masters(disturbances)
        self.p = [0] * P_WORDS  # as written
        self.bits = BitsPlc()
        self.by_bits = False
        self._disturbances = disturbances
        self._was_bits = False
        self._lives = 0  # advances of PLC_HEART, each half a second after the one before at most
        self._words_ns = _NEVER_NS  # the first word, or the last advance of its heart

    def words(self) -> tuple[int, ...]:
        """P100-P119 as they count."""
        return tuple(self.bits.words if self.by_bits else self.p)

    # -- words -----------------------------------------------------------------------------

    def write_words(self, write: Write) -> bool | None:
        """P words are written: whether that means something; None: refused."""
        asker, function, at, values, now_ns = write
        # a PLC may write PLC_HEART alone, or with the others, or not in this request
        heart = values[_HEART - at] if at <= _HEART < at + len(values) else None
        if not self.masters.takes(asker, now_ns, function, f"P{P_FIRST + at}", heart):
            return None
        # kept also beside a PLC of bits: they count from the moment that they are proven
        self.p[at : at + len(values)] = values
        self._prove(asker, heart, values, now_ns)
        return not self.by_bits or self._beside(asker, now_ns)

    def _prove(self, asker: Asker, heart: int | None, values: Sequence[int], now_ns: int) -> None:
        """Whether the words are those of a PLC that runs."""
        # every let-in heart goes through `beat`: two programs behind one address differ there alone
        beat = heart is not None and self.masters.beat(asker, heart, now_ns)
        if beat:
            self._lives = self._lives + 1 if now_ns - self._words_ns < LIFE_NS else 1
            # words beside bits are no life of the PLC of bits
            if not self.by_bits:
                self.masters.life(asker, now_ns)
        # zeros at the start are a PLC that clears its words, not one that speaks by them
        if beat or (any(values) and self._words_ns == _NEVER_NS):
            self._words_ns = now_ns

    def _beside(self, asker: Asker, now_ns: int) -> bool:
        """Words beside a PLC of bits: whether they count from now on."""
        writer = self.bits.writer
        # the PLC of bits itself has gone over to words: nobody else is in play
        same = asker.wrote_coils or writer is None
        if not same and now_ns - self.bits.life_ns < LIFE_NS and writer is not None:
            self._disturbances.count(BESIDE, asker.address, writer.address)
            if self._lives >= PROOF:
                self.masters.sign(asker, writer, now_ns)
            return False
        # a single write by hand never ends a line of bits
        if self._lives < PROOF:
            return False
        # `_was_bits`: bits may come back soon only where they were another device's
        self.by_bits, self._was_bits = False, not same
        return True

    # -- bits ------------------------------------------------------------------------------

    def write_coils(self, write: Write, d: Sequence[int]) -> bool | None:
        """Coils are written while we show the D words `d`; None: refused."""
        asker, function, at, values, now_ns = write
        if not self.masters.takes(asker, now_ns, function, f"coil {at}"):
            return None
        other = self.bits.write(asker, at, values, d[RES_SEQ_AT], now_ns)
        if other is not None:
            self.masters.sign(asker, other, now_ns)
        self._bits_live(asker, d, now_ns)
        return True

    def asked_bits(self, asker: Asker, d: Sequence[int], now_ns: int) -> None:
        """Bits are read."""
        if self.bits.read(asker, now_ns):
            self._bits_live(asker, d, now_ns)

    def _bits_live(self, asker: Asker, d: Sequence[int], now_ns: int) -> None:
        """The PLC of bits runs: it counts, unless one of words does."""
        # bits never take over from words that live
        if not self.by_bits and not self._words_hold(now_ns):
            self.by_bits = self._was_bits = True
        # also right after the line above: its first request is its first beat
        if self.by_bits:
            self.bits.beat(d[SESSION_AT], now_ns)
            self.masters.life(asker, now_ns)

    def _words_hold(self, now_ns: int) -> bool:
        """Whether words count, or have not been still for long enough."""
        still_ns = now_ns - self._words_ns
        if self._was_bits:
            return still_ns < LIFE_NS
        # proven words stay for ever: a PLC in STOP may go on asking for bits
        return self._lives >= PROOF or still_ns < UNPROVEN_NS
