"""Deadlines: in order whatever was measured, and a reserve that learns from parts it knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.words import NS_PER_MS, Part, TriggerEvent
from gonogo.ipc.journal_records import StageTimes, overrun
from gonogo.runtime.budget import FIRST_REPORT_NS, WINDOW, Budget, Wire

WIRE = Wire(scan_ms=20, poll_ms=10)
WIRE_NS = 50 * NS_PER_MS
PART = Part(1, 1, 1000, 2000, 3000, 4000)
TIMES_NS = st.integers(0, 1 << 60)


def report(budget: Budget, took_ns: int, count: int = WINDOW, first: int = 0) -> None:
    """So many parts, each decided and then on the wire after `took_ns`."""
    for serial in range(first, first + count):
        budget.decided(serial, serial * NS_PER_MS)
        budget.published(serial, serial * NS_PER_MS + took_ns)


def ordered(part: Part) -> bool:
    """Whether the deadlines follow each other as a part meets them."""
    times = part[2:]
    return list(times) == sorted(times)


@given(
    st.floats(5, 10_000),
    st.builds(Wire, st.floats(0.1, 5000), st.floats(0, 5000)),
    st.lists(st.tuples(st.integers(0, 400), TIMES_NS, st.none() | TIMES_NS), max_size=40),
    TIMES_NS,
)
def test_budget_deadlines_are_ordered_whatever_was_observed(
    budget_ms: float, wire: Wire, seen: list[tuple[int, int, int | None]], at_ns: int
) -> None:
    """Trigger, camera, engine, deadline: before and after any learning, however slow the PLC."""
    budget = Budget(budget_ms, wire)
    assert ordered(budget.part(TriggerEvent(5, at_ns), 1))
    for serial, published_ns, decided_ns in seen * 10:
        if decided_ns is not None:
            budget.decided(serial, decided_ns)
        budget.published(serial, published_ns)
        assert 0 <= budget.reserve_ns <= budget.budget_ns // 2
    part = budget.part(TriggerEvent(5, at_ns), 1)
    assert ordered(part)
    assert part.deadline_ns - at_ns == round(budget_ms * NS_PER_MS)


def test_budget_part_carries_its_pulse() -> None:
    """Serial, part id and trigger time are those it was given; the camera has half."""
    part = Budget(200, WIRE).part(TriggerEvent(70, 1000), 9)
    assert (part.serial, part.part_id, part.trigger_ns) == (9, 70, 1000)
    assert part.camera_deadline_ns == 1000 + 100 * NS_PER_MS
    assert part.engine_deadline_ns == part.deadline_ns - WIRE_NS - 2 * FIRST_REPORT_NS


def test_wire_costs_two_scans_and_a_poll() -> None:
    """One scan just missed, one that sees it, and the poll between."""
    assert WIRE.worst_ns == WIRE_NS


def test_budget_reserve_learns_a_window_at_a_time() -> None:
    """Not before a whole window was seen; then twice the p99 of it, and the wire."""
    budget = Budget(500, WIRE)
    report(budget, 10 * NS_PER_MS, WINDOW - 1)
    assert budget.reserve_ns == WIRE_NS + 2 * FIRST_REPORT_NS
    report(budget, 10 * NS_PER_MS, 1, first=WINDOW - 1)
    assert budget.reserve_ns == WIRE_NS + 20 * NS_PER_MS
    report(budget, NS_PER_MS, first=WINDOW)
    assert budget.reserve_ns == WIRE_NS + 2 * NS_PER_MS


def test_budget_reserve_is_not_moved_by_one_outlier() -> None:
    """One slow report in a window is beyond its p99."""
    budget = Budget(500, WIRE)
    report(budget, NS_PER_MS, WINDOW - 1)
    report(budget, 80 * NS_PER_MS, 1, first=WINDOW - 1)
    assert WIRE_NS + 2 * NS_PER_MS <= budget.reserve_ns < WIRE_NS + 160 * NS_PER_MS


def test_budget_reserve_takes_at_most_half_the_budget() -> None:
    """However slow reporting is, camera and engine keep half."""
    budget = Budget(500, WIRE)
    report(budget, 10_000 * NS_PER_MS)
    assert budget.reserve_ns == 250 * NS_PER_MS


def test_budget_ignores_a_verdict_that_never_was_on_the_wire() -> None:
    """A delivery with a time before its decision teaches nothing."""
    budget = Budget(500, WIRE)
    for serial in range(1, 2 * WINDOW):
        budget.decided(serial, serial * NS_PER_MS)
        budget.published(serial, 0)
    assert budget.reserve_ns == WIRE_NS + 2 * FIRST_REPORT_NS


def test_budget_ignores_parts_it_did_not_decide() -> None:
    """A part refused at once has no decision: not the time since the one 128 parts ago."""
    budget = Budget(500, WIRE)
    report(budget, NS_PER_MS)
    learned_ns = budget.reserve_ns
    for serial in range(WINDOW, 3 * WINDOW):
        budget.published(serial, 10**12)
    assert budget.reserve_ns == learned_ns


def test_budget_ignores_a_delivery_older_than_its_window() -> None:
    """The entry of that part has been taken by a younger one."""
    budget = Budget(500, WIRE)
    for serial in range(WINDOW, 2 * WINDOW):
        budget.decided(serial, 1000)
    for serial in range(WINDOW):
        budget.published(serial, 10**12)
    assert budget.reserve_ns == WIRE_NS + 2 * FIRST_REPORT_NS


def test_budget_assumes_two_ms_until_it_knows() -> None:
    """So the first 128 parts have their room, too; one window is what a p99 needs."""
    assert Budget(500, WIRE).reserve_ns == WIRE_NS + 4 * NS_PER_MS
    budget = Budget(500, WIRE)
    report(budget, NS_PER_MS, 127)
    assert budget.reserve_ns == WIRE_NS + 4 * NS_PER_MS
    report(budget, NS_PER_MS, 1, first=127)
    assert budget.reserve_ns == WIRE_NS + 2 * NS_PER_MS


def test_budget_knows_no_part_before_the_first() -> None:
    """A delivery before any decision, whatever its serial, teaches nothing."""
    budget = Budget(500, WIRE)
    for serial in range(3 * WINDOW):
        for _ in range(WINDOW):
            budget.published(serial, 10 * NS_PER_MS)
    assert budget.reserve_ns == WIRE_NS + 2 * FIRST_REPORT_NS


@pytest.mark.parametrize(("took_ns", "learned_ns"), [(0, 0), (-1, 2 * FIRST_REPORT_NS)])
def test_budget_learns_from_reports_that_took_no_time_and_not_from_dropped_ones(
    took_ns: int, learned_ns: int
) -> None:
    """On the wire at the moment of the decision is possible; before it is not."""
    budget = Budget(500, WIRE)
    for serial in range(WINDOW):
        budget.decided(serial, 1000)
        budget.published(serial, 1000 + took_ns)
    assert budget.reserve_ns == WIRE_NS + learned_ns


def test_budget_takes_the_99th_percentile() -> None:
    """Of 128 reports one is above it, and the second largest counts in part."""
    budget = Budget(5000, WIRE)
    for serial in range(WINDOW):
        budget.decided(serial, 0)
        budget.published(serial, serial * NS_PER_MS)
    assert budget.reserve_ns == WIRE_NS + 2 * int(125.73 * NS_PER_MS)


def test_budget_probe_is_a_look_without_a_part() -> None:
    """Id 0 and serial 0: nobody takes it for a part that was triggered."""
    budget = Budget(200, WIRE)
    probe = budget.probe(5000)
    assert (probe.serial, probe.part_id, probe.trigger_ns) == (0, 0, 5000)
    assert probe == budget.part(TriggerEvent(0, 5000), 0)


@pytest.mark.parametrize(
    ("stamps", "stage"),
    [
        (StageTimes(2000, 3000, 3000, 3500, 4000), ""),
        (StageTimes(2001, 9999, 9999, 9999, 9999), "camera"),
        (StageTimes(2000, 3001, 9999, 9999, 9999), "rules"),
        (StageTimes(2000, 3000, 3500, 3600, 4001), "report"),
        (StageTimes(0, 0, 0, 100, 100), ""),
    ],
)
def test_overrun_names_the_first_stage_that_was_late(stamps: StageTimes, stage: str) -> None:
    """The stage that caused it, not those that suffered; at its deadline is in time."""
    assert overrun(PART, stamps) == stage
