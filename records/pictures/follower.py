"""Follows the journal, and copies out of the frame rings what is wanted of each part.

This is the thread that must be in time: it waits for nothing, and reads as many entries as there
are. A part of which the journal was overrun cannot be chosen any more, and is counted.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import Reason, ViewCapture
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.journal_records import DeliveryEntry, UnfinishedEntry, VerdictEntry
from gonogo.records.labels import Clock
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.desk import Job
from gonogo.records.pictures.rows import Row
from gonogo.records.rows import read_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.base.words import Part, Score
    from gonogo.ipc.journal import JournalView
    from gonogo.records.pictures.choice import Chooser, Chosen
    from gonogo.records.pictures.hand import Hand
    from gonogo.records.pictures.ring import Copied, RingReader

WAITING_MAX_BYTES = 64 << 20  # of frames that wait to be written
WAITING_MIN = 4  # frames, however large they are


class View(NamedTuple):
    """One of the station: its name in the records, and its ring."""

    name: str
    ring: RingReader


class Follower:
    """`told`: serials of parts that an earlier process of this run has seen to."""

    def __init__(
        self,
        journal: JournalView,
        views: Sequence[View],
        chooser: Chooser,
        hand: Hand,
        told: set[int] | None = None,
    ) -> None:
        self._journal, self._views, self._chooser = journal, views, chooser
        self._hand, self._told = hand, told or set()
        # all that the journal holds: parts that passed while nobody looked have a miss, at least
        self._reader = JournalReader(journal, max(journal.written - journal.records, 0))
        self._run = journal.run

    @property
    def lost(self) -> int:
        """Entries that were overwritten before they were read."""
        return self._reader.lost

    def catch_up(self, clock: Callable[[], Clock] = Clock.now) -> None:
        """See to every part that came since the last time."""
        for raw in self._reader.raws():
            entry = read_entry(raw)
            if isinstance(entry, VerdictEntry):
                wall_ms = clock().wall_ms(entry.part.trigger_ns)
                self._see_to(self._chooser.choose(entry, wall_ms), clock())
            elif isinstance(entry, DeliveryEntry):
                self._see_to(self._chooser.delivered(entry), clock())
            elif isinstance(entry, UnfinishedEntry):
                self._see_to_unfinished(entry, clock())

    def _see_to(self, chosen: Chosen | None, clock: Clock) -> None:
        if chosen is None or chosen.entry.part.serial in self._told:
            return
        entry, serial = chosen.entry, chosen.entry.part.serial
        scores = {score.view: score for score in entry.scores if score is not None}
        jobs = [
            self._job(entry.part, chosen.kind, look, scores.get(look.view), clock)
            for look in entry.looks
            if look.view < len(self._views)
        ]
        for job in jobs:
            self._hand.give(job)
        if chosen.kind is PictureKind.AUDIT and any(job.copied for job in jobs):
            out = self._chooser.drawn(serial)
            if out is not None:
                self._hand.give(out)

    def _see_to_unfinished(self, entry: UnfinishedEntry, clock: Clock) -> None:
        """A part whose line ended: nobody says where its frames lie, but the frames do."""
        if entry.part.serial in self._told:
            return
        for number, view in enumerate(self._views):
            found = view.ring.find(entry.part.serial)
            if found is not None:
                slot, generation = found
                look = ViewCapture(number, slot, 0, Reason.OK, generation=generation)
                self._hand.give(self._job(entry.part, PictureKind.REJECT, look, None, clock))

    def _job(
        self, part: Part, kind: PictureKind, look: ViewCapture, score: Score | None, clock: Clock
    ) -> Job:
        view = self._views[look.view]
        state, copied = self._copied(view.ring, part.serial, look, score)
        row = Row(self._run, part.serial, look.view, view.name, kind, state)
        return Job(row, hour_of(clock.wall_ms(part.trigger_ns)), copied)

    def _copied(
        self, ring: RingReader, serial: int, look: ViewCapture, score: Score | None
    ) -> tuple[PictureState, Copied | None]:
        if not look.generation:
            return PictureState.NO_FRAME, None
        room = max(WAITING_MAX_BYTES, WAITING_MIN * ring.nbytes)
        if self._hand.waiting_bytes + ring.nbytes > room:
            return PictureState.BEHIND, None
        copied = ring.take(look, serial, score)
        state = PictureState.OVERWRITTEN if copied is None else PictureState.KEPT
        return state, copied


def hour_of(wall_ms: int) -> str:
    """The folder of a time, UTC."""
    return time.strftime("%Y/%m/%d/%H", time.gmtime(wall_ms // 1000))
