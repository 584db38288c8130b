"""What rules say in a record: values and texts come back, and what has no room is left out."""

from __future__ import annotations

import math
from itertools import count

import pytest

from gonogo.base.words import TEXT_BYTES, RuleResult, Status
from gonogo.ipc.journal_checks import (
    CHECKS_AT,
    RECORD_WORDS,
    ROOM,
    ROOM_OF_TEXT,
    checks_of,
    end_of_checks,
    put_checks,
)

PLAIN = RuleResult(Status.PASS, 1.5, 1.0, 2.0)


class Record:
    """One record of the journal, all of it full of an older one."""

    def __init__(self) -> None:
        whole = memoryview(bytearray(b"\xff" * 8 * RECORD_WORDS))
        self.words, self.reals = whole.cast("q"), whole.cast("d")

    def put(self, checks: list[RuleResult]) -> list[RuleResult]:
        """Written and read back."""
        put_checks(self.words, self.reals, checks)
        return list(checks_of(self.words, self.reals, len(checks)))


@pytest.mark.parametrize("text", ["A", "12345678", "123456789", "批次 7", "ä" * 64, "x" * 64])
def test_text_of_a_rule_is_read_back(text: str) -> None:
    """Whatever its length is in words, between others and behind them."""
    read = RuleResult(Status.FAIL, 0.0, 1.0, 1.0, text)
    assert Record().put([PLAIN, read, PLAIN, read]) == [PLAIN, read, PLAIN, read]


def test_record_has_room_for_as_many_texts_as_the_station_file_allows() -> None:
    """Each rule with a text as five others: of the longest texts, and mixed with rules of none."""
    longest = PLAIN._replace(text="ä" * (TEXT_BYTES // 2))
    for texts in count():
        others = ROOM - texts * (1 + ROOM_OF_TEXT)
        if others < 0:
            break
        checks = [longest] * texts + [PLAIN] * others
        assert Record().put(checks) == checks
    assert texts == 9


def test_text_without_room_is_left_out_and_nothing_raised() -> None:
    """A rule of another package may say more than its section has said: its value stays."""
    checks = [PLAIN._replace(text="x" * size) for size in (TEXT_BYTES + 1, 8, *[TEXT_BYTES] * 30)]
    found = Record().put(checks)
    assert [each._replace(text="") for each in found] == [PLAIN] * len(checks)
    assert [bool(each.text) for each in found] == [False, True, True, *[False] * 29]
    # half of a character that is written in two
    assert Record().put([PLAIN._replace(text="a\ud800")]) == [PLAIN._replace(text="a?")]


def test_record_ends_behind_its_texts() -> None:
    """What follows is of an older one, and not carried along."""
    record = Record()
    for checks, words in (([PLAIN], 4), ([PLAIN, PLAIN._replace(text="x" * 9)], 8 + 2)):
        record.put(checks)
        assert end_of_checks(record.words, len(checks)) == CHECKS_AT + words


@pytest.mark.parametrize("word", [-1, 1 << 62, -(1 << 63), 200 << 8, (TEXT_BYTES + 1) << 8])
def test_record_with_a_length_that_is_none_ends_within_itself_and_is_no_entry(word: int) -> None:
    """Torn or damaged: its counts are believed within its bounds alone."""
    record = Record()
    record.put([PLAIN])
    record.words[CHECKS_AT] = word
    assert CHECKS_AT <= end_of_checks(record.words, 1) <= RECORD_WORDS
    with pytest.raises(ValueError, match=r"text of a check|not a valid Status"):
        list(checks_of(record.words, record.reals, 1))


def test_text_that_is_no_utf8_is_no_entry() -> None:
    """As the records process hears of it: that entry alone is lost."""
    record = Record()
    record.put([RuleResult(Status.PASS, math.nan, 0.0, 1.0, "abc")])
    record.words[CHECKS_AT + 4] = 0xFFFF
    with pytest.raises(ValueError, match="utf-8"):
        list(checks_of(record.words, record.reals, 1))
