"""A photo-eye's edges, and which of them is a part: pure.

    active  ___|~|_|~~~~~~~~~~~~~~|_|~|______    one part, with bounces at both ends
               ^ counts           ^ the end

What is lost is noticed three ways, because none of them notices all: the line's numbers jump; two
edges in a row say the same level; an end comes without a beginning. A kernel that was busy may
merge edges without leaving a number out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.gpio.lines import LONG_AGO_NS

if TYPE_CHECKING:
    from gonogo.base.gpio.lines import Edge


class Start(NamedTuple):
    """A part covers the eye: the earliest moment at which it can, and whether it is `unsure`.

    Unsure: edges were lost before it, and nobody knows of how many parts.
    """

    at_ns: int
    unsure: bool


class Blink:
    """One eye. `bounces`, `lost` and `missed` count edges, edges that never came, and parts.

    `debounce_ns`: how long before its stamp an edge may have been, taken back from each.
    """

    def __init__(self, *, rising: bool, bounce_ns: int, debounce_ns: int) -> None:
        self._rising, self._bounce_ns, self._debounce_ns = rising, bounce_ns, debounce_ns
        self._covered = False  # as the last edge said it
        self._counted_covered = False  # as the last edge that counted said it
        self._counted_ns = LONG_AGO_NS  # when that was
        self._covered_ns = LONG_AGO_NS  # since when it is covered, if it is
        self._sequence = 0
        self._unsure = False
        self.bounces = self.lost = self.missed = 0

    def begin(self, *, active: bool) -> None:
        """The line was opened: numbers begin anew; a part that is there has no beginning."""
        self._covered = self._counted_covered = active is self._rising
        self._counted_ns = self._covered_ns = LONG_AGO_NS
        self._sequence = 0

    def doubt(self) -> None:
        """Parts may have come unseen: the next one is unsure."""
        self.missed += 1
        self._unsure = True

    def look(self, edge: Edge, now_ns: int) -> Start | None:
        """The part that begins with this edge, if one does."""
        # a stamp of the future would move the deadline with it
        at_ns = min(edge.at_ns, now_ns) - self._debounce_ns
        covered = edge.active is self._rising
        self._count(edge.sequence)
        before, self._covered = self._covered, covered
        if at_ns - self._counted_ns < self._bounce_ns:
            self._bounced(at_ns, covered=covered)
            return None
        self._compare(at_ns, before=before, covered=covered)
        self._counted_ns, self._counted_covered = at_ns, covered
        self._covered_ns = at_ns
        if not covered:
            return None
        unsure, self._unsure = self._unsure, False
        return Start(at_ns, unsure)

    def _count(self, sequence: int) -> None:
        lost, self._sequence = sequence - self._sequence - 1, sequence
        if lost > 0:
            self.lost += lost
            # every second one is a beginning; of an odd number, the one that the level lacks
            self.missed += max(1, (lost + (not self._covered)) // 2)
            self._unsure = True
            # each of them has turned the level once
            self._covered = self._counted_covered = self._covered is not bool(lost % 2)

    def _bounced(self, at_ns: int, *, covered: bool) -> None:
        self.bounces += 1
        self._covered_ns = at_ns if covered else self._covered_ns

    def _compare(self, at_ns: int, *, before: bool, covered: bool) -> None:
        """An edge that counts against the one before it."""
        if covered is before:
            self.doubt()
            return
        # a part that came within the bounce of the end before, and stood there: it had no beginning
        stood = at_ns - self._covered_ns >= self._bounce_ns
        if stood and not covered and not self._counted_covered:
            self.doubt()
