"""The line's side of the verdict journal: the only writer of its records.

Between its first store for a part and its last, the line may be killed at any one. A record
whose words 0 and 1 are equal is whole; one whose words 0 and 23 are is of a part in hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.ipc.journal_checks import put_checks
from gonogo.ipc.journal_memory import SERIAL, WRITTEN, JournalMemory
from gonogo.ipc.journal_records import (
    IN_HAND,
    MASTER,
    ORDINARY,
    SLOT_BITS,
    VIEWS_AT,
    WHY,
    DeliveryEntry,
    Entry,
    put_scores,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.shm import Segment
    from gonogo.base.words import Part, RuleResult, Score, Verdict, ViewCapture
    from gonogo.ipc.journal_records import StageTimes


class LineJournal(JournalMemory):
    """For the line, its successor, and whoever saves the journal where there is none."""

    read_only = False

    def __init__(self, segment: Segment) -> None:
        super().__init__(segment)
        self.recipe = 1  # in force; written with every part
        self.master = ORDINARY.word  # of the part that is begun next, or in hand

    def begin(self, part: Part) -> None:
        """A part is taken: from here on it has an entry, whatever becomes of the line."""
        stamp = self.words[WRITTEN] + 1
        words = self.record_words[self.words[WRITTEN] % self.records]
        # from here on the entry that stood in this record is gone
        words[0] = stamp
        self.fence()
        words[3], words[4] = part.serial, part.part_id
        words[13], words[14] = part.trigger_ns, part.camera_deadline_ns
        words[15], words[16] = part.engine_deadline_ns, part.deadline_ns
        words[22], words[MASTER] = self.recipe, self.master
        words[IN_HAND] = stamp  # last: what stands above is whole
        # a successor goes on from here; where this was not reached, the record itself says it
        self.words[SERIAL] = part.serial

    def take_over(self) -> int:
        """The line before us has ended: enter what it left unfinished; the last serial it began.

        For its successor, or for whoever saves the journal where there is none.
        """
        head, stamp = self.words, self.words[WRITTEN] + 1
        words = self.record_words[head[WRITTEN] % self.records]
        if words[0] == words[1] == stamp:
            head[WRITTEN] = stamp  # whole, and only not shown yet
        elif words[0] == words[IN_HAND] == stamp:
            words[2] = Entry.UNFINISHED
            head[SERIAL] = words[3]
            self._commit(words)
        return head[SERIAL]

    def append(
        self,
        part: Part,
        verdict: Verdict,
        stamps: StageTimes,
        looks: Sequence[ViewCapture],
        scores: Sequence[Score | None],
        checks: Sequence[RuleResult],
    ) -> None:
        """Write one judged part: some hundred aligned stores, no lock, no wait.

        What the cycle has in hand comes as it is: a record of it all would be one more object
        a part.
        """
        words, reals = self._begin(Entry.VERDICT, part.serial, part.part_id)
        words[5], words[6], words[7] = verdict.kind, verdict.reason, verdict.mode
        words[8], words[9], words[10] = verdict.score, verdict.rules, verdict.engine
        words[11], words[12] = len(looks), len(checks)
        words[13], words[14] = part.trigger_ns, part.camera_deadline_ns
        words[15], words[16] = part.engine_deadline_ns, part.deadline_ns
        words[17], words[18], words[19], words[20], words[21] = stamps
        words[22], words[MASTER] = self.recipe, self.master
        for look in looks:
            at = VIEWS_AT + 8 * look.view
            words[at] = look.slot | look.generation << SLOT_BITS
            words[at + 1], words[at + 2] = look.frame_ns, look.fault
            words[at + 4] = -1  # no score, unless one follows
        put_scores(words, reals, scores)
        put_checks(words, reals, checks)
        self._commit(words)

    def shade(self, part: Part, verdict: Verdict, scores: Sequence[Score | None]) -> None:
        """Write what the other engine place would have said of a part."""
        words, reals = self._begin(Entry.SHADOW, part.serial, part.part_id)
        words[5], words[6], words[7] = verdict.kind, verdict.reason, verdict.mode
        words[8], words[10], words[11] = verdict.score, verdict.engine, len(scores)
        # what an older entry has left there is no score of this part
        for view in range(len(scores)):
            words[VIEWS_AT + 8 * view + 4] = -1
        put_scores(words, reals, scores)
        self._commit(words)

    def deliver(self, entry: DeliveryEntry) -> None:
        """Write what became of a verdict at the PLC."""
        words, _ = self._begin(Entry.DELIVERY, entry.serial, entry.part_id)
        words[5], words[6] = entry.kind, entry.reason
        words[24], words[25] = entry.sequence, entry.published_ns
        words[26], words[27], words[WHY] = entry.acked_ns, entry.delivered, entry.why
        self._commit(words)

    def _begin(
        self, kind: Entry, serial: int, part_id: int
    ) -> tuple[memoryview[int], memoryview[float]]:
        sequence = self.words[WRITTEN]
        words = self.record_words[sequence % self.records]
        # the tail still bears an older number, so that nobody reads it half written
        words[0] = sequence + 1
        self.fence()
        words[2], words[3], words[4] = kind, serial, part_id
        return words, self.record_reals[sequence % self.records]

    def _commit(self, words: memoryview[int]) -> None:
        # the tail makes it whole, the count shows it; killed in between, `take_over` shows it
        self.fence()
        words[1] = words[0]
        self.fence()
        self.words[WRITTEN] = words[0]
