"""Chance by the number of a part: fair, and the same whenever it is asked."""

from __future__ import annotations

import statistics

import pytest

from gonogo.records.lot import AUDIT, Drawn, Sample, is_nth, lot_of

RUNS = [f"run{k}" for k in range(300)]


def drawn_of(size: int, run: str, parts: int) -> set[int]:
    """Serials in the sample of a shift, once all parts have passed."""
    sample, inside = Sample(size), set()
    for serial in range(1, parts + 1):
        lot = lot_of(run, AUDIT, serial)
        if sample.wants(1, lot):
            out = sample.take(Drawn(lot, run, serial))
            inside.add(serial)
            inside -= set() if out is None else {out.serial}
    return inside


@pytest.mark.parametrize(("parts", "count"), [(5, 5), (20, 20), (400, 20)])
def test_sample_holds_so_many_parts_or_all_there_were(parts: int, count: int) -> None:
    """Exactly, however many pass."""
    assert len(drawn_of(20, "run", parts)) == count


def test_sample_gives_each_part_the_same_chance() -> None:
    """Over 300 shifts of 100 parts: early ones and late ones, within four standard deviations."""
    serials = [serial for run in RUNS for serial in drawn_of(10, run, 100)]
    assert len(serials) == 3000
    # of 3000 uniform numbers of 1 to 100 the mean has a deviation of 28.9 / sqrt(3000)
    assert abs(statistics.mean(serials) - 50.5) < 4 * 0.53
    late = sum(serial > 90 for serial in serials)
    assert abs(late - 300) < 4 * 16.4


def test_sample_begins_anew_with_a_shift_and_not_with_a_clock_set_back() -> None:
    """What was drawn in the shift before stays drawn."""
    sample = Sample(1)
    assert sample.wants(100, 7)
    sample.take(Drawn(7, "run", 1))
    assert not sample.wants(100, 8)
    assert not sample.wants(50, 8)
    assert sample.wants(200, 8)


def test_sample_of_none_wants_nothing() -> None:
    """audit_sample = 0."""
    assert not Sample(0).wants(1, 0)


@pytest.mark.parametrize("every", [1, 2, 10])
def test_nth_is_one_of_each_block_at_no_fixed_place(every: int) -> None:
    """Ten nests of a turntable all have their turn."""
    chosen = [serial for serial in range(200) if is_nth("run", serial, every)]
    assert [serial // every for serial in chosen] == list(range(200 // every))
    assert len({serial % every for serial in chosen}) > 1 or every == 1
    assert not any(is_nth("run", serial, None) for serial in range(200))


def test_lots_differ_by_run_and_by_what_they_are_for() -> None:
    """Nobody knows from one run what the next one draws."""
    assert len({lot_of(run, what, 5) for run in ("a", "b") for what in ("audit", "nth")}) == 4
