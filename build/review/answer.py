"""A person's good, bad or unsure of a part as a disposition, which is a word of the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import VerdictKind
from gonogo.build.review.listing import BAD, GOOD
from gonogo.records.dispositions.words import Means, Word, says_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.records.dispositions.said import KnownPart

_CODE = "other-defect"  # where a defect is all that is known of it


class Meant(NamedTuple):
    """The word of a disposition, and its reason code."""

    word: Word
    code: str = ""


def meant(label: str, part: KnownPart, codes: Mapping[str, Means]) -> Meant:
    """What is written down; a part whose verdict says nothing of it needs a code beside it."""
    if label == GOOD:
        accepted = part.verdict is VerdictKind.ACCEPT
        return Meant(Word.CONFIRMED if accepted else Word.FALSE_REJECT)
    if label != BAD:
        return Meant(Word.UNSURE)
    if part.verdict is VerdictKind.ACCEPT:
        return Meant(Word.MISSED_DEFECT)
    if says_of(Word.CONFIRMED, part.verdict, part.reason) is Means.DEFECT:
        return Meant(Word.CONFIRMED)
    return _coded(part, codes)


def _coded(part: KnownPart, codes: Mapping[str, Means]) -> Meant:
    defects = [code for code, means in codes.items() if means is Means.DEFECT]
    if defects:
        return Meant(Word.CONFIRMED, _CODE if _CODE in defects else defects[0])
    # a station file without a code for any defect
    rechecked = part.verdict is VerdictKind.RECHECK
    return Meant(Word.MISSED_DEFECT if rechecked else Word.UNSURE)
