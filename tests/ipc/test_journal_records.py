"""A record of the journal: what of it says something, and how its times are judged."""

from __future__ import annotations

import pytest

from gonogo.base.words import MasterAnswer, MasterPart, Part, VerdictKind
from gonogo.ipc.journal_checks import RECORD_WORDS
from gonogo.ipc.journal_records import (
    ORDINARY,
    RECORD_BYTES,
    Entry,
    Mastered,
    Pair,
    StageTimes,
    decode,
    overrun,
    used,
)

PART = Part(7, 7, 0, 100, 200, 300)


def record(kind: int, views: int = 0, checks: int = 0) -> memoryview[int]:
    """The words of one that says no more than its size."""
    words = memoryview(bytearray(RECORD_BYTES)).cast("q")
    words[2], words[11], words[12] = kind, views, checks
    return words


@pytest.mark.parametrize(
    ("kind", "views", "checks", "count"),
    [
        (Entry.VERDICT, 0, 0, 32),
        (Entry.VERDICT, 1, 0, 40),
        (Entry.VERDICT, 8, 0, 96),
        (Entry.VERDICT, 1, 1, 100),
        (Entry.VERDICT, 8, 32, 224),
        (Entry.SHADOW, 2, 9, 48),
        (Entry.SHADOW, 0, 9, 32),
        (Entry.DELIVERY, 8, 32, 32),
        (Entry.UNFINISHED, 8, 32, 32),
    ],
)
def test_record_ends_after_its_last_word(kind: Entry, views: int, checks: int, count: int) -> None:
    """What follows was left there by an older entry, which is none of this one's."""
    assert used(record(kind, views, checks)) == count


@pytest.mark.parametrize(("views", "checks"), [(1 << 40, 0), (0, 1 << 40), (-1, -1)])
def test_record_that_is_torn_ends_within_itself(views: int, checks: int) -> None:
    """Its counts may be anything while the line overwrites it."""
    assert 0 < used(record(Entry.VERDICT, views, checks)) <= RECORD_WORDS


@pytest.mark.parametrize("kind", [0, 5, -1])
def test_record_of_no_kind_is_no_entry(kind: int) -> None:
    """Memory that nobody has written, or another version."""
    with pytest.raises(ValueError, match="is not a valid Entry"):
        decode(bytes(record(kind)))


@pytest.mark.parametrize(
    ("stamps", "stage"),
    [
        (StageTimes(100, 200, 900, 900, 300), ""),
        (StageTimes(101, 200, 250, 260, 300), "camera"),
        (StageTimes(100, 201, 250, 260, 300), "rules"),
        (StageTimes(100, 200, 250, 260, 301), "report"),
        (StageTimes(101, 201, 250, 260, 301), "camera"),
        (StageTimes(0, 0, 0, 290, 300), ""),
    ],
)
def test_overrun_names_the_first_stage_that_was_late(stamps: StageTimes, stage: str) -> None:
    """Each against its own deadline; on it is in time, and what did not happen is not late."""
    assert overrun(PART, stamps) == stage


def test_pair_agrees_when_both_engines_say_the_same() -> None:
    """Whatever their scores."""
    accept, reject = VerdictKind.ACCEPT, VerdictKind.REJECT
    assert Pair(1, 1, 100, 900, accept, accept, 1.0, 2.0).agrees
    assert not Pair(1, 1, 100, 100, accept, reject, 1.0, 1.0).agrees


@pytest.mark.parametrize("part", list(MasterPart))
@pytest.mark.parametrize("answer", list(MasterAnswer))
def test_mastered_is_one_word_and_back(part: MasterPart, answer: MasterAnswer) -> None:
    """0 of every ordinary part, as in a journal from before there were others."""
    known = Mastered(part, answer)
    assert Mastered.of(known.word) == known
    assert (known.word == 0) is (known == ORDINARY)


def test_record_of_an_unknown_kind_of_master_part_is_no_entry() -> None:
    """Damaged, or of another version."""
    words = record(Entry.UNFINISHED)
    words[28] = 3
    with pytest.raises(ValueError, match="is not a valid MasterPart"):
        decode(bytes(words))
