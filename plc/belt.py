"""How far the belt has come, and where a part is on it: pure, in one unit or another.

    photo-eye |------------ begin -----------|== window ==|
              |----------------- end --------------------|

Positions are nanoseconds at constant speed, or counts of the PLC's encoder, which is a u32
and wraps (P110-P111).
"""

from __future__ import annotations

_U32, _HALF = 1 << 32, 1 << 31


class Belt:
    """`begin` and `end` of a part's window at the nozzle, counted from its trigger."""

    def __init__(self, begin: int, end: int, *, by_encoder: bool) -> None:
        self.begin, self.end = begin, end
        self.by_encoder = by_encoder
        self.here = 0
        self._begun = False

    def advance(self, here: int) -> bool:
        """The belt is here now; False where nothing is known of the way to it.

        So it is the first time, and after an encoder was reset: no belt moves further than a
        part's whole way between two calls. A clock is not reset, however long we were away.
        """
        # either way: a belt that settles after a stop runs backwards a little
        known = self._begun and not (self.by_encoder and abs(signed(here - self.here)) > self.end)
        self._begun = True
        # counts wrap like the encoder's own words
        self.here = here % _U32 if self.by_encoder else here
        return known

    def since(self, at: int) -> int:
        """How far the belt has moved since it was there."""
        # the way to the nozzle is less than half of 2**32: 100 m at 10 000 counts a mm at most
        return signed(self.here - at) if self.by_encoder else self.here - at

    def in_window(self, at: int) -> bool:
        """Whether a part that was triggered there is at the nozzle."""
        return self.begin <= self.since(at) < self.end

    def next_edge(self, at: int) -> int | None:
        """Where the window of a part that was triggered there begins or ends next, by the clock."""
        if self.here < at + self.begin:
            return at + self.begin
        return at + self.end if self.here < at + self.end else None


def signed(counts: int) -> int:
    """A difference of u32 encoder counts as the shorter way round."""
    return (counts + _HALF) % _U32 - _HALF
