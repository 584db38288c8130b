"""The memory of the verdict journal: its words, its records, and who makes and maps them.

The layout has a number, and who finds another one there leaves the memory alone.

    segment   | 64 words | about (JSON) | record 0 | ... | record n-1 |
    words     0 next sequence  1 made at (wall ns)  2 taken by records  3 random
              4 layout  5 bytes of about  6 lost to records and not told yet
              7 last serial begun  8 lost to records ever  9 databases set aside
              10 counted by metrics  16.. parts refused by the link (gonogo.ipc.refusals)
    record    256 words of 8 bytes (gonogo.ipc.journal_records)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from gonogo.base.errors import SegmentError
from gonogo.base.shm import Segment, segment_path
from gonogo.ipc.journal_checks import RECORD_WORDS
from gonogo.ipc.journal_records import IN_HAND, RECORD_BYTES
from gonogo.ipc.refusals import WORDS as REFUSAL_WORDS
from gonogo.ipc.refusals import Refusals

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

HEAD_WORDS = 64
HEAD_BYTES = 8 * HEAD_WORDS
RECORDS = 1024
LAYOUT = 2  # another number: made by another version
# of the head
(WRITTEN, MADE_NS, TAKEN, RANDOM, LAYOUT_AT, ABOUT_BYTES, UNTOLD, SERIAL,
 LOST, ASIDES, COUNTED) = range(11)  # fmt: skip
REFUSALS_AT = 16


class JournalMemory:
    """The journal as it is mapped: `words` of its head, and the spans of its records."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fence = segment.fence
        read_only = self.read_only
        self.words = segment.words(0, HEAD_WORDS, read_only=read_only)
        refused = segment.words(8 * REFUSALS_AT, REFUSAL_WORDS, read_only=read_only)
        self.refusals = Refusals(refused)
        # the records are what is left: how many, nobody needs to be told
        first = HEAD_BYTES + self.words[ABOUT_BYTES]
        self.records = (segment.size - first) // RECORD_BYTES
        spans = [first + k * RECORD_BYTES for k in range(self.records)]
        # mapped once, here: the line makes no view of memory in its cycle
        self.record_words = [segment.words(at, RECORD_WORDS, read_only=read_only) for at in spans]
        self.record_reals = [segment.reals(at, RECORD_WORDS, read_only=read_only) for at in spans]

    @classmethod
    def attach(cls, station: str) -> Self:
        """Map the journal that the supervisor made."""
        return cls.of(Segment.attach(journal_path(station)))

    @classmethod
    def of(cls, segment: Segment) -> Self:
        """In memory that somebody has mapped; SegmentError where that holds no journal of ours."""
        head = segment.words(0, HEAD_WORDS) if segment.size > HEAD_BYTES else [0] * HEAD_WORDS
        # checked before anything is mapped by it: another version may have something else there
        layout = head[LAYOUT_AT]
        segment.fence()
        about = head[ABOUT_BYTES]
        if layout != LAYOUT or not 0 <= about <= segment.size - HEAD_BYTES - RECORD_BYTES:
            raise SegmentError(
                f"shared memory {segment.path}: expected a journal of layout {LAYOUT}, got "
                f"{layout}: another version of gonogo made it; stop that one first"
            )
        return cls(segment)

    @property
    def in_hand(self) -> bool:
        """Whether a part is begun or refused and has no entry that anybody could read."""
        stamp = self.words[WRITTEN] + 1
        words = self.record_words[self.words[WRITTEN] % self.records]
        begun = words[0] == stamp and stamp in {words[1], words[IN_HAND]}
        return begun or bool(self.refusals.open())

    def close(self) -> None:
        """Drop this process's views of the ring."""
        self.refusals.close()
        self.record_words.clear()
        self.record_reals.clear()
        self.segment.close()


def journal_path(station: str) -> Path:
    """Where the journal of a station lies."""
    return segment_path(station, "journal")
