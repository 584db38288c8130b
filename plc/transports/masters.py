"""Which of those who ask a server of ours is the PLC, and whether there are two.

The PLC is who writes. Once its heart has advanced twice it is proven (no permit comes before
that), and while it advances nobody at another address may write: such a request is refused as
"busy", so that a PLC that takes over for a dead one gets in half a second later. Two that write
at the same time are a fault, because nobody knows which of them drives the ejector:

    other addresses    three times within a second that a refused or an unproven one counts its
                       own PLC_HEART on; a screen or a tool that only writes is refused and
                       named, and no verdict is at stake
    one address        (two programs behind a gateway or on one computer) three times within a
                       second that a connection counts its own PLC_HEART on and the heart of
                       the other back; a PLC that uses several connections has one count

The fault stands as long as such signs come, and a second longer.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gonogo.plc.disturbance import BOTH, CHANGED, FOREIGN, TWO_MASTERS

if TYPE_CHECKING:
    from gonogo.plc.disturbance import Disturbances

LIFE_NS = 500_000_000  # a heart that stands still for so long is none; the link is lost then
PROOF = 2  # advances of a heart
SIGNS, SIGNS_NS = 3, 1_000_000_000
_STEP_MAX = 512  # a heart counts scans, and is written at least every half second
_NEVER_NS = -(1 << 62)
_WORD = 0xFFFF


class Asker:
    """One connection: where it is from, and what it has done."""

    __slots__ = ("address", "asked_bits", "gone", "heart", "name", "wrote_coils")

    def __init__(self, address: str, name: str = "") -> None:
        self.address = address
        self.name = name or address  # with the port: what the log says of one of several
        self.heart = -1  # PLC_HEART as written last
        self.wrote_coils = self.asked_bits = self.gone = False


class Masters:
    """Admits writes, and says when two devices write."""

    def __init__(self, disturbances: Disturbances) -> None:
        self._disturbances = disturbances
        self._holder: Asker | None = None
        self._wrote_ns = self._life_ns = _NEVER_NS
        self._lives = 0
        self._signs: deque[int] = deque(maxlen=SIGNS)
        self._heart = -1
        self._beater: Asker | None = None  # whose heart was written last
        self._fault_ns = _NEVER_NS  # when it ends

    def takes(
        self, asker: Asker, now_ns: int, function: int, place: str, heart: int | None = None
    ) -> bool:
        """Whether this one may write now; `heart`: PLC_HEART, where it is written."""
        # by address, not by connection: a PLC may use several, or one for each request
        holder = self._holder
        if holder is None or asker.address == holder.address:
            self._holder, self._wrote_ns = asker, now_ns
            return True
        # unproven holders give way: whoever happened to write first is not yet the PLC
        proven = self._lives >= PROOF and now_ns - self._life_ns < LIFE_NS
        # a heart that counts on is a program that runs; one that is written once may be a tool
        runs = heart is not None and asker.heart not in {-1, heart}
        if runs and (proven or now_ns - self._wrote_ns < LIFE_NS):
            self.sign(asker, holder, now_ns)
        if proven:
            # kept although refused: only so is the next one seen to count on
            asker.heart = asker.heart if heart is None else heart
            self._disturbances.count(FOREIGN, asker.address, function, place, holder.address)
            return False
        self._disturbances.count(CHANGED, asker.address, holder.address)
        # the new one must prove itself from the beginning: no permit until it has
        self._holder, self._wrote_ns, self._lives = asker, now_ns, 0
        return True

    def life(self, asker: Asker, now_ns: int) -> None:
        """A PLC shows that it runs; whether it is the one that holds the place."""
        if self._holder is None or asker.address != self._holder.address:
            return
        # a beat after a pause is the first one again
        self._lives = self._lives + 1 if now_ns - self._life_ns < LIFE_NS else 1
        self._life_ns = now_ns

    def beat(self, asker: Asker, heart: int, now_ns: int) -> bool:
        """A PLC_HEART that was let in; whether it has advanced."""
        advanced, beater = heart != self._heart, self._beater
        if beater is not None and beater is not asker and self._goes_its_own_way(asker, heart):
            self.sign(asker, beater, now_ns)
        asker.heart = self._heart = heart
        self._beater = asker
        return advanced

    def _goes_its_own_way(self, asker: Asker, heart: int) -> bool:
        """It counts its own heart on, but the other one's back."""
        # modulo 65536: the heart is one word, and goes round
        on = 0 < (heart - asker.heart) & _WORD <= _STEP_MAX
        return on and asker.heart >= 0 and (heart - self._heart) & _WORD > _STEP_MAX

    def sign(self, one: Asker, other: Asker, now_ns: int) -> None:
        """Both seem to be the PLC; three times within a second they are."""
        self._signs.append(now_ns)
        if len(self._signs) == SIGNS and now_ns - self._signs[0] < SIGNS_NS:
            # a second beyond the last sign: cleared too early, it is there again at once
            self._fault_ns = now_ns + SIGNS_NS
            # sorted: the same two are one disturbance, whichever of them wrote last
            who = " and ".join(sorted({one.address, other.address}))
            self._disturbances.count(BOTH, who, *sorted((one.name, other.name)))

    def faults(self, now_ns: int) -> int:
        """FaultBit numbers that stand because of it."""
        return TWO_MASTERS if now_ns < self._fault_ns else 0
