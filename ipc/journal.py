"""The verdict journal: a ring of fixed records that the line writes and anyone may read.

The line never waits for a reader: each reader keeps its own cursor, and what was
overwritten before it came by is counted as lost to that reader.

A part takes its record at its trigger and completes it after its verdict went to the PLC. A
line that ends in between leaves it unfinished, and `take_over` enters it as that: no part
that was begun is without an entry. Records is told in `about` what the numbers mean, so that
a journal can be read when nothing else is left of its station.

    segment   | 64 words | about (JSON) | record 0 | ... | record n-1 |
    words     0 next sequence  1 made at (wall ns)  2 taken by records  3 random
              4 layout  5 bytes of about  6 lost to records and not told yet
              7 last serial begun  16.. parts refused by the link (gonogo.ipc.refusals)
    record    256 words of 8 bytes (gonogo.ipc.journal_records)
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import SegmentError
from gonogo.base.shm import Segment, boot_tag, segment_path
from gonogo.ipc import refusals
from gonogo.ipc.journal_records import (
    CHECKS_AT,
    RECORD_BYTES,
    RECORD_WORDS,
    VIEWS_AT,
    DeliveryEntry,
    Entry,
    decode,
    put_scores,
    used,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gonogo.base.words import Part, RuleResult, Score, Verdict, ViewCapture
    from gonogo.ipc.journal_records import AnyEntry, StageTimes

HEAD_WORDS = 64
HEAD_BYTES = 8 * HEAD_WORDS
RECORDS = 1024
MAX_VIEWS = 8
MAX_CHECKS = 32
LAYOUT = 2  # another number: made by another version
_MADE_NS, _TAKEN, _RANDOM, _LAYOUT, _ABOUT_BYTES, _UNTOLD, _SERIAL = range(1, 8)  # of the head
_REFUSALS_AT = 16
_IN_HAND = 23  # of a record


class Journal:
    """Both ends of the ring; only the line calls `append` and `deliver`."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._next = segment.words(0, HEAD_WORDS)
        self.recipe = 1  # in force; written with every part
        first = HEAD_BYTES + self._next[_ABOUT_BYTES]
        self.records = (segment.size - first) // RECORD_BYTES
        spans = [first + k * RECORD_BYTES for k in range(self.records)]
        self._words = [segment.words(at, RECORD_WORDS) for at in spans]
        self._reals = [segment.reals(at, RECORD_WORDS) for at in spans]
        self.refusals = refusals.Refusals(segment.words(8 * _REFUSALS_AT, refusals.WORDS))

    @classmethod
    def create(cls, station: str, records: int = RECORDS, about: str = "{}") -> Journal:
        """Make the journal of a station with room for `records` entries, labelled `about`."""
        text = about.encode()
        text += b" " * (-len(text) % 8)  # JSON may end in blanks
        size = HEAD_BYTES + len(text) + records * RECORD_BYTES
        segment = Segment.create(journal_path(station), size)
        segment.map[HEAD_BYTES : HEAD_BYTES + len(text)] = text
        head = segment.words(0, HEAD_WORDS)
        head[_MADE_NS], head[_RANDOM] = time.time_ns(), secrets.randbits(48)
        head[_ABOUT_BYTES], head[_LAYOUT] = len(text), LAYOUT
        return cls(segment)

    @classmethod
    def attach(cls, station: str) -> Journal:
        """Map the journal that the supervisor made."""
        segment = Segment.attach(journal_path(station))
        head = segment.words(0, HEAD_WORDS) if segment.size > HEAD_BYTES else [0] * HEAD_WORDS
        about = head[_ABOUT_BYTES]
        if head[_LAYOUT] != LAYOUT or not 0 <= about <= segment.size - HEAD_BYTES - RECORD_BYTES:
            raise SegmentError(
                f"shared memory {segment.path}: expected a journal of layout {LAYOUT}, got "
                f"{head[_LAYOUT]}: another version of gonogo made it; stop that one first"
            )
        return cls(segment)

    # -- the line's side ---------------------------------------------------------------

    def begin(self, part: Part) -> None:
        """A part is taken: from here on it has an entry, whatever becomes of the line."""
        stamp = self._next[0] + 1
        words = self._words[self._next[0] % self.records]
        words[0] = stamp
        words[3], words[4] = part.serial, part.part_id
        words[13], words[14] = part.trigger_ns, part.camera_deadline_ns
        words[15], words[16] = part.engine_deadline_ns, part.deadline_ns
        words[22] = self.recipe
        words[_IN_HAND] = stamp  # last: what stands above is whole
        self._next[_SERIAL] = part.serial

    @property
    def in_hand(self) -> bool:
        """Whether a part is begun or refused and has no entry that anybody could read."""
        stamp = self._next[0] + 1
        words = self._words[self._next[0] % self.records]
        begun = words[0] == stamp and stamp in {words[1], words[_IN_HAND]}
        return begun or bool(self.refusals.open())

    def take_over(self) -> int:
        """The line before us has ended: enter what it left unfinished; the last serial it began.

        For its successor, or for whoever saves the journal where there is none.
        """
        head, stamp = self._next, self._next[0] + 1
        words = self._words[head[0] % self.records]
        if words[0] == words[1] == stamp:
            head[0] = stamp  # whole, and only not shown yet
        elif words[0] == words[_IN_HAND] == stamp:
            words[2] = Entry.UNFINISHED
            head[_SERIAL] = words[3]
            self._commit(words)
        return head[_SERIAL]

    def append(
        self,
        part: Part,
        verdict: Verdict,
        stamps: StageTimes,
        looks: Sequence[ViewCapture],
        scores: Sequence[Score | None],
        checks: Sequence[RuleResult],
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
        put_scores(words, reals, scores)
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
        put_scores(words, reals, scores)
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
        """Names the run of the station that this journal is of, and no other of any box.

        When it was made (UTC), the boot, and random bits: a box without a clock battery
        begins each day at the same time.
        """
        seconds, ns = divmod(self._next[_MADE_NS], 1_000_000_000)
        wall = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(seconds))}.{ns // 1_000_000:03d}"
        return f"{wall}-{boot_tag()}-{self._next[_RANDOM]:012x}"

    @property
    def about(self) -> str:
        """What records must know to make rows of the entries: JSON, from `create`."""
        return bytes(self.segment.map[HEAD_BYTES : HEAD_BYTES + self._next[_ABOUT_BYTES]]).decode()

    @property
    def taken(self) -> int:
        """How many entries records has dealt with; a records process started anew goes on there."""
        return self._next[_TAKEN]

    @taken.setter
    def taken(self, entries: int) -> None:
        self._next[_TAKEN] = entries

    @property
    def untold(self) -> int:
        """How many entries records has lost and has not told the database of yet."""
        return self._next[_UNTOLD]

    @untold.setter
    def untold(self, entries: int) -> None:
        self._next[_UNTOLD] = entries

    @property
    def written(self) -> int:
        """How many entries have ever been written."""
        return self._next[0]

    def read(self, sequence: int) -> AnyEntry | None:
        """The entry of that sequence (from 0), or None when it has been overwritten."""
        raw = self.copy(sequence)
        return None if raw is None else decode(raw)

    def copy(self, sequence: int) -> bytes | None:
        """The same as it stands in the ring, without what is left there of older ones."""
        words = self._words[sequence % self.records]
        stamp = sequence + 1
        if words[0] != stamp or words[1] != stamp:
            return None
        copy = memoryview(bytes(words))  # what is read here can no longer change underneath
        if words[0] != stamp:
            return None
        return bytes(copy[: 8 * used(copy.cast("q"))])

    def close(self) -> None:
        """Drop this process's views of the ring."""
        self._words.clear()
        self._reals.clear()
        self.refusals.close()
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
        return map(decode, self.raws())

    def raws(self) -> Iterator[bytes]:
        """The same as it stands in the ring; what was lost by then is counted."""
        written = self._journal.written
        oldest = max(written - self._journal.records, 0)
        if self._at < oldest:
            self.lost += oldest - self._at
            self._at = oldest
        while self._at < written:
            raw = self._journal.copy(self._at)
            self._at += 1
            if raw is None:
                self.lost += 1
            else:
                yield raw


def journal_path(station: str) -> Path:
    """Where the journal of a station lies."""
    return segment_path(station, "journal")
