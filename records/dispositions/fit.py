"""Whether a word fits: the verdict that it is about, its reason code, and who says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gonogo.base.errors import DispositionUnfit
from gonogo.base.plain_text import LONGEST, harmless
from gonogo.base.words import VerdictKind
from gonogo.records.dispositions.words import Means, Word, says_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gonogo.records.dispositions.said import KnownPart, Request

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
WHO_MAX = 64
NOTE_ROUGHLY = 4 * LONGEST  # with blanks that are many
# verdicts of which a word can be said, and what fits one that it cannot be said of
_FITS = {
    Word.FALSE_REJECT: (
        {VerdictKind.REJECT, VerdictKind.RECHECK, VerdictKind.NOT_INSPECTED, VerdictKind.NONE},
        "it was accepted: confirmed says that this was right, missed-defect that it was not",
    ),
    Word.MISSED_DEFECT: (
        {VerdictKind.ACCEPT, VerdictKind.RECHECK},
        "it was thrown out: confirmed says that this was right, false-reject that it was not",
    ),
}


def fitting(verdict: VerdictKind) -> list[Word]:
    """The words that can be said of a part with that verdict."""
    return [word for word in Word if word not in _FITS or verdict in _FITS[word][0]]


def written(request: Request) -> Request:
    """The same with its texts made harmless; DispositionUnfit for what is too long."""
    if not REQUEST_ID.fullmatch(request.request_id):
        raise DispositionUnfit(
            f"request id {harmless(request.request_id, 64)!r}: expected 1 to 64 of "
            "A-Z a-z 0-9 . _ -"
        )
    who = harmless(request.who, WHO_MAX)
    if not who:
        raise DispositionUnfit("a disposition without a person: expected a login name")
    return request._replace(note=_note(request.note), who=who)


def check(
    request: Request, known: KnownPart, codes: Mapping[str, Means], supervisors: Collection[str]
) -> None:
    """DispositionUnfit says what would fit instead."""
    if request.code and request.code not in codes:
        raise DispositionUnfit(
            f"reason code {harmless(request.code, 64)!r}: expected one of {', '.join(codes)} "
            "([[dispositions.reason_code]] of the station file)"
        )
    verdicts, instead = _FITS.get(request.word, (set(VerdictKind), ""))
    if known.verdict not in verdicts:
        raise DispositionUnfit(
            f"{typed(request.word)} does not fit part {known.part_id}, whose verdict was "
            f"{known.verdict.name}: {instead}; unsure always fits"
        )
    _check_code(request, known, codes)
    if request.decides and request.who not in supervisors:
        raise DispositionUnfit(
            f"{request.who} decides nothing here: expected one of "
            f"{', '.join(supervisors) or 'nobody yet'} (`supervisors` in [dispositions] of the "
            "station file); without --decide it stands as one more opinion"
        )


def _note(text: str) -> str:
    note = harmless(text, LONGEST + 1)
    if len(note) > LONGEST or len(text) > NOTE_ROUGHLY:
        raise DispositionUnfit(
            f"note: expected at most {LONGEST} characters, got {len(text)}; nothing was written"
        )
    return note


def _check_code(request: Request, known: KnownPart, codes: Mapping[str, Means]) -> None:
    """A code against the word: who calls it good and a scratch has slipped in one of them."""
    means = codes.get(request.code)
    says = says_of(request.word, known.verdict, known.reason)
    if says is not None and means in {Means.GOOD, Means.DEFECT} and means is not says:
        fitting = ", ".join(code for code, each in codes.items() if each is not means)
        raise DispositionUnfit(
            f"{typed(request.word)} says of part {known.part_id} ({known.verdict.name}) that it is "
            f"{_OF[says]}, the reason code {request.code} that it is {_OF[means]}: expected one of "
            f"{fitting}, none, or another word"
        )


_OF = {Means.GOOD: "good", Means.DEFECT: "a defect"}


def typed(word: Word) -> str:
    """As people type it."""
    return word.name.lower().replace("_", "-")
