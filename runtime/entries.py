"""What stands in one record of the verdict journal, and how it is read back.

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

from enum import IntEnum
from typing import NamedTuple

from gonogo.runtime.parts import Check, Kind, Look, Mode, Part, Reason, Score, Status

VIEWS_AT, CHECKS_AT = 32, 96


class Entry(IntEnum):
    """Record word 2."""

    VERDICT = 1
    DELIVERY = 2
    SHADOW = 3


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


class ShadowEntry(NamedTuple):
    """What the other engine place would have said of a part that was judged without it."""

    serial: int
    part_id: int
    kind: Kind
    reason: Reason
    score: int
    engine: Kind
    scores: tuple[Score | None, ...]


AnyEntry = VerdictEntry | DeliveryEntry | ShadowEntry


def decode(words: memoryview[int], reals: memoryview[float]) -> AnyEntry:
    """The entry in the words of one record; `reals` are the same bytes as float64."""
    if words[2] == Entry.DELIVERY:
        return _delivery(words)
    return _shadow(words, reals) if words[2] == Entry.SHADOW else _verdict(words, reals)


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
        checks=tuple(_check(words, reals, CHECKS_AT + 4 * c) for c in checks),
        recipe=words[22],
    )


def _look(words: memoryview[int], view: int) -> Look:
    at = VIEWS_AT + 8 * view
    return Look(view, words[at], words[at + 1], Reason(words[at + 2]))


def _score(words: memoryview[int], reals: memoryview[float], view: int) -> Score | None:
    at = VIEWS_AT + 8 * view
    if words[at + 4] < 0:
        return None
    start_ns, done_ns, engine_id = words[at + 5], words[at + 6], words[at + 7]
    return Score(view, reals[at + 3], start_ns, done_ns, engine_id, Reason(words[at + 4]))


def _check(words: memoryview[int], reals: memoryview[float], at: int) -> Check:
    return Check(Status(words[at]), reals[at + 1], reals[at + 2], reals[at + 3])


def _shadow(words: memoryview[int], reals: memoryview[float]) -> ShadowEntry:
    return ShadowEntry(
        serial=words[3],
        part_id=words[4],
        kind=Kind(words[5]),
        reason=Reason(words[6]),
        score=words[8],
        engine=Kind(words[10]),
        scores=tuple(_score(words, reals, view) for view in range(words[11])),
    )
