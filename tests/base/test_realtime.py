"""Keeping time: what the kernel permits is done, what it refuses is said, nothing in between."""

from __future__ import annotations

import os

import pytest
from pydantic import ValidationError

from gonogo.base.realtime import (
    SWITCH_INTERVAL_S,
    RealtimeSection,
    ThreadRank,
    beside_the_line,
    cores_beside_the_line,
    may_schedule,
    unlike,
)
from gonogo.tests.programs import launch, told

ABSENT_CORE = 1023


def test_settle_does_each_thing_or_says_that_it_was_refused() -> None:
    """Memory locked, FIFO at the priority asked for: each is so, or stands among the refusals."""
    with launch("settle", section={"priority": 7}) as process:
        found = told(process)
    refused = " | ".join(found["refused"])
    assert found["fifo"] != ("SCHED_FIFO (needs CAP_SYS_NICE)" in refused)
    assert (found["locked_kb"] > 0) != ("memory locking (needs CAP_IPC_LOCK)" in refused)
    assert found["priority"] == (7 if found["fifo"] else 0)


def test_settle_stops_the_collector_and_keeps_what_is_there_out_of_it() -> None:
    """No collection in the cycle; threads change hands ten times as often."""
    with launch("settle", section={}) as process:
        found = told(process)
    assert not found["collects"]
    assert found["frozen"] > 1000
    assert found["interval_s"] == pytest.approx(SWITCH_INTERVAL_S)


def test_settle_ranks_other_processes_below_the_line_and_off_its_core() -> None:
    """`below` lowers the priority and leaves the line its core."""
    section = {"priority": 7, "line_core": ABSENT_CORE}
    with launch("settle", section=section, below=1) as process:
        found = told(process)
    assert found["priority"] == (6 if found["fifo"] else 0)
    assert not any("core" in words for words in found["refused"])
    assert found["cores"] == sorted(os.sched_getaffinity(0))


def test_settle_pins_the_line_to_its_core() -> None:
    """One core of those there are."""
    core = max(os.sched_getaffinity(0))
    with launch("settle", section={"line_core": core}) as process:
        found = told(process)
    assert found["cores"] == [core]


@pytest.mark.parametrize("spare", [0, 1])
def test_settle_keeps_the_engine_off_the_core_of_the_line(spare: int) -> None:
    """All others are the engine's; one that computes on more than those shares it."""
    cores = os.sched_getaffinity(0)
    core, wanted = max(cores), len(cores) - 1 + spare
    section = {"line_core": core}
    with launch("settle", section=section, below=1, computes_on=wanted) as process:
        found = told(process)
    assert found["cores"] == sorted(cores if spare or len(cores) == 1 else cores - {core})


def test_settle_finds_a_core_for_the_line() -> None:
    """The last one, where there are several and real-time scheduling is permitted."""
    cores = os.sched_getaffinity(0)
    with launch("settle", section={}) as process:
        found = told(process)
    own = found["fifo"] and len(cores) > 1
    assert found["cores"] == ([max(cores)] if own else sorted(cores))


def test_cores_beside_the_line_leave_one_to_it() -> None:
    """Whichever it is, and whether it is pinned or not: without one a line waits for its turn."""
    cores = os.sched_getaffinity(0)
    for section in (
        RealtimeSection(),
        RealtimeSection(enabled=False),
        RealtimeSection(line_core=min(cores)),
        RealtimeSection(line_core=ABSENT_CORE),
    ):
        assert cores_beside_the_line(section) == max(1, len(cores) - 1)


def test_beside_the_line_keeps_off_its_core_for_a_moment() -> None:
    """Where it has one: named, or the last where there are several and real time is permitted."""
    before = os.sched_getaffinity(0)
    for section, core in (
        (RealtimeSection(line_core=min(before)), min(before)),
        (RealtimeSection(), max(before) if may_schedule() and len(before) > 1 else None),
        (RealtimeSection(line_core=min(before), enabled=False), None),
    ):
        with beside_the_line(section):
            assert os.sched_getaffinity(0) == (before - {core} or before)
        assert os.sched_getaffinity(0) == before


def test_settle_says_which_core_is_not_there() -> None:
    """The number is named, and the rest is done all the same."""
    with launch("settle", section={"line_core": ABSENT_CORE}) as process:
        found = told(process)
    assert any(words.startswith(f"core {ABSENT_CORE}: ") for words in found["refused"])
    assert not found["collects"]


@pytest.mark.parametrize(("enabled", "below"), [(True, 0), (True, 1), (False, 0)])
def test_settle_threads_ranks_a_thread_that_started_later(*, enabled: bool, below: int) -> None:
    """Ordinary when it starts, then as the one that settled: where that is wanted and permitted."""
    with launch("settle", section={"priority": 7, "enabled": enabled}, below=below) as process:
        found = told(process)
    assert found["ranks"] == [0, found["priority"]]
    assert found["fifo"] <= enabled


def test_threads_that_the_kernel_runs_otherwise_are_named_with_both() -> None:
    """Of another rank, or on a core of the line; on fewer cores is their own affair."""
    own = ThreadRank(os.SCHED_FIFO, 39, frozenset({0, 1}))
    threads = {
        "thread 5 (receiver)": own,
        "thread 6 (receiver)": own._replace(policy=os.SCHED_OTHER, priority=0),
        "thread 7 (receiver)": own._replace(cores=frozenset({1, 2})),
        "thread 8 (receiver)": own._replace(cores=frozenset({1})),
        "thread 9 (receiver)": own._replace(priority=38),
    }
    assert unlike(own, threads) == [
        "thread 6 (receiver): no real time on cores 0, 1, expected SCHED_FIFO 39 on cores 0, 1",
        "thread 7 (receiver): SCHED_FIFO 39 on cores 1, 2, expected SCHED_FIFO 39 on cores 0, 1",
        "thread 9 (receiver): SCHED_FIFO 38 on cores 0, 1, expected SCHED_FIFO 39 on cores 0, 1",
    ]


def test_settle_switched_off_asks_the_kernel_for_nothing() -> None:
    """A station file may switch it off; it is said once. Stepping back makes a process nicer."""
    with launch("settle", section={"enabled": False}) as process:
        found, then = told(process), told(process)
    assert found["refused"] == ["real-time scheduling is switched off in the station file"]
    assert not found["fifo"]
    assert found["locked_kb"] == 0
    assert then["nicer_by"] == min(10, 19 - os.nice(0))  # the kernel ends at 19


@pytest.mark.parametrize("bad", [{"priority": 1}, {"priority": 91}, {"line_core": -1}])
def test_section_keeps_priorities_that_leave_room_on_both_sides(bad: dict[str, int]) -> None:
    """One step below must still be real-time, and the kernel's own threads stay above."""
    with pytest.raises(ValidationError):
        RealtimeSection.model_validate(bad)
