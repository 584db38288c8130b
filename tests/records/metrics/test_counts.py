"""Counts from the journal: each part once, in buckets that are shares of the budget."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import FaultBit, Mode, Part, Reason, Score, Verdict, VerdictKind, ViewCapture
from gonogo.ipc.journal import Journal, JournalReader
from gonogo.ipc.journal_records import DeliveryEntry, StageTimes
from gonogo.records.metrics.counts import IN_FLIGHT, KINDS_MAX, OTHER, STAGES, Counts, Histogram
from gonogo.tests.fakes import part_now

if TYPE_CHECKING:
    from collections.abc import Iterator

MS = 1_000_000
ACCEPT = Verdict(
    VerdictKind.ACCEPT, Reason.OK, 0, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT
)


@pytest.fixture
def journal(station: str) -> Iterator[Journal]:
    """An empty one."""
    made = Journal.create(station, 64)
    yield made
    made.close()


def part_of(serial: int) -> Part:
    """Triggered at 1 s, with 200 ms for it."""
    at = 1000 * MS
    return Part(serial, serial, at, at + 100 * MS, at + 150 * MS, at + 200 * MS)


def judged(
    journal: Journal,
    serial: int = 1,
    verdict: Verdict = ACCEPT,
    ms: tuple[int, ...] = (30, 40, 110, 112, 113),
    look: ViewCapture = ViewCapture(0, 0, 1),  # noqa: B008 - a constant
    score: Score | None = None,
) -> None:
    """Enter a part whose stages ended so many ms after its trigger."""
    part = part_of(serial)
    stamps = StageTimes(*(part.trigger_ns + each * MS for each in ms))
    journal.append(part, verdict, stamps, [look], [score], [])


def counted(journal: Journal, counts: Counts | None = None) -> Counts:
    """All of a journal."""
    counts = counts or Counts(0.2, (0,))
    counts.take(JournalReader(journal).raws())
    return counts


def test_histogram_puts_a_time_into_the_bucket_that_ends_with_it() -> None:
    """As Prometheus has it: at most the upper end; what is longer than all is in +Inf."""
    histogram = Histogram(0.2)
    for seconds in (0.02, 0.020001, 0.2, 5.0):
        histogram.add(seconds)
    assert dict(histogram.buckets) == {
        "0.02": 1, "0.04": 2, "0.06": 2, "0.1": 2, "0.14": 2, "0.18": 2, "0.2": 3, "0.3": 3,
        "+Inf": 4,
    }  # fmt: skip
    assert histogram.sum_s == pytest.approx(5.240001)


def test_counts_take_each_part_once_by_verdict_reason_and_mode(journal: Journal) -> None:
    """Usual ones are there from the beginning, with 0."""
    assert counted(journal).parts["accept", "ok", "full"] == 0
    judged(journal, 1)
    judged(journal, 2)
    judged(journal, 3, ACCEPT._replace(kind=VerdictKind.REJECT, reason=Reason.RULE, mode=Mode.SAFE))
    parts = counted(journal).parts
    assert parts["accept", "ok", "full"] == 2
    assert parts["reject", "rule", "safe"] == 1
    assert sum(parts.values()) == 3


def test_counts_keep_the_stages_from_the_trigger_on(journal: Journal) -> None:
    """Published and acknowledged come with the delivery, which is of the part of that serial."""
    judged(journal)
    delivery = DeliveryEntry(
        1, 1, 7, 1120 * MS, 1150 * MS, delivered=True, kind=VerdictKind.ACCEPT, reason=Reason.OK
    )
    journal.deliver(delivery)
    journal.deliver(delivery._replace(serial=99, delivered=False, acked_ns=0))  # of a part unseen
    counts = counted(journal)
    sums = [counts.stages[stage].sum_s for stage in STAGES]
    assert sums == pytest.approx([0.03, 0.04, 0.11, 0.113, 0.12, 0.15])
    assert counts.deliveries == {"acknowledged": 1, "lost": 1}


def test_counts_name_the_first_stage_that_was_late(journal: Journal) -> None:
    """After its own deadline, which is before that of the part."""
    judged(journal, ms=(101, 102, 103, 104, 105))
    judged(journal, 2, ms=(30, 40, 199, 200, 201))
    assert counted(journal).overruns == {"camera": 1, "rules": 0, "report": 1}


def test_counts_ask_for_a_score_only_where_there_was_a_frame(journal: Journal) -> None:
    """A view that saw nothing says nothing of its engine; a score of no trust is a miss."""
    good = Score(0, 1.0, 1, 2, 0xABC)
    judged(journal, 1, score=good)
    judged(journal, 2)
    judged(journal, 3, score=good._replace(fault=Reason.ENGINE_DATA))
    judged(journal, 4, look=ViewCapture(0, 0, 0, Reason.CAMERA))
    counts = counted(journal)
    assert (counts.answers, counts.misses, counts.engine_ids) == ({0: 1}, {0: 2}, {0: 0xABC})
    without = counted(journal, Counts(0.2, ()))
    assert (without.answers, without.misses) == ({}, {})


def test_counts_tell_unfinished_parts_and_nonsense_apart(journal: Journal) -> None:
    """Neither is a part of any verdict, and neither stops the count."""
    counts = Counts(0.2, ())
    journal.begin(part_now(5))
    journal.take_over()
    judged(journal, 6)
    raws = [b"\xff" * 2048, *JournalReader(journal).raws()]
    counts.take(raws)
    assert (counts.unfinished, counts.unreadable) == (1, 1)
    assert sum(counts.parts.values()) == 1


def test_counts_have_a_bound_whatever_stands_in_the_journal(journal: Journal) -> None:
    """More combinations than a station can have go into one, and none is forgotten."""
    counts = Counts(0.2, ())
    every = list(itertools.product(VerdictKind, Reason, Mode))
    for serial, (kind, reason, mode) in enumerate(every):
        judged(journal, serial, ACCEPT._replace(kind=kind, reason=reason, mode=mode))
        counts.take([journal.copy(serial) or b""])
    assert len(counts.parts) == KINDS_MAX + 1
    assert sum(counts.parts.values()) == len(every)
    assert counts.parts[OTHER] >= len(every) - KINDS_MAX
    assert len(counts._triggers_ns) == min(IN_FLIGHT, len(every))


def test_counts_see_a_bit_begin_and_not_what_was_there_at_the_first_look() -> None:
    """A station without its PLC yet has lost none."""
    counts = Counts(0.2, ())
    for faults in (FaultBit.LINK, 0, FaultBit.LINK | FaultBit.STRANGER, FaultBit.LINK, 0):
        counts.see(faults)
    assert counts.rises == {FaultBit.LINK: 1, FaultBit.STRANGER: 1}
