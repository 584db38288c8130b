"""Whether what was ejected arrives in the reject chute, and nothing else does.

    nozzle     |== window of a rejected part ==|
    expected   |-------------------------------|---- within ----|     a rising edge of the eye

Pure: every time comes from the caller, in monotonic ns. Whether an edge is one too many can
be told only while nothing but accepted parts is near: an ejector that catches two parts at
once, or parts that nobody knows, excuse it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Stray(Enum):
    """What the eye has not seen, or should not have seen."""

    MISSING = "missing"  # a rejected part did not come
    EXTRA = "extra"  # a part came that was not to be ejected


class Found(NamedTuple):
    """What is wrong; `part_id` is 0 where it is nobody's part."""

    stray: Stray
    part_id: int


@dataclass(slots=True)
class _Way:
    """A part from the nozzle to the eye."""

    part_id: int
    rejected: bool
    hit: bool  # the ejector may have caught it
    group: int  # rejected parts at the nozzle together may pass the eye as one
    close_ns: int | None = None  # None: still at the nozzle
    seen: bool = False


class Chute:
    """Rejected parts that the eye must see within `within_ns` after the ejector's window.

    `misses`: so many in a row are wrong.
    """

    def __init__(self, within_ns: int, misses: int) -> None:
        self._within_ns = within_ns
        self._misses_max = misses
        self._ways: list[_Way] = []
        self._group = 0
        self._excused_ns = 0  # until then an edge may be anybody's
        self._covered: bool | None = None
        self._misses = 0

    def forget(self, now_ns: int) -> None:
        """A new connection, a fault that was cleared, or a belt whose parts nobody knows."""
        self._ways.clear()
        self._covered = None
        self._misses = 0
        self.excuse(now_ns)

    def excuse(self, now_ns: int) -> None:
        """Something unknown is at the nozzle, and may be ejected."""
        self._excused_ns = max(self._excused_ns, now_ns + self._within_ns)

    def arrived(self, part_id: int, *, rejected: bool) -> None:
        """A part's window begins."""
        here = [way for way in self._ways if way.close_ns is None]
        # nobody is being ejected: a new group begins
        if not any(way.rejected for way in here):
            self._group += 1
        hit = rejected or any(way.hit for way in here)
        if hit:
            # a jet does not stop at the edge of a part: neighbours at the nozzle may go along
            for way in here:
                way.hit = True
        self._ways.append(_Way(part_id, rejected, hit, self._group))

    def left(self, part_id: int, now_ns: int) -> None:
        """A part's window has ended."""
        for way in self._ways:
            if way.part_id == part_id and way.close_ns is None:
                # the eye is further down the chute: it has so long from the end of the window
                way.close_ns = now_ns + self._within_ns
                return

    def watch(self, sent_ns: int, at_ns: int, *, covered: bool) -> Found | None:
        """What the eye saw at some moment between `sent_ns` and `at_ns`."""
        # the first read is no edge: a part may lie before the eye since before we came
        rising = covered and self._covered is False
        self._covered = covered
        found = self._edge(at_ns) if rising else None
        return found or self._overdue(sent_ns)

    def _edge(self, at_ns: int) -> Found | None:
        first = next((way for way in self._ways if way.rejected and not way.seen), None)
        if first is not None:
            # the oldest one: parts fall in the order in which they were ejected
            self._misses = 0
            for way in self._ways:
                way.seen = way.seen or (way.rejected and way.group == first.group)
            return None
        excused = at_ns < self._excused_ns or any(way.hit for way in self._ways)
        return None if excused else Found(Stray.EXTRA, 0)

    def _overdue(self, sent_ns: int) -> Found | None:
        """Whoever can no longer come: the eye was asked after the end of its time."""
        # judged by when the read was asked for: a reply that took long may say what was before
        over = [way for way in self._ways if way.close_ns is not None and sent_ns >= way.close_ns]
        self._ways = [way for way in self._ways if way not in over]
        for way in over:
            if way.rejected and not way.seen:
                self._misses += 1
                if self._misses >= self._misses_max:
                    return Found(Stray.MISSING, way.part_id)
        return None
