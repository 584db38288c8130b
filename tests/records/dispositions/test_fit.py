"""Which words fit a part, and what is said of one that does not."""

from __future__ import annotations

import pytest

from gonogo.base.errors import DispositionUnfit
from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.fit import check, written
from gonogo.records.dispositions.words import Word
from gonogo.tests.records.dispositions.said import ACCEPTED, CODES, REJECTED, request

A, R, RE = VerdictKind.ACCEPT, VerdictKind.REJECT, VerdictKind.RECHECK
NI, NONE = VerdictKind.NOT_INSPECTED, VerdictKind.NONE


@pytest.mark.parametrize(
    ("word", "fits", "instead"),
    [
        (Word.CONFIRMED, {A, R, RE, NI, NONE}, ""),
        (Word.UNSURE, {A, R, RE, NI, NONE}, ""),
        (Word.FALSE_REJECT, {R, RE, NI, NONE}, "missed-defect that it was not"),
        (Word.MISSED_DEFECT, {A, RE}, "false-reject that it was not"),
    ],
)
def test_word_fits_the_verdict_or_is_refused_with_what_would(
    word: Word, fits: set[VerdictKind], instead: str
) -> None:
    """Nobody misses a defect in a part that was thrown out."""
    for verdict in VerdictKind:
        known = REJECTED._replace(verdict=verdict)
        if verdict in fits:
            check(request(word), known, CODES, ())
            continue
        typed = word.name.lower().replace("_", "-")
        said = f"{typed} does not fit part 4711, .*{verdict.name}: .*{instead}"
        with pytest.raises(DispositionUnfit, match=said):
            check(request(word), known, CODES, ())


@pytest.mark.parametrize(
    ("word", "code", "known", "fits"),
    [
        (Word.CONFIRMED, "scratch", REJECTED, True),
        (Word.CONFIRMED, "good-part", REJECTED, False),
        # thrown out for its time: that may be right, and the part good
        (Word.CONFIRMED, "good-part", REJECTED._replace(reason=Reason.DEADLINE), True),
        (Word.CONFIRMED, "good-part", ACCEPTED, True),
        (Word.CONFIRMED, "scratch", ACCEPTED, False),
        (Word.CONFIRMED, "scratch", REJECTED._replace(verdict=RE), True),
        (Word.FALSE_REJECT, "scratch", REJECTED, False),
        (Word.FALSE_REJECT, "dirt", REJECTED, True),
        (Word.MISSED_DEFECT, "scratch", ACCEPTED, True),
        (Word.MISSED_DEFECT, "good-part", ACCEPTED, False),
        (Word.UNSURE, "scratch", ACCEPTED, True),
        (Word.CONFIRMED, "rust", REJECTED, False),
    ],
)
def test_code_must_not_say_the_opposite(
    word: Word, code: str, known: object, *, fits: bool
) -> None:
    """Or a scratch would be taught as good by a slip; the message says which codes fit."""
    asked = request(word)._replace(code=code)
    if fits:
        check(asked, known, CODES, ())  # type: ignore[arg-type]
        return
    with pytest.raises(DispositionUnfit, match=r"expected one of .*dirt"):
        check(asked, known, CODES, ())  # type: ignore[arg-type]


def test_nobody_decides_where_no_supervisor_is_named() -> None:
    """And it is said where they are named."""
    with pytest.raises(DispositionUnfit, match=r"nobody yet .`supervisors` in .dispositions"):
        check(request()._replace(decides=True), REJECTED, CODES, ())
    check(request(who="eve")._replace(decides=True), REJECTED, CODES, ("eve",))


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("on the left", "on the left"),
        ("  two\n lines\t", "two lines"),
        ("\x1b[2Jgone\x07", "?[2Jgone?"),
        ("\u202eevil\u2066", "?evil?"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("'; DROP TABLE dispositions; --", "'; DROP TABLE dispositions; --"),
        ("\x00\ud800", "??"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("x" * 200, "x" * 200),
    ],
)
def test_note_is_kept_harmless(note: str, kept: str) -> None:
    """One line that drives no terminal; what a page makes of it is for the page."""
    assert written(request()._replace(note=note)).note == kept


@pytest.mark.parametrize("note", ["x" * 201, "x" * 1_000_000, " " * 1_000_000, "ä" * 201])
def test_note_that_is_too_long_is_refused(note: str) -> None:
    """Not cut: half of a sentence may say the opposite."""
    with pytest.raises(DispositionUnfit, match=f"at most 200 characters, got {len(note)}"):
        written(request()._replace(note=note))


@pytest.mark.parametrize("request_id", ["", "a" * 65, "a b", "a\n", "ä", "../x"])
def test_request_id_is_of_few_letters(request_id: str) -> None:
    """It stands in messages and in the trail."""
    with pytest.raises(DispositionUnfit, match="request id"):
        written(request()._replace(request_id=request_id))


@pytest.mark.parametrize("who", ["", "   "])
def test_word_of_nobody_is_refused(who: str) -> None:
    """Somebody said it."""
    with pytest.raises(DispositionUnfit, match="login name"):
        written(request(who=who))
