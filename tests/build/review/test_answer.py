"""What a person says of a part, as a word of its verdict."""

from __future__ import annotations

import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.build.review.answer import meant
from gonogo.records.dispositions.fit import check
from gonogo.records.dispositions.labels import outcome
from gonogo.records.dispositions.said import KnownPart, Request, made
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.records.dispositions.words import Means, Origin, PartKey, Word

CODES = DispositionsSection().means
VERDICTS = [
    (VerdictKind.ACCEPT, Reason.OK),
    (VerdictKind.REJECT, Reason.ENGINE),
    (VerdictKind.REJECT, Reason.RULE),
    (VerdictKind.REJECT, Reason.DEADLINE),
    (VerdictKind.RECHECK, Reason.ENGINE_DOUBT),
    (VerdictKind.NOT_INSPECTED, Reason.OVERRATE),
    (VerdictKind.NONE, Reason.OK),
]


def part(verdict: VerdictKind, reason: Reason) -> KnownPart:
    """One with that verdict."""
    return KnownPart(4711, 0, verdict, reason, None, "", None, None)


@pytest.mark.parametrize(("verdict", "reason"), VERDICTS)
@pytest.mark.parametrize("label", ["good", "bad", "unsure"])
def test_meant_fits_every_verdict_and_comes_back_as_it_was_said(
    verdict: VerdictKind, reason: Reason, label: str
) -> None:
    """By the rules of the dispositions themselves."""
    known = part(verdict, reason)
    word, code = meant(label, known, CODES)
    request = Request("1", PartKey("r", 1), word, code, "", "ann", Origin.LIMITS, 0)
    check(request, known, CODES, ())
    expected = {"good": Means.GOOD, "bad": Means.DEFECT, "unsure": None}[label]
    assert outcome(made(request, known, CODES, 1, 0)) == expected


def test_meant_takes_a_code_of_the_station_only_where_it_needs_one() -> None:
    """The first for a defect; where there is none, a doubt was a missed defect or nobody knows."""
    doubt = part(VerdictKind.RECHECK, Reason.ENGINE_DOUBT)
    late = part(VerdictKind.REJECT, Reason.DEADLINE)
    assert meant("bad", doubt, {"ok": Means.GOOD, "rust": Means.DEFECT}) == (Word.CONFIRMED, "rust")
    assert meant("bad", doubt, {"ok": Means.GOOD}) == (Word.MISSED_DEFECT, "")
    assert meant("bad", late, {}) == (Word.UNSURE, "")
    assert meant("bad", part(VerdictKind.REJECT, Reason.ENGINE), CODES) == (Word.CONFIRMED, "")
