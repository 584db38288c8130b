"""The verdict journal: a ring of fixed records that the line writes and anyone may read.

The line never waits for a reader: each reader keeps its own cursor, and what was
overwritten before it came by is counted as lost to that reader.

A part takes its record at its trigger and completes it after its verdict went to the PLC. A
line that ends in between leaves it unfinished, and `take_over` enters it as that: no part
that was begun is without an entry. Records is told in `about` what the numbers mean, so that
a journal can be read when nothing else is left of its station.

The line writes it (gonogo.ipc.journal_line); the memory itself: gonogo.ipc.journal_memory.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from gonogo.base.shm import Segment, boot_tag
from gonogo.base.words_in_memory import owned, stamp, word
from gonogo.ipc.journal_line import LineJournal
from gonogo.ipc.journal_memory import (
    ABOUT_BYTES,
    ASIDES,
    COUNTED,
    HEAD_BYTES,
    HEAD_WORDS,
    LAYOUT,
    LAYOUT_AT,
    LOST,
    MADE_NS,
    RANDOM,
    RECORDS,
    TAKEN,
    UNTOLD,
    WRITTEN,
    JournalMemory,
    journal_path,
)
from gonogo.ipc.journal_records import RECORD_BYTES, decode, used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from gonogo.ipc.journal_records import AnyEntry

MAX_VIEWS = 8  # what fits between VIEWS_AT and CHECKS_AT of a record
MAX_CHECKS = 32  # of 40 that would fit behind CHECKS_AT


class JournalView(JournalMemory):
    """What anybody may read of the journal; nothing of it can be written."""

    written = stamp(WRITTEN, "How many entries have ever been written.")
    taken = word(TAKEN, "How many entries records has dealt with; its successor goes on there.")
    untold = word(UNTOLD, "How many entries records has lost and not told the database of yet.")
    lost = word(LOST, "How many entries records has lost since the journal was made.")
    asides = word(ASIDES, "How many damaged databases records has set aside since then.")
    counted = word(COUNTED, "How many entries are in the figures; who counts next goes on there.")

    @property
    def run(self) -> str:
        """Names the run of the station that this journal is of, and no other of any box.

        When it was made (UTC), the boot, and random bits: a box without a clock battery
        begins each day at the same time.
        """
        seconds, ns = divmod(self.words[MADE_NS], 1_000_000_000)
        wall = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(seconds))}.{ns // 1_000_000:03d}"
        return f"{wall}-{boot_tag()}-{self.words[RANDOM]:012x}"

    @property
    def about(self) -> str:
        """What records must know to make rows of the entries: JSON, from `create`."""
        return self.segment.get(HEAD_BYTES, self.words[ABOUT_BYTES]).decode()

    def read(self, sequence: int) -> AnyEntry | None:
        """The entry of that sequence (from 0), or None when it has been overwritten."""
        raw = self.copy(sequence)
        return None if raw is None else decode(raw)

    def copy(self, sequence: int) -> bytes | None:
        """The same as it stands in the ring, without what is left there of older ones."""
        words = self.record_words[sequence % self.records]
        stamp = sequence + 1
        # head and tail: of an older or newer entry, or half written
        if words[0] != stamp or words[1] != stamp:
            return None
        self.fence()
        copy = memoryview(bytes(words))  # what is read here can no longer change underneath
        self.fence()
        if words[0] != stamp:
            return None
        return bytes(copy[: 8 * used(copy.cast("q"))])


class RecordsJournal(JournalView):
    """For the records process: it says how far it is, so that its successor knows."""

    read_only = False
    taken = owned(JournalView.taken, TAKEN)
    untold = owned(JournalView.untold, UNTOLD)
    lost = owned(JournalView.lost, LOST)
    asides = owned(JournalView.asides, ASIDES)


class CountedJournal(JournalView):
    """For the process that counts: it says how far it is, so that its successor knows."""

    read_only = False
    counted = owned(JournalView.counted, COUNTED)


class Journal(LineJournal, RecordsJournal):
    """For whoever plays both parts: the maker of the station, salvage, and benches."""

    @classmethod
    def create(cls, station: str, records: int = RECORDS, about: str = "{}") -> Self:
        """Make the journal of a station with room for `records` entries, labelled `about`."""
        text = about.encode()
        # so that records begin at a whole word: one aligned store each
        text += b" " * (-len(text) % 8)  # JSON may end in blanks
        size = HEAD_BYTES + len(text) + records * RECORD_BYTES
        return cls.lay_out(Segment.create(journal_path(station), size), text)

    @classmethod
    def lay_out(cls, segment: Segment, about: bytes) -> Self:
        """Make zeroed memory a journal that is labelled `about`, which ends at a whole word."""
        segment.put(HEAD_BYTES, about)
        head = segment.words(0, HEAD_WORDS)
        head[MADE_NS], head[RANDOM] = time.time_ns(), secrets.randbits(48)
        head[ABOUT_BYTES] = len(about)
        # the layout last: until it stands there nobody attaches
        segment.fence()
        head[LAYOUT_AT] = LAYOUT
        return cls(segment)


class JournalReader:
    """A cursor over a journal: yields what is new, counts what was lost."""

    def __init__(self, journal: JournalView, first: int = 0) -> None:
        self._journal = journal
        self._at = first
        self.lost = 0

    @property
    def at(self) -> int:
        """The next entry it will read."""
        return self._at

    def __iter__(self) -> Iterator[AnyEntry]:
        """Everything written since the last call, oldest first."""
        return map(decode, self.raws())

    def raws(self) -> Iterator[bytes]:
        """The same as it stands in the ring; what was lost by then is counted."""
        written = self._journal.written
        oldest = max(written - self._journal.records, 0)
        # the line does not wait: go on with the oldest entry that is still there
        if self._at < oldest:
            self.lost += oldest - self._at
            self._at = oldest
        while self._at < written:
            # overwritten since we asked for the count: lost as well, and counted
            raw = self._journal.copy(self._at)
            self._at += 1
            if raw is None:
                self.lost += 1
            else:
                yield raw
