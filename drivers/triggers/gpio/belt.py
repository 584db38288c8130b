"""Where the belt is and how fast, by its encoder; which edges of the eye are parts. Pure.

A part that comes back on a belt that runs backwards has been here: an edge counts only on belt
that the eye has not seen yet, and only `same_part_mm` behind the part before. Once the place is
not known any more, the next edge counts: rather a part twice than one that nobody judges.
"""

from __future__ import annotations

from typing import NamedTuple

NS_PER_S = 1_000_000_000
SLACK = 4  # edges: one whole pulse; a belt that stops does not stand still to the edge
KEPT = 32  # edges over which the speed is measured
_UNKNOWN = -(1 << 62)  # further back than any belt


class Ways(NamedTuple):
    """Distances in mm, speeds in mm/s; `within_mm` 0: parts may be as far apart as they like."""

    mm_per_edge: float
    same_mm: float
    within_mm: float
    slowest_mm_s: float
    fastest_mm_s: float


class BeltPlace:
    """`returned` counts edges of parts that had been here, `overdue` parts that did not come."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._same = round(ways.same_mm / ways.mm_per_edge)
        self._within = round(ways.within_mm / ways.mm_per_edge)
        self._here = self._front = 0
        self._mark: int | None = None  # from where the next part is waited for; None: no part yet
        self._part = _UNKNOWN
        # a ring, made once: times and places of the last edges
        self._times_ns = [0] * KEPT
        self._places = [0] * KEPT
        self._moves = 0
        self.returned = self.overdue = 0

    def move(self, position: int, at_ns: int) -> bool:
        """The belt is there now; True where a part was to come by now and did not."""
        at = self._moves % KEPT
        self._times_ns[at], self._places[at] = at_ns, position
        self._moves += 1
        self._here = position
        self._front = max(self._front, position)
        mark = self._mark
        if not self._within or mark is None or position - mark < self._within:
            return False
        self._mark = position
        self.overdue += 1
        return True

    def forget(self) -> None:
        """The belt may have moved unseen: what has been here is not known, nor its speed."""
        self._front, self._part, self._moves = self._here, _UNKNOWN, 0
        # the next part is waited for from here on, at the latest
        self._mark = None if self._mark is None else self._here

    def is_new(self) -> bool:
        """Whether an edge of the eye, here, is a part that has not been here yet."""
        if self._here < self._front - SLACK or self._here - self._part < self._same:
            self.returned += 1
            return False
        self._part = self._mark = self._here
        return True

    def speed_mm_s(self, at_ns: int) -> float:
        """Over the last edges until then, standing included; 0 before the first ones."""
        if not self._moves:
            return 0.0
        kept = min(self._moves, KEPT)
        oldest = (self._moves - kept) % KEPT
        # the newest edge may be younger than the eye's, by the order in which they were read
        took_ns = max(at_ns, self._times_ns[(self._moves - 1) % KEPT]) - self._times_ns[oldest]
        way_mm = (self._here - self._places[oldest]) * self._ways.mm_per_edge
        return way_mm * NS_PER_S / took_ns if took_ns > 0 else 0.0

    def in_limits(self, at_ns: int) -> bool:
        """Whether the belt runs as fast as parts can be judged."""
        speed_mm_s = self.speed_mm_s(at_ns)
        return self._ways.slowest_mm_s <= speed_mm_s <= self._ways.fastest_mm_s
