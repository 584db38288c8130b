"""Parts that a camera's process has found in its frames, and which of them the line has taken.

words     0 number of the last find  1 when frames were looked at last, ns               (process)
          2 how many times parts may have come unseen                                    (process)
          3 part id  4 number of the find that the line has taken last                      (line)
          16..31 the last 16 finds: when the light fell << 1 | unsure                    (process)

A find is written before its number, and what the line has taken is written before it asks for the
frame: so the process gives that very part's frame away, or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words_in_memory import owned, stamp, word

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

BELL = "found"  # for the line
KEPT = 16  # finds that wait; a line that is behind by more has missed some
_WORDS, _FINDS_AT = 32, 16
_NUMBER, _LOOKED_NS, _DOUBTS, _PART_ID, _TAKEN = range(5)


class Find(NamedTuple):
    """A part that came into place; `unsure`: before it one may have passed unseen."""

    number: int
    at_ns: int
    unsure: bool


class FindsView:
    """What either end reads."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fence = segment.fence
        self.words = segment.words(0, _WORDS)

    number = stamp(_NUMBER, "Of the last find; 0 before the first.")
    looked_ns = word(_LOOKED_NS, "CLOCK_MONOTONIC when frames were looked at last; 0: never.")
    doubts = word(_DOUBTS, "How many times parts may have come unseen.")
    part_id = word(_PART_ID, "Of the part that the line has taken last.")
    taken = word(_TAKEN, "The number of that find.")

    @classmethod
    def attach(cls, station: str) -> Self:
        """Map what the station made."""
        return cls(Segment.attach(finds_path(station)))

    def close(self) -> None:
        """Drop this process's view of it."""
        self.words.release()
        self.segment.close()


class FindsLog(FindsView):
    """The camera process's end."""

    looked_ns = owned(FindsView.looked_ns, _LOOKED_NS)
    doubts = owned(FindsView.doubts, _DOUBTS)

    @classmethod
    def create(cls, station: str) -> Self:
        """Made anew, empty."""
        return cls(Segment.create(finds_path(station), 8 * _WORDS))

    def add(self, at_ns: int, *, unsure: bool) -> int:
        """A part is in place since then; its number."""
        number = self.words[_NUMBER] + 1
        self.words[_FINDS_AT + number % KEPT] = at_ns << 1 | unsure
        self.fence()
        self.words[_NUMBER] = number  # last: what stands above is whole from here on
        return number


class FindsTaken(FindsView):
    """The line's end."""

    def find(self, number: int) -> Find:
        """One of the last KEPT."""
        found = self.words[_FINDS_AT + number % KEPT]
        return Find(number, found >> 1, bool(found & 1))

    def take(self, number: int, part_id: int) -> None:
        """Before its frame is asked for by that id."""
        self.words[_PART_ID] = part_id
        self.words[_TAKEN] = number  # last


def finds_path(station: str) -> Path:
    """Where it lies."""
    return segment_path(station, "finds")
