"""The verdict journal: a ring of fixed records that the line writes and anyone may read.

The line never waits for a reader: each reader keeps its own cursor, and what was
overwritten before it came by is counted as lost to that reader.

    segment   | 8 words | record 0 | ... | record n-1 |
    words     0 next sequence  1 made at (wall ns)  2 taken by records
    record    256 words of 8 bytes (gonogo.runtime.entries)
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.runtime.entries import CHECKS_AT, VIEWS_AT, DeliveryEntry, Entry, decode
from gonogo.runtime.shm import Segment, segment_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gonogo.runtime.entries import AnyEntry, Stamps
    from gonogo.runtime.parts import Check, Look, Part, Score, Verdict

RECORD_WORDS = 256
RECORD_BYTES = RECORD_WORDS * 8
HEAD_BYTES = 64
RECORDS = 1024
MAX_VIEWS = 8
MAX_CHECKS = 32
_MADE_NS, _TAKEN = 1, 2  # of the head


class Journal:
    """Both ends of the ring; only the line calls `append` and `deliver`."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._next = segment.words(0, 8)
        self.recipe = 1  # in force; written with every part
        self.records = (segment.size - HEAD_BYTES) // RECORD_BYTES
        spans = [HEAD_BYTES + k * RECORD_BYTES for k in range(self.records)]
        self._words = [segment.words(at, RECORD_WORDS) for at in spans]
        self._reals = [segment.reals(at, RECORD_WORDS) for at in spans]

    @classmethod
    def create(cls, station: str, records: int = RECORDS) -> Journal:
        """Make the journal of a station with room for `records` entries."""
        size = HEAD_BYTES + records * RECORD_BYTES
        journal = cls(Segment.create(journal_path(station), size))
        journal._next[_MADE_NS] = time.time_ns()
        return journal

    @classmethod
    def attach(cls, station: str) -> Journal:
        """Map the journal that the supervisor made."""
        return cls(Segment.attach(journal_path(station)))

    # -- the line's side ---------------------------------------------------------------

    def append(
        self,
        part: Part,
        verdict: Verdict,
        stamps: Stamps,
        looks: Sequence[Look],
        scores: Sequence[Score | None],
        checks: Sequence[Check],
    ) -> None:
        """Write one judged part: some hundred aligned stores, no lock, no wait."""
        words, reals = self._begin(Entry.VERDICT, part.serial, part.part_id)
        words[5], words[6], words[7] = verdict.kind, verdict.reason, verdict.mode
        words[8], words[9], words[10] = verdict.score, verdict.rules, verdict.engine
        words[11], words[12] = len(looks), len(checks)
        words[13], words[14] = part.trigger_ns, part.camera_deadline_ns
        words[15], words[16] = part.engine_deadline_ns, part.deadline_ns
        words[17], words[18], words[19], words[20], words[21] = stamps
        words[22] = self.recipe
        for look in looks:
            at = VIEWS_AT + 8 * look.view
            words[at], words[at + 1], words[at + 2] = look.slot, look.frame_ns, look.fault
            words[at + 4] = -1  # no score, unless one follows
        _put_scores(words, reals, scores)
        at = CHECKS_AT
        for check in checks:
            words[at] = check.status
            reals[at + 1], reals[at + 2], reals[at + 3] = check.value, check.low, check.high
            at += 4
        self._commit(words)

    def shade(self, part: Part, verdict: Verdict, scores: Sequence[Score | None]) -> None:
        """Write what the other engine place would have said of a part."""
        words, reals = self._begin(Entry.SHADOW, part.serial, part.part_id)
        words[5], words[6], words[7] = verdict.kind, verdict.reason, verdict.mode
        words[8], words[10], words[11] = verdict.score, verdict.engine, len(scores)
        for view in range(len(scores)):
            words[VIEWS_AT + 8 * view + 4] = -1
        _put_scores(words, reals, scores)
        self._commit(words)

    def deliver(self, entry: DeliveryEntry) -> None:
        """Write what became of a verdict at the PLC."""
        words, _ = self._begin(Entry.DELIVERY, entry.serial, entry.part_id)
        words[5], words[6] = entry.kind, entry.reason
        words[24], words[25] = entry.sequence, entry.published_ns
        words[26], words[27] = entry.acked_ns, entry.delivered
        self._commit(words)

    def _begin(
        self, kind: Entry, serial: int, part_id: int
    ) -> tuple[memoryview[int], memoryview[float]]:
        sequence = self._next[0]
        words = self._words[sequence % self.records]
        words[0] = sequence + 1
        words[2], words[3], words[4] = kind, serial, part_id
        return words, self._reals[sequence % self.records]

    def _commit(self, words: memoryview[int]) -> None:
        words[1] = words[0]
        self._next[0] = words[0]

    # -- the readers' side -------------------------------------------------------------

    @property
    def run(self) -> str:
        """Names the run of the station that this journal is of: when it was made, UTC."""
        seconds, ns = divmod(self._next[_MADE_NS], 1_000_000_000)
        return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(seconds))}.{ns // 1_000_000:03d}"

    @property
    def taken(self) -> int:
        """How many entries records has dealt with; a records process started anew goes on there."""
        return self._next[_TAKEN]

    @taken.setter
    def taken(self, entries: int) -> None:
        self._next[_TAKEN] = entries

    @property
    def written(self) -> int:
        """How many entries have ever been written."""
        return self._next[0]

    def read(self, sequence: int) -> AnyEntry | None:
        """The entry of that sequence (from 0), or None when it has been overwritten."""
        words = self._words[sequence % self.records]
        stamp = sequence + 1
        if words[0] != stamp or words[1] != stamp:
            return None
        copy = memoryview(bytes(words))  # what is read here can no longer change underneath
        if words[0] != stamp:
            return None
        return decode(copy.cast("q"), copy.cast("d"))

    def close(self) -> None:
        """Drop this process's views of the ring."""
        self._words.clear()
        self._reals.clear()
        self.segment.close()


class JournalReader:
    """A cursor over a journal: yields what is new, counts what was lost."""

    def __init__(self, journal: Journal, first: int = 0) -> None:
        self._journal = journal
        self._at = first
        self.lost = 0

    @property
    def at(self) -> int:
        """The next entry it will read."""
        return self._at

    def __iter__(self) -> Iterator[AnyEntry]:
        """Everything written since the last call, oldest first."""
        written = self._journal.written
        oldest = max(written - self._journal.records, 0)
        if self._at < oldest:
            self.lost += oldest - self._at
            self._at = oldest
        while self._at < written:
            entry = self._journal.read(self._at)
            self._at += 1
            if entry is None:
                self.lost += 1
            else:
                yield entry


def _put_scores(
    words: memoryview[int], reals: memoryview[float], scores: Sequence[Score | None]
) -> None:
    for score in scores:
        if score is not None:
            at = VIEWS_AT + 8 * score.view
            reals[at + 3] = score.value
            words[at + 4], words[at + 5] = score.fault, score.start_ns
            words[at + 6], words[at + 7] = score.done_ns, score.engine_id


def journal_path(station: str) -> Path:
    """Where the journal of a station lies."""
    return segment_path(station, "journal")
