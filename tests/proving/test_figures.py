"""Figures of a rehearsal from the station's journal."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.words import Mode, Part, Reason, Score, VerdictKind
from gonogo.ipc.journal_records import DeliveryEntry, StageTimes, VerdictEntry
from gonogo.proving.figures import STAGES, Tally, percentiles


def judged(serial: int, rules: VerdictKind, engine: VerdictKind) -> VerdictEntry:
    """A part whose stages took 1, 2, 3 ... ms."""
    start = serial * 1_000_000_000
    stamps = StageTimes(*(start + at * 1_000_000 for at in (1, 3, 6, 10, 15)))
    return VerdictEntry(
        part=Part(serial, serial, start, start, start, start),
        stamps=stamps,
        kind=VerdictKind.ACCEPT,
        reason=Reason.OK,
        mode=Mode.FULL,
        score=0,
        rules=rules,
        engine=engine,
        looks=(),
        scores=(Score(0, 0.5, start, start + 5_000_000, 1),),
        checks=(),
    )


def test_tally_measures_each_stage_between_its_own_stamps() -> None:
    """Stage times are differences of the stamps that bound the stage."""
    tally = Tally()
    tally.take([judged(1, VerdictKind.ACCEPT, VerdictKind.ACCEPT)])
    at_ns = 1_000_000_000 + 18_000_000
    tally.take(
        [
            DeliveryEntry(
                1, 1, 1, at_ns, at_ns, delivered=True, kind=VerdictKind.ACCEPT, reason=Reason.OK
            )
        ]
    )
    found = {stage: spans["p50"] for stage, spans in tally.stages_ms().items()}
    expected = {"capture": 1, "engine": 4, "rules": 2, "decide": 4, "report": 8, "total": 18}
    assert found == expected
    assert set(found) == set(STAGES)


def test_tally_counts_overkill_and_escape_of_one_side() -> None:
    """A good part rejected is overkill, a bad one accepted is an escape."""
    tally = Tally()
    tally.take(
        [
            judged(1, VerdictKind.REJECT, VerdictKind.ACCEPT),
            judged(2, VerdictKind.ACCEPT, VerdictKind.RECHECK),
        ]
    )
    good = {1: True, 2: False}.__getitem__
    assert tally.confusion(good, lambda e: e.rules) == {"overkill": 1, "escape": 1}
    assert tally.confusion(good, lambda e: e.engine) == {"overkill": 0, "escape": 0}


def test_tally_says_nothing_of_a_side_that_does_not_exist() -> None:
    """A station without rules has no overkill of rules, not even none."""
    tally = Tally()
    tally.take([judged(1, VerdictKind.NONE, VerdictKind.ACCEPT)])
    assert tally.confusion(lambda _: True, lambda e: e.rules) == {"overkill": None, "escape": None}


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_are_in_order_and_inside_the_values(values: list[float]) -> None:
    """p50 <= p99 <= p99.9 <= max, which is the largest value."""
    found = [percentiles(values)[key] for key in ("p50", "p99", "p999", "max")]
    numbers = [value for value in found if value is not None]
    assert numbers == sorted(numbers)
    assert math.isclose(numbers[-1], max(values), abs_tol=1e-3)


def test_percentiles_of_nothing_are_none() -> None:
    """No figure is made up where nothing was measured."""
    assert set(percentiles([]).values()) == {None}
