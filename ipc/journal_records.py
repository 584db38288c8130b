"""What stands in one record of the verdict journal, and how it is read back.

record    256 words of 8 bytes (integers, or float64 where marked f)
          0 head  1 tail  2 kind  3 serial  4 part id  5 verdict  6 reason  7 mode
          8 score word  9 rules alone  10 engine alone  11 views  12 checks
          13.. deadlines: trigger, camera, engine, deadline
          17.. stamps: frame, rules done, engine done, decided, reported
          22 recipe  23 in hand: equal to word 0 from the trigger on (gonogo.ipc.journal_line)
          24 publish sequence  25 published ns  26 acknowledged ns  27 delivered (0/1)
          28 master part: kind | answer << 4, 0 of every other part
          29 why it was not delivered, 0 where it was
          32 + 8v  view v: slot | generation << 16, frame ns, fault, score f, score fault,
                   start ns, done ns, engine id
          96 + 4c  check c, and behind the last one the texts (gonogo.ipc.journal_checks)
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import (
    MasterAnswer,
    MasterPart,
    Mode,
    Part,
    Reason,
    Score,
    Undelivered,
    VerdictKind,
    ViewCapture,
)
from gonogo.ipc.journal_checks import RECORD_WORDS, checks_of, end_of_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import RuleResult

RECORD_BYTES = RECORD_WORDS * 8
IN_HAND, MASTER, WHY, VIEWS_AT = 23, 28, 29, 32
SLOT_BITS = 16  # of the word with slot and generation: at 1000 parts a second for 4000 years
_SLOT = (1 << SLOT_BITS) - 1


class Entry(IntEnum):
    """Record word 2."""

    VERDICT = 1
    DELIVERY = 2
    SHADOW = 3
    UNFINISHED = 4


class StageTimes(NamedTuple):
    """When each stage of a part ended, absolute monotonic ns; 0 where it did not happen."""

    frame_ns: int
    rules_ns: int
    engine_ns: int
    decided_ns: int
    reported_ns: int


class Mastered(NamedTuple):
    """Of a part that was shown as a master part: as which, and what came of it."""

    part: MasterPart
    answer: MasterAnswer

    @property
    def word(self) -> int:
        """Record word 28."""
        return self.part | self.answer << 4

    @classmethod
    def of(cls, word: int) -> Mastered:
        """From that word; ValueError where it is none."""
        return cls(MasterPart(word & 15), MasterAnswer(word >> 4))


ORDINARY = Mastered(MasterPart.NONE, MasterAnswer.NONE)


class VerdictEntry(NamedTuple):
    """One judged part, as read back from the ring."""

    part: Part
    stamps: StageTimes
    kind: VerdictKind
    reason: Reason
    mode: Mode
    score: int
    rules: VerdictKind
    engine: VerdictKind
    looks: tuple[ViewCapture, ...]
    scores: tuple[Score | None, ...]
    checks: tuple[RuleResult, ...]
    recipe: int = 1
    master: Mastered = ORDINARY


class DeliveryEntry(NamedTuple):
    """What became of a verdict at the PLC; `acked_ns` is 0 when it was never acknowledged.

    `why`: what kept it from the PLC, NONE where it was delivered.
    """

    serial: int
    part_id: int
    sequence: int
    published_ns: int
    acked_ns: int
    delivered: bool
    # as shown to the PLC, where it was: a verdict that came too late is delivered as a reject
    kind: VerdictKind
    reason: Reason
    why: Undelivered = Undelivered.NONE


class ShadowEntry(NamedTuple):
    """What the other engine place would have said of a part that was judged without it."""

    serial: int
    part_id: int
    kind: VerdictKind
    reason: Reason
    score: int
    engine: VerdictKind
    scores: tuple[Score | None, ...]


class UnfinishedEntry(NamedTuple):
    """A part that was begun and whose line ended: what the PLC was told of it is not known."""

    part: Part
    recipe: int = 1
    master: Mastered = ORDINARY


AnyEntry = VerdictEntry | DeliveryEntry | ShadowEntry | UnfinishedEntry


def decode(raw: bytes) -> AnyEntry:
    """The entry in one record, whose end may be cut off; ValueError when it is none."""
    # the end that `used` has cut off was zeros, or of an older entry
    whole = memoryview(raw.ljust(RECORD_BYTES, b"\0"))
    words, reals = whole.cast("q"), whole.cast("d")
    kind = Entry(words[2])
    if kind is Entry.DELIVERY:
        return _delivery(words)
    if kind is Entry.UNFINISHED:
        return UnfinishedEntry(_part(words), words[22], Mastered.of(words[MASTER]))
    return _shadow(words, reals) if kind is Entry.SHADOW else _verdict(words, reals)


def used(words: memoryview[int]) -> int:
    """How many words of a record say something; what follows is of an older one."""
    # of a record that may be torn: its counts are believed only within its bounds
    kind, views, checks = words[2], words[11], words[12]
    if kind == Entry.VERDICT and checks > 0:
        return end_of_checks(words, checks)
    if kind in {Entry.VERDICT, Entry.SHADOW} and views > 0:
        return min(VIEWS_AT + 8 * views, RECORD_WORDS)
    return VIEWS_AT


def _delivery(words: memoryview[int]) -> DeliveryEntry:
    return DeliveryEntry(
        serial=words[3],
        part_id=words[4],
        sequence=words[24],
        published_ns=words[25],
        acked_ns=words[26],
        delivered=bool(words[27]),
        kind=VerdictKind(words[5]),
        reason=Reason(words[6]),
        why=Undelivered(words[WHY]),
    )


def _verdict(words: memoryview[int], reals: memoryview[float]) -> VerdictEntry:
    views = range(words[11])
    return VerdictEntry(
        part=_part(words),
        stamps=StageTimes(*words[17:22]),
        kind=VerdictKind(words[5]),
        reason=Reason(words[6]),
        mode=Mode(words[7]),
        score=words[8],
        rules=VerdictKind(words[9]),
        engine=VerdictKind(words[10]),
        looks=tuple(_look(words, view) for view in views),
        scores=tuple(_score(words, reals, view) for view in views),
        checks=tuple(checks_of(words, reals, words[12])),
        recipe=words[22],
        master=Mastered.of(words[MASTER]),
    )


def _part(words: memoryview[int]) -> Part:
    return Part(words[3], words[4], *words[13:17])


def _look(words: memoryview[int], view: int) -> ViewCapture:
    at = VIEWS_AT + 8 * view
    slot, generation = words[at] & _SLOT, words[at] >> SLOT_BITS
    frame_ns, fault = words[at + 1], Reason(words[at + 2])
    return ViewCapture(view, slot, frame_ns, fault, generation=generation)


def _score(words: memoryview[int], reals: memoryview[float], view: int) -> Score | None:
    at = VIEWS_AT + 8 * view
    # -1 says that no score came; every fault has a number from 0 on
    if words[at + 4] < 0:
        return None
    start_ns, done_ns, engine_id = words[at + 5], words[at + 6], words[at + 7]
    return Score(view, reals[at + 3], start_ns, done_ns, engine_id, Reason(words[at + 4]))


def _shadow(words: memoryview[int], reals: memoryview[float]) -> ShadowEntry:
    return ShadowEntry(
        serial=words[3],
        part_id=words[4],
        kind=VerdictKind(words[5]),
        reason=Reason(words[6]),
        score=words[8],
        engine=VerdictKind(words[10]),
        scores=tuple(_score(words, reals, view) for view in range(words[11])),
    )


def put_scores(
    words: memoryview[int], reals: memoryview[float], scores: Sequence[Score | None]
) -> None:
    """Write the scores that there are into the words of a record."""
    for score in scores:
        if score is not None:
            at = VIEWS_AT + 8 * score.view
            reals[at + 3] = score.value
            words[at + 4], words[at + 5] = score.fault, score.start_ns
            words[at + 6], words[at + 7] = score.done_ns, score.engine_id


def overrun(part: Part, stamps: StageTimes) -> str:
    """The first stage that ended after its own deadline, or ''."""
    # in the order of the cycle: the first that was late is the cause
    if stamps.frame_ns > part.camera_deadline_ns:
        return "camera"
    if stamps.rules_ns > part.engine_deadline_ns:
        return "rules"
    if stamps.reported_ns > part.deadline_ns:
        return "report"
    return ""


class Pair(NamedTuple):
    """One part that both engines judged: score words, opinions of the engine alone, and times."""

    serial: int
    part_id: int
    active_score: int
    shadow_score: int
    active_kind: VerdictKind
    shadow_kind: VerdictKind
    active_ms: float
    shadow_ms: float

    @property
    def agrees(self) -> bool:
        """Whether both say the same of the part."""
        return self.active_kind is self.shadow_kind
