"""Parts of a station in the order in which a person is asked, and what was said of them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import PartsToReview
from gonogo.base.words import Reason, VerdictKind
from gonogo.build.review.station import Words, known, listed, ranked, said
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.said import KnownPart, Request
from gonogo.records.dispositions.words import Means, Origin, PartKey, Word
from gonogo.records.questions.files import Files
from gonogo.records.questions.scored import Asked, Scored
from gonogo.tests.commands.passed import BAD, GOOD, RUN, passed

if TYPE_CHECKING:
    from pathlib import Path

PARTS = [Scored(RUN, serial, 10.0 - serial) for serial in range(1, 6)]
ALONE, SIDE = Words("top", alone=True), Words("side", alone=False)
PASSED = KnownPart(4711, 0, VerdictKind.ACCEPT, Reason.OK, None, "", None, None)
CODES = {"dirt": Means.EXCLUDE}


def tell(path: Path, *told: tuple[int, Word, str], code: str = "", note: str = "") -> Path:
    """Words of serials, by that person; the newest was seen."""
    with closing(Book.open(path, CODES)) as book:
        for serial, word, who in told:
            key = PartKey(RUN, serial)
            there = book.of(key)
            request = Request(
                f"{serial}.{len(there)}", key, word, code, note, who, Origin.LIMITS,
                there[-1].number if there else 0,
            )  # fmt: skip
            book.add(request, PASSED)
    return path


def test_ranked_is_highest_first_and_refuses_too_few(tmp_path: Path) -> None:
    """With the picture that is kept, or why there is none."""
    cell = passed(tmp_path, (*GOOD, *BAD))
    files = Files(tmp_path / "parts.sqlite")
    found = ranked(files, Asked("top", cell.engine), 1000)
    assert [part.score for part in found.parts[:4]] == [9.0, 7.0, 6.0, 2.4]
    assert len(found.parts) == len(GOOD) + len(BAD)
    assert found.missing == 0
    worst, fine = listed(files, found.parts[0], "top"), listed(files, found.parts[9], "top")
    assert (worst.part_id, worst.verdict, worst.missing) == (1111, "REJECT", "")
    assert worst.picture == tmp_path / "pictures" / "2023/11/14/22/111.png"
    assert (fine.verdict, fine.picture, fine.missing) == ("ACCEPT", None, "no picture kept")
    worst.picture.unlink()
    assert listed(files, found.parts[0], "top").missing == "its picture was removed"
    with pytest.raises(PartsToReview, match="0 parts of view 'side'"):
        ranked(files, Asked("side", cell.engine), 1000)
    # the first hundred, not the worst of all
    assert max(part.score for part in ranked(files, Asked("top", cell.engine), 100).parts) < 2.0


def test_said_is_what_stands(tmp_path: Path) -> None:
    """Good, bad, unsure; two who differ, and dirt, are unsure; nothing is nothing."""
    book = tell(
        tmp_path / "d.sqlite",
        (1, Word.MISSED_DEFECT, "ann"),
        (2, Word.CONFIRMED, "ann"),
        (3, Word.UNSURE, "ann"),
        (4, Word.MISSED_DEFECT, "ann"),
        (4, Word.CONFIRMED, "bob"),
    )
    assert said(book, PARTS, ALONE) == ["bad", "good", "unsure", "unsure", None]
    tell(book, (5, Word.CONFIRMED, "ann"), code="dirt")
    assert said(book, PARTS, ALONE)[4] == "unsure"
    assert said(tmp_path / "none.sqlite", PARTS, ALONE) == [None] * 5


def test_said_of_several_views_takes_a_defect_from_this_review_alone(tmp_path: Path) -> None:
    """Another view may have shown it; what is good is good in all of them."""
    book = tell(tmp_path / "d.sqlite", (1, Word.MISSED_DEFECT, "ann"), (2, Word.CONFIRMED, "ann"))
    assert said(book, PARTS, SIDE)[:2] == [None, "good"]
    tell(book, (1, Word.MISSED_DEFECT, "ann"), note=SIDE.note)
    assert said(book, PARTS, SIDE)[:2] == ["bad", "good"]
    assert said(book, PARTS, Words("top", alone=False))[:2] == [None, "good"]


def test_known_ends_at_the_first_that_nobody_saw() -> None:
    """What is below is assumed, but for what was said of it elsewhere."""
    found = known(PARTS, ["bad", "unsure", None, "good", "bad"], 4)
    assert found.bad.tolist() == [9.0, 5.0]
    assert found.unsure.tolist() == [8.0]
    assert found.good.tolist() == [6.0]
    assert found.assumed.tolist() == [7.0]
    assert found.lowest == 8.0
    assert known(PARTS, ["bad", "good", "good", "good", "good"], 2).lowest == 8.0
    assert known(PARTS, ["bad", "good", "good", "good", "good"], 9).lowest == 5.0
