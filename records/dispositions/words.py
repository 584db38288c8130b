"""The words of a disposition: what a person said of a part, and where they were asked."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import NamedTuple

from gonogo.base.words import Reason, VerdictKind


class Word(IntEnum):
    """What a person said of the verdict."""

    CONFIRMED = 1  # it was right
    FALSE_REJECT = 2  # a good part that was not accepted
    MISSED_DEFECT = 3  # a bad part that was not rejected
    UNSURE = 4  # looked at, and not known


class Means(str, Enum):
    """What a reason code says of the part, as the station file has it."""

    GOOD = "good"
    DEFECT = "defect"
    EXCLUDE = "exclude"  # neither: nothing is to be taught from it


class Origin(IntEnum):
    """Where the person was asked."""

    REVIEW = 1  # they looked the part up
    AUDIT = 2  # the sample of accepted parts, with the score hidden
    LIMITS = 3  # the review that limits are set by


class PartKey(NamedTuple):
    """The identity of a part: its run, and its serial number in there."""

    run: str
    serial: int


OVERRIDES = (Word.FALSE_REJECT, Word.MISSED_DEFECT)
# a reject for one of these is of a part that was looked at and found bad; for any other reason
# the part itself may well be good
JUDGED = (Reason.ENGINE, Reason.RULE)


def says_of(word: Word, verdict: VerdictKind, reason: Reason) -> Means | None:
    """What the word alone says of the part, good or a defect; None: its reason code has to."""
    if word is Word.CONFIRMED and verdict is VerdictKind.ACCEPT:
        return Means.GOOD
    if word is Word.CONFIRMED and verdict is VerdictKind.REJECT and reason in JUDGED:
        return Means.DEFECT
    return {Word.FALSE_REJECT: Means.GOOD, Word.MISSED_DEFECT: Means.DEFECT}.get(word)
