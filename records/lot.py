"""Chance by the number of a part: the same whenever it is asked, also by a successor.

The run's name has random bits of its own, so nobody knows beforehand which parts will be drawn.
"""

from __future__ import annotations

import hashlib
import heapq
from typing import NamedTuple

AUDIT = "audit"  # what the lots of a sample are drawn for


def lot_of(run: str, what: str, number: int) -> int:
    """64 random bits."""
    digest = hashlib.blake2b(f"{run}/{what}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def is_nth(run: str, serial: int, every: int | None) -> bool:
    """Whether this part is the one of its block of `every`; None: none is.

    At a place by chance within each block: every tenth part may always lie in the same nest.
    """
    if every is None:
        return False
    block, place = divmod(serial, every)
    return place == lot_of(run, "nth", block) % every


class Drawn(NamedTuple):
    """A part by its run and serial; the smallest lots are the sample."""

    lot: int
    run: str
    serial: int


class Sample:
    """So many accepted parts of a shift: those with the smallest lots, each part the same chance.

    How many will pass is not known beforehand: a part that has a smaller lot than one of the sample
    takes its place.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._shift_ms = 0
        self._lots: list[tuple[int, Drawn]] = []  # the greatest first, so negative

    def wants(self, shift_ms: int, lot: int) -> bool:
        """Whether a part of the shift that began then would be in it, as far as is known."""
        if shift_ms > self._shift_ms:  # a clock that was set back ends no shift
            self._shift_ms, self._lots = shift_ms, []
        if len(self._lots) < self._size:
            return True
        return bool(self._lots) and -self._lots[0][0] > lot

    def take(self, drawn: Drawn) -> Drawn | None:
        """One that it wants; the one whose place it takes."""
        item = (-drawn.lot, drawn)
        if len(self._lots) < self._size:
            heapq.heappush(self._lots, item)
            return None
        return heapq.heapreplace(self._lots, item)[1]
