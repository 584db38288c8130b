"""Which records are written."""

from __future__ import annotations

import pytest

from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, RECORD_WORDS
from gonogo.plc.transports.transport import changed_records

OLD = (0,) * D_WORDS
RECORDS = (D_WORDS - HEADER_WORDS) // RECORD_WORDS


def changed(*at: int) -> tuple[int, ...]:
    """D0-D95 with these words changed."""
    return tuple(int(word in at) for word in range(D_WORDS))


@pytest.mark.parametrize("record", range(RECORDS))
@pytest.mark.parametrize("word", [0, RECORD_WORDS - 1])
def test_a_record_that_changed_is_written_whole(record: int, word: int) -> None:
    """Whatever word of it."""
    first = HEADER_WORDS + record * RECORD_WORDS
    assert changed_records(changed(first + word), OLD) == (first, first + RECORD_WORDS)


def test_records_that_changed_are_one_span() -> None:
    """What lies between may be written along."""
    assert changed_records(changed(HEADER_WORDS, D_WORDS - 1), OLD) == (HEADER_WORDS, D_WORDS)


def test_the_header_is_no_record() -> None:
    """It is written apart, after them."""
    assert changed_records(changed(0, HEADER_WORDS - 1), OLD) == (0, 0)


def test_all_are_written_where_nothing_is_known() -> None:
    """After a new connection."""
    assert changed_records(OLD, ()) == (HEADER_WORDS, D_WORDS)
