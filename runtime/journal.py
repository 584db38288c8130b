"""The verdict journal: a ring of fixed records that the line writes and anyone may read.

The line never waits for a reader: each reader keeps its own cursor, and what was
overwritten before it came by is counted as lost to that reader.

    segment   | 8 words | record 0 | ... | record n-1 |
    words     0 next sequence  1 made at (wall ns)  2 taken by records
    record    256 words of 8 bytes (integers, or float64 where marked f)
              0 head  1 tail  2 kind  3 serial  4 part id  5 verdict  6 reason  7 mode
              8 score word  9 rules alone  10 engine alone  11 views  12 checks
              13.. deadlines: trigger, camera, engine, deadline
              17.. stamps: frame, rules done, engine done, decided, reported
              22 recipe
              24 publish sequence  25 published ns  26 acknowledged ns  27 delivered (0/1)
              32 + 8v  view v: slot, frame ns, fault, score f, score fault, start ns, done ns,
                       engine id
              96 + 4c  check c: status, value f, low f, high f
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.runtime.parts import Check, Kind, Look, Mode, Part, Reason, Score, Status
from gonogo.runtime.shm import Segment, segment_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gonogo.runtime.parts import Verdict

RECORD_WORDS = 256
RECORD_BYTES = RECORD_WORDS * 8
HEAD_BYTES = 64
RECORDS = 1024
MAX_VIEWS = 8
MAX_CHECKS = 32
_VIEWS_AT, _CHECKS_AT = 32, 96
_MADE_NS, _TAKEN = 1, 2  # of the head


class Entry(IntEnum):
    """Record word 2."""

    VERDICT = 1
    DELIVERY = 2


class Stamps(NamedTuple):
    """When each stage of a part ended, absolute monotonic ns; 0 where it did not happen."""

    frame_ns: int
    rules_ns: int
    engine_ns: int
    decided_ns: int
    reported_ns: int


class VerdictEntry(NamedTuple):
    """One judged part, as read back from the ring."""

    part: Part
    stamps: Stamps
    kind: Kind
    reason: Reason
    mode: Mode
    score: int
    rules: Kind
    engine: Kind
    looks: tuple[Look, ...]
    scores: tuple[Score | None, ...]
    checks: tuple[Check, ...]
    recipe: int = 1


class DeliveryEntry(NamedTuple):
    """What became of a verdict at the PLC; `acked_ns` is 0 when it was never acknowledged."""

    serial: int
    part_id: int
    sequence: int
    published_ns: int
    acked_ns: int
    delivered: bool
    kind: Kind  # as delivered: a verdict that came too late is delivered as a reject
    reason: Reason


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
            at = _VIEWS_AT + 8 * look.view
            words[at], words[at + 1], words[at + 2] = look.slot, look.frame_ns, look.fault
            words[at + 4] = -1  # no score, unless one follows
        for score in scores:
            if score is not None:
                at = _VIEWS_AT + 8 * score.view
                reals[at + 3] = score.value
                words[at + 4], words[at + 5] = score.fault, score.start_ns
                words[at + 6], words[at + 7] = score.done_ns, score.engine_id
        at = _CHECKS_AT
        for check in checks:
            words[at] = check.status
            reals[at + 1], reals[at + 2], reals[at + 3] = check.value, check.low, check.high
            at += 4
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

    def read(self, sequence: int) -> VerdictEntry | DeliveryEntry | None:
        """The entry of that sequence (from 0), or None when it has been overwritten."""
        words = self._words[sequence % self.records]
        stamp = sequence + 1
        if words[0] != stamp or words[1] != stamp:
            return None
        copy = memoryview(bytes(words))  # what is read here can no longer change underneath
        if words[0] != stamp:
            return None
        words = copy.cast("q")
        return _delivery(words) if words[2] == Entry.DELIVERY else _verdict(words, copy.cast("d"))

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

    def __iter__(self) -> Iterator[VerdictEntry | DeliveryEntry]:
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


def journal_path(station: str) -> Path:
    """Where the journal of a station lies."""
    return segment_path(station, "journal")


def _delivery(words: memoryview[int]) -> DeliveryEntry:
    return DeliveryEntry(
        serial=words[3],
        part_id=words[4],
        sequence=words[24],
        published_ns=words[25],
        acked_ns=words[26],
        delivered=bool(words[27]),
        kind=Kind(words[5]),
        reason=Reason(words[6]),
    )


def _verdict(words: memoryview[int], reals: memoryview[float]) -> VerdictEntry:
    views, checks = range(words[11]), range(words[12])
    return VerdictEntry(
        part=Part(words[3], words[4], *words[13:17]),
        stamps=Stamps(*words[17:22]),
        kind=Kind(words[5]),
        reason=Reason(words[6]),
        mode=Mode(words[7]),
        score=words[8],
        rules=Kind(words[9]),
        engine=Kind(words[10]),
        looks=tuple(_look(words, view) for view in views),
        scores=tuple(_score(words, reals, view) for view in views),
        checks=tuple(_check(words, reals, _CHECKS_AT + 4 * c) for c in checks),
        recipe=words[22],
    )


def _look(words: memoryview[int], view: int) -> Look:
    at = _VIEWS_AT + 8 * view
    return Look(view, words[at], words[at + 1], Reason(words[at + 2]))


def _score(words: memoryview[int], reals: memoryview[float], view: int) -> Score | None:
    at = _VIEWS_AT + 8 * view
    if words[at + 4] < 0:
        return None
    start_ns, done_ns, engine_id = words[at + 5], words[at + 6], words[at + 7]
    return Score(view, reals[at + 3], start_ns, done_ns, engine_id, Reason(words[at + 4]))


def _check(words: memoryview[int], reals: memoryview[float], at: int) -> Check:
    return Check(Status(words[at]), reals[at + 1], reals[at + 2], reals[at + 3])
