"""The verdict journal: what goes in comes out, what is overwritten is counted, nothing is torn."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.base.shm import boot_tag
from gonogo.base.words import (
    TEXT_BYTES,
    Mode,
    Part,
    Reason,
    RuleResult,
    Score,
    Status,
    VerdictKind,
    ViewCapture,
)
from gonogo.ipc.journal import MAX_CHECKS, MAX_VIEWS, Journal, JournalReader
from gonogo.ipc.journal_records import (
    DeliveryEntry,
    Entry,
    StageTimes,
    VerdictEntry,
    decode,
)
from gonogo.tests.fakes import entry_of, put, scratch_station
from gonogo.tests.programs import launch, told

WORDS = st.integers(-(1 << 63), (1 << 63) - 1)
REALS = st.floats()  # nan and both infinities among them
CHECKS = st.builds(RuleResult, st.sampled_from(Status), REALS, REALS, REALS, st.just(""))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=TEXT_BYTES // 4)
READ = st.builds(RuleResult, st.sampled_from(Status), REALS, REALS, REALS, TEXTS)
REASONS = st.sampled_from(Reason)
DELIVERIES = st.builds(
    DeliveryEntry,
    WORDS,
    WORDS,
    WORDS,
    WORDS,
    WORDS,
    st.booleans(),
    st.sampled_from(VerdictKind),
    REASONS,
)
KINDS = st.sampled_from(VerdictKind)


# what one word holds of both
SLOTS, GENERATIONS = st.integers(0, (1 << 16) - 1), st.integers(0, (1 << 47) - 1)


def _look(draw: st.DrawFn, view: int) -> ViewCapture:
    slot, generation = draw(SLOTS), draw(GENERATIONS)
    return ViewCapture(view, slot, draw(WORDS), draw(REASONS), generation=generation)


@st.composite
def verdicts(draw: st.DrawFn) -> VerdictEntry:
    """Any judged part with 0 to 8 views and 0 to 32 checks, or 8 that read a text."""
    views = range(draw(st.integers(0, MAX_VIEWS)))
    scores = [
        draw(st.none() | st.builds(Score, st.just(v), REALS, WORDS, WORDS, WORDS, REASONS))
        for v in views
    ]
    return VerdictEntry(
        Part(*(draw(WORDS) for _ in Part._fields)),
        StageTimes(*(draw(WORDS) for _ in StageTimes._fields)),
        draw(KINDS),
        draw(REASONS),
        draw(st.sampled_from(Mode)),
        draw(WORDS),
        draw(KINDS),
        draw(KINDS),
        tuple(_look(draw, v) for v in views),
        tuple(scores),
        tuple(draw(st.lists(CHECKS, max_size=MAX_CHECKS) | st.lists(READ, max_size=8))),
    )


def as_text(entries: object) -> str:
    """For comparing: nan equals nan, and 0.0 is not -0.0."""
    return repr(entries)


@given(st.lists(verdicts() | DELIVERIES, max_size=8))
@settings(max_examples=50)
def test_journal_round_trips_every_field_of_what_it_still_holds(
    entries: list[VerdictEntry | DeliveryEntry],
) -> None:
    """The youngest entries come out as they went in, whatever stood there before."""
    with scratch_station() as station:
        journal = Journal.create(station, 4)
        reader = JournalReader(Journal.attach(station))
        for entry in entries:
            put(journal, entry)
        held = entries[-journal.records :]
        assert as_text(list(reader)) == as_text(held)
        assert reader.lost == len(entries) - len(held)
        assert journal.written == len(entries)


def test_journal_holds_the_most_views_and_checks_there_can_be(station: str) -> None:
    """Eight views and 32 checks fit one record and do not touch the next."""
    journal = Journal.create(station, 4)
    looks = tuple(ViewCapture(v, v, v, Reason.OK) for v in range(MAX_VIEWS))
    scores = tuple(Score(v, math.inf, 1, 2, 3, Reason.ENGINE_DATA) for v in range(MAX_VIEWS))
    checks = tuple(
        RuleResult(Status.FAIL, math.nan, -math.inf, float(c)) for c in range(MAX_CHECKS)
    )
    full = entry_of(1)._replace(looks=looks, scores=scores, checks=checks)
    for entry in (entry_of(0), full, entry_of(2)):
        put(journal, entry)
    assert as_text(list(JournalReader(journal))) == as_text([entry_of(0), full, entry_of(2)])


def test_journal_reader_yields_each_entry_once(station: str) -> None:
    """Reading again gives what is new since, and nothing when nothing is."""
    journal = Journal.create(station)
    reader = JournalReader(journal)
    for serial in (1, 2):
        put(journal, entry_of(serial))
        assert list(reader) == [entry_of(serial)]
        assert list(reader) == []
    assert reader.lost == 0


def test_journal_reader_may_start_at_the_present(station: str) -> None:
    """A first entry other than 0 leaves out what was written before, and does not call it lost."""
    journal = Journal.create(station)
    put(journal, entry_of(1))
    reader = JournalReader(journal, journal.written)
    put(journal, entry_of(2))
    assert list(reader) == [entry_of(2)]
    assert reader.lost == 0


def test_journal_readers_are_independent(station: str) -> None:
    """A slow reader loses entries; a quick one beside it none."""
    journal = Journal.create(station, 4)
    quick, slow = JournalReader(journal), JournalReader(journal)
    total = 3 * journal.records + 1
    for serial in range(total):
        put(journal, entry_of(serial))
        assert list(quick) == [entry_of(serial)]
    assert [entry.part.serial for entry in slow if isinstance(entry, VerdictEntry)] == list(
        range(total - journal.records, total)
    )
    assert (quick.lost, slow.lost) == (0, total - journal.records)


def test_journal_read_of_what_is_not_there_is_none(station: str) -> None:
    """Neither the future nor the overwritten past can be read."""
    journal = Journal.create(station, 4)
    assert journal.read(0) is None
    for serial in range(journal.records + 1):
        put(journal, entry_of(serial))
    assert journal.read(0) is None
    assert journal.read(1) == entry_of(1)
    assert journal.read(journal.records + 1) is None


@pytest.mark.parametrize("rounds", [0, 1])
def test_journal_entry_is_unseen_until_it_is_whole(station: str, rounds: int) -> None:
    """A record that is begun and not committed is nobody's, on fresh memory and on used."""
    journal = Journal.create(station, 4)
    for serial in range(rounds * journal.records):
        put(journal, entry_of(serial))
    reader = JournalReader(journal)
    seen = list(reader)
    journal._begin(Entry.VERDICT, 99, 99)
    assert len(seen) == rounds * journal.records
    assert list(reader) == []
    assert journal.read(journal.written) is None


class Overtaken:
    """A record that the line overwrites in the very moment in which a reader copies it."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.words = journal.record_words[0]

    def __getitem__(self, at: int) -> int:
        return self.words[at]

    def __bytes__(self) -> bytes:
        self.journal.record_words[0] = self.words
        self.journal._begin(Entry.VERDICT, 99, 99)
        return bytes(self.words)


def test_journal_entry_overwritten_while_it_is_read_is_lost(station: str) -> None:
    """The stamp is looked at again after the copy: a mixture is nobody's entry."""
    journal = Journal.create(station, 4)
    for serial in range(journal.records):
        put(journal, entry_of(serial))
    reader = JournalReader(journal)
    journal.record_words[0] = Overtaken(journal)  # type: ignore[call-overload]
    assert list(reader) == [entry_of(k) for k in range(1, journal.records)]
    assert reader.lost == 1


def test_journal_closed_gives_its_records_back(station: str) -> None:
    """Close may be called twice."""
    journal = Journal.create(station)
    journal.close()
    journal.close()
    assert journal.record_words == []


def test_journal_reader_in_another_process_never_sees_half_an_entry(station: str) -> None:
    """A writer overwrites five records over and over: every entry read is right or counted lost."""
    journal = Journal.create(station, 4)
    serial = 0
    with launch("watch_journal", station=station, enough=300) as reader:
        while reader.poll() is None:
            for _ in range(7):
                serial += 1
                put(journal, entry_of(serial))
            for _ in range(100):
                assert journal.written == serial
        found = told(reader)
    assert found["wrong"] == 0
    assert found["good"] >= 300
    assert found["lost"] >= 300


# -- names ------------------------------------------------------------------------------------


def test_journal_of_another_run_has_another_name_at_the_same_moment(station: str) -> None:
    """A box without a clock battery begins each day at the same time."""
    names = []
    for _ in range(3):
        journal = Journal.create(station, 4)
        journal.words[1] = 1_700_000_000_123_000_000
        names.append(journal.run)
        assert Journal.attach(station).run == names[-1]
        journal.segment.unlink()
    assert len(set(names)) == 3
    assert all(name.startswith(f"20231114T221320.123-{boot_tag()}-") for name in names)


def test_journal_says_what_its_numbers_mean(station: str) -> None:
    """As it was told, for whoever finds it without its station."""
    about = '{"views": ["größe"]}'
    journal = Journal.create(station, 16, about)
    assert journal.records >= 16
    found = Journal.attach(station)
    assert found.about.rstrip() == about
    assert found.records == journal.records
    put(journal, entry_of(1))
    assert list(JournalReader(found)) == [entry_of(1)]


def test_journal_raws_are_cut_to_what_they_say(station: str) -> None:
    """What an older entry left behind in a record is not carried along."""
    journal = Journal.create(station, 4)
    checks = tuple(RuleResult(Status.PASS, 1.0, 0.0, 2.0) for _ in range(MAX_CHECKS))
    for serial in range(journal.records):
        put(journal, entry_of(serial)._replace(checks=checks))
    put(journal, entry_of(99))
    *full, bare = JournalReader(journal).raws()
    assert {len(raw) for raw in full} == {8 * (96 + 4 * MAX_CHECKS)}
    assert len(bare) == 8 * 32
    assert decode(bare) == entry_of(99)


def test_decode_of_nonsense_is_refused() -> None:
    """No kind of entry has that number."""
    for raw in (b"", b"\xff" * 2048):
        with pytest.raises(ValueError, match="not a valid Entry"):
            decode(raw)
