"""The line's side of the journal: a part in hand, wherever its line is killed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gonogo.base.words import MasterAnswer, MasterPart
from gonogo.ipc.journal import Journal, JournalReader
from gonogo.ipc.journal_line import LineJournal
from gonogo.ipc.journal_records import Entry, Mastered, UnfinishedEntry
from gonogo.tests.fakes import entry_of, part_now, put


def test_journal_part_in_hand_is_nobody_s_entry_until_it_is_finished(station: str) -> None:
    """Begun at the trigger, completed after the verdict; one record for both."""
    journal = Journal.create(station, 4)
    reader = JournalReader(journal)
    for serial in range(2 * journal.records):
        entry = entry_of(serial)
        journal.begin(entry.part)
        begun = journal.in_hand
        assert list(reader) == []
        put(journal, entry)
        assert (begun, journal.in_hand) == (True, False)
        assert list(reader) == [entry]
    assert journal.written == 2 * journal.records


@pytest.mark.parametrize("rounds", [0, 2])
def test_journal_enters_what_a_line_left_unfinished(station: str, rounds: int) -> None:
    """Its successor does, on fresh memory and on used; with its trigger, and only once."""
    journal = Journal.create(station, 4)
    for serial in range(rounds * journal.records):
        put(journal, entry_of(serial))
    reader = JournalReader(journal, journal.written)
    part = part_now(99)
    journal.recipe = 5
    journal.master = Mastered(MasterPart.BAD, MasterAnswer.NONE).word
    journal.begin(part)
    journal.words[7] = 98  # killed before it could say so there
    heir = Journal.attach(station)
    assert heir.take_over() == 99
    known = Mastered(MasterPart.BAD, MasterAnswer.NONE)
    assert list(reader) == [UnfinishedEntry(part, 5, known)]
    assert heir.take_over() == 99
    assert list(reader) == []
    assert not journal.in_hand


class Ended(BaseException):
    """The line is killed."""


class Fragile:
    """The words of a record whose writer is killed before the N-th store."""

    def __init__(self, words: memoryview[int], stores: int) -> None:
        self._words = words
        self._left = stores

    def __getitem__(self, at: int) -> int:
        return self._words[at]

    def __setitem__(self, at: int, value: int) -> None:
        self._left -= 1
        if self._left < 0:
            raise Ended
        self._words[at] = value


@pytest.mark.parametrize("rounds", [0, 2])
def test_journal_has_one_entry_of_a_part_at_whichever_store_its_line_is_killed(
    station: str, rounds: int
) -> None:
    """Before the N-th store, for N = 0, 1, 2 ...: none begun, unfinished, or the verdict."""
    journal = Journal.create(station, 4)
    for serial in range(rounds * journal.records):
        put(journal, entry_of(serial))
    entry = entry_of(77)
    unfinished, found, stores = UnfinishedEntry(entry.part), [], 0
    done = False
    while not done:
        reader = JournalReader(journal, journal.written)
        at = journal.written % journal.records
        whole = journal.record_words[at]
        journal.record_words[at] = Fragile(whole, stores)  # type: ignore[call-overload]
        try:
            journal.begin(entry.part)
            put(journal, entry)
            done = True
        except Ended:
            pass
        journal.record_words[at] = whole
        journal.take_over()
        found.append(list(reader))
        stores += 1
    kinds = [found[0], *(now for last, now in pairwise(found) if now != last)]
    assert kinds == [[], [unfinished], [entry]]


def test_journal_shows_an_entry_whose_line_was_killed_before_it_could(station: str) -> None:
    """It is whole in its record, and only the count was not raised yet."""
    journal = Journal.create(station, 4)
    put(journal, entry_of(1))
    journal.words[0] -= 1
    assert journal.in_hand
    assert journal.take_over() == 0
    assert list(JournalReader(journal)) == [entry_of(1)]


def test_journal_half_a_delivery_is_not_taken_for_a_part(station: str) -> None:
    """Its part has its row already; what became of it stays unknown."""
    journal = Journal.create(station, 4)
    for serial in range(journal.records):
        journal.begin(entry_of(serial).part)
        put(journal, entry_of(serial))
    journal._begin(Entry.DELIVERY, 5, 5)
    assert not journal.in_hand
    assert journal.take_over() == journal.records - 1
    assert journal.written == journal.records


def test_journal_of_the_line_does_not_say_how_far_records_is(station: str) -> None:
    """It writes entries; that they were dealt with is for records to say."""
    Journal.create(station, 4)
    line = LineJournal.attach(station)
    assert not hasattr(line, "taken")
    assert not hasattr(line, "untold")
