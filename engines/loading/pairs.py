"""Two engines on the same part: verdicts and shadow judgements of the journal, joined."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS, VerdictKind
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.journal_records import ORDINARY, Pair, ShadowEntry, VerdictEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Score
    from gonogo.ipc.journal import JournalView

KEPT = 100_000  # pairs, the last ones; nobody may ask for more, or the shadow never ended
OPEN = 256  # parts whose shadow may still come; most parts never have one

EngineIds = tuple[int | None, ...]  # a view each; None: whoever it is


class Pairs:
    """Follows the journal; `pairs` are those since `begin`, the last KEPT of them."""

    def __init__(self, journal: JournalView) -> None:
        # from now on; entries that the line overwrites before a tick has read them make no pairs
        self._reader = JournalReader(journal, journal.written)
        self._verdicts: dict[int, VerdictEntry] = {}
        self._judging: EngineIds = ()
        self._asked: EngineIds = ()
        self.pairs: deque[Pair] = deque(maxlen=KEPT)

    def begin(self, judging: EngineIds, asked: EngineIds) -> None:
        """From now on, of these engines only: entries of a moment ago may be of others."""
        self._judging, self._asked = judging, asked
        self._verdicts.clear()  # a shadow that comes yet is of an engine that was asked before
        self.pairs.clear()

    def read(self) -> tuple[Pair, ...]:
        """What has come since the last call."""
        found = tuple(pair for entry in self._reader for pair in self._take(entry))
        self.pairs.extend(found)
        return found

    def _take(self, entry: object) -> Sequence[Pair]:
        if isinstance(entry, VerdictEntry):
            if entry.master != ORDINARY:  # chosen to be good or bad: it says nothing of parts
                return ()
            self._verdicts[entry.part.serial] = entry
            if len(self._verdicts) > OPEN:
                self._verdicts.pop(next(iter(self._verdicts)))  # the oldest: dicts keep their order
        elif isinstance(entry, ShadowEntry):
            verdict = self._verdicts.pop(entry.serial, None)
            if verdict is not None and self._comparable(verdict, entry):
                return (pair_of(verdict, entry),)
        return ()

    def _comparable(self, verdict: VerdictEntry, shadow: ShadowEntry) -> bool:
        """Whether both engines gave a score, and are the two that are compared."""
        said = VerdictKind.NONE not in {verdict.engine, shadow.engine}
        return said and _of(verdict.scores, self._judging) and _of(shadow.scores, self._asked)


def pair_of(verdict: VerdictEntry, shadow: ShadowEntry) -> Pair:
    """Both judgements of one part."""
    return Pair(
        serial=verdict.part.serial,
        part_id=verdict.part.part_id,
        active_score=verdict.score,
        shadow_score=shadow.score,
        active_kind=verdict.engine,
        shadow_kind=shadow.engine,
        active_ms=_longest_ms(verdict.scores),
        shadow_ms=_longest_ms(shadow.scores),
    )


def _of(scores: Sequence[Score | None], ids: EngineIds) -> bool:
    # not strict: ids are of all views that a slot has room for, or of none where any will do
    return all(
        score is None or known is None or score.engine_id == known
        for score, known in zip(scores, ids, strict=False)
    )


def _longest_ms(scores: Sequence[Score | None]) -> float:
    took_ns = (score.done_ns - score.start_ns for score in scores if score is not None)
    return max(took_ns, default=0) / NS_PER_MS
