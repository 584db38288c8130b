"""Escape rate, overkill and agreement, with their bounds."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.figures import figures
from gonogo.records.dispositions.said import Disposition, KnownPart, made
from gonogo.records.dispositions.words import Origin, PartKey, Word
from gonogo.tests.records.dispositions.said import (
    ACCEPTED,
    CODES,
    NOON_MS,
    PART,
    REJECTED,
    request,
)

if TYPE_CHECKING:
    from gonogo.base.interval import Estimate

_numbers = count(1)


def said(
    serial: int, word: Word, known: KnownPart = REJECTED, code: str = "", who: str = "ann"
) -> Disposition:
    """A review."""
    asked = request(word, who)._replace(code=code, part=PartKey(PART.run, serial))
    return made(asked, known, CODES, next(_numbers), 0)


def audited(serial: int, word: Word, who: str = "ann", code: str = "") -> Disposition:
    """An answer."""
    return said(serial, word, ACCEPTED, code, who)._replace(origin=Origin.AUDIT)


def share(found: Estimate | None) -> tuple[int, int] | None:
    """Events, and of how many."""
    return None if found is None else (found.events, found.of)


def test_figures_of_nothing_are_none() -> None:
    """Not known is no share of 0."""
    found = figures([])
    assert (found.escape, found.overkill, found.agreement, found.excluded) == (None, None, {}, 0)


def test_escape_is_the_share_of_defects_among_the_audited() -> None:
    """A miss that somebody found without the audit is no part of a random sample."""
    some = [audited(k, Word.CONFIRMED) for k in range(1, 20)]
    some += [audited(20, Word.MISSED_DEFECT), said(21, Word.MISSED_DEFECT, ACCEPTED)]
    found = figures(some)
    assert share(found.escape) == (1, 20)
    assert found.escape is not None
    # as the tables of Clopper and Pearson have it
    assert (found.escape.low, found.escape.high) == pytest.approx((0.00127, 0.24873), abs=1e-5)


def test_escape_leaves_out_what_is_not_known() -> None:
    """Unsure, dirt, and two who differ; counted apart."""
    some = [
        audited(1, Word.CONFIRMED),
        audited(2, Word.UNSURE),
        audited(3, Word.MISSED_DEFECT, code="dirt"),
        audited(4, Word.CONFIRMED),
        said(4, Word.MISSED_DEFECT, ACCEPTED, who="bob"),
    ]
    found = figures(some)
    assert (share(found.escape), found.excluded) == ((0, 1), 3)
    assert found.standing == {"settled": 2, "unsure": 1, "disputed": 1}


def test_overkill_is_the_share_of_good_parts_among_the_rejects_looked_at() -> None:
    """A reject for its time that is confirmed was right, whatever the part is."""
    late = REJECTED._replace(reason=Reason.DEADLINE)
    recheck = REJECTED._replace(verdict=VerdictKind.RECHECK)
    some = [
        said(1, Word.CONFIRMED),
        said(2, Word.FALSE_REJECT),
        said(3, Word.FALSE_REJECT, code="dirt"),
        said(4, Word.CONFIRMED, late),
        said(5, Word.FALSE_REJECT, late),
        said(6, Word.FALSE_REJECT, recheck),
        said(7, Word.UNSURE),
    ]
    found = figures(some)
    assert (share(found.overkill), found.excluded) == ((2, 4), 2)


def test_agreement_is_of_each_person_with_themselves() -> None:
    """Second answers alone; two people who differ say nothing of either."""
    some = [
        audited(1, Word.CONFIRMED), audited(1, Word.CONFIRMED),
        audited(2, Word.CONFIRMED), audited(2, Word.MISSED_DEFECT),
        audited(3, Word.UNSURE), audited(3, Word.UNSURE),
        audited(4, Word.CONFIRMED), audited(4, Word.MISSED_DEFECT, "bob"),
        said(5, Word.CONFIRMED, ACCEPTED), said(5, Word.MISSED_DEFECT, ACCEPTED),
    ]  # fmt: skip
    found = figures(some)
    assert {who: share(each) for who, each in found.agreement.items()} == {"ann": (2, 3)}


def test_figures_are_of_parts_that_passed_in_a_time() -> None:
    """Whenever something was said of them."""
    some = [
        audited(k, Word.CONFIRMED)._replace(part_wall_ms=NOON_MS + k, wall_ms=1) for k in range(10)
    ]
    assert share(figures(some, NOON_MS + 2, NOON_MS + 5).escape) == (0, 3)
    assert share(figures(some, NOON_MS + 9).escape) == (0, 1)
    assert figures(some, None, NOON_MS).escape is None
