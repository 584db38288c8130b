"""The memory of the journal: where its words stand, and who may write them."""

from __future__ import annotations

import pytest

from gonogo.base.errors import SegmentError
from gonogo.base.words import Part
from gonogo.ipc.journal import Journal, JournalView, RecordsJournal
from gonogo.tests.ipc.layout import cannot_write


def test_journal_words_stand_where_the_docstring_says(station: str) -> None:
    """Counts of the line and of records, when and what it is; then what it is about."""
    journal = Journal.create(station, 4, '{"a": 1}')
    journal.begin(Part(77, 5, 1, 2, 3, 4))
    journal.take_over()
    journal.taken, journal.untold = 102, 106
    words = journal.segment.words(0, 64).tolist()
    assert (words[0], words[2], words[4:8]) == (1, 102, [2, 8, 106, 77])
    assert words[1] > 0
    assert 0 <= words[3] < 1 << 48
    assert bytes(journal.segment.map[512:520]) == b'{"a": 1}'
    first = journal.segment.words(520, 256)
    assert first[:5].tolist() == [1, 1, 4, 77, 5]
    assert first[13:17].tolist() == [1, 2, 3, 4]


def test_journal_of_a_reader_cannot_be_written(station: str) -> None:
    """Neither its words nor its records; records itself may say how far it is, and no more."""
    Journal.create(station, 4)
    view = JournalView.attach(station)
    cannot_write(view, ["written", "taken", "untold"], view.words)
    with pytest.raises(TypeError):
        view.record_words[0][0] = 1
    with pytest.raises(TypeError):
        view.record_reals[0][0] = 1.0
    records = RecordsJournal.attach(station)
    records.taken, records.untold = 3, 2
    assert (view.taken, view.untold) == (3, 2)
    assert not hasattr(records, "append")


@pytest.mark.parametrize(("word", "value"), [(4, 1), (5, 1 << 40), (5, -8)])
def test_journal_of_another_layout_is_not_read(station: str, word: int, value: int) -> None:
    """Another version of gonogo made it, or nobody did."""
    Journal.create(station, 4).words[word] = value
    with pytest.raises(SegmentError, match=r"GN500: .*expected a journal of layout 2"):
        Journal.attach(station)
