"""The heartbeat: cycles from completed work, life from a line that could do it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gonogo.base.errors import SegmentError
from gonogo.base.words import Mode, Part, Reason, RuleResult, Status, ViewCapture
from gonogo.ipc.heartbeat import Heartbeat, HeartbeatView, heartbeat_path
from gonogo.ipc.journal_records import StageTimes
from gonogo.tests.ipc.layout import cannot_write, index_of


def test_heartbeat_is_dead_until_the_first_sign_of_life(station: str) -> None:
    """A new segment has no cycles and no life."""
    heart = Heartbeat.create(station)
    assert (heart.cycles, heart.alive_ns) == (0, 0)


def cycle(**changes: object) -> tuple[Any, ...]:
    """A complete cycle of one view and one rule, or one that lacks something."""
    part = Part(7, 7, 0, 10**6, 2 * 10**6, 3 * 10**6)
    found: dict[str, Any] = {
        "stamps": StageTimes(100_000, 200_000, 300_000, 400_000, 500_000),
        "looks": (ViewCapture(0, 2, 90_000, Reason.OK),),
        "checks": (RuleResult(Status.PASS, 1.0, 0.0, 2.0),),
    } | changes
    return (part, found["stamps"], found["looks"], found["checks"], (1, 1))


def test_heartbeat_beats_are_seen_by_who_watches(station: str) -> None:
    """Each completed cycle counts one, and is a sign of life."""
    line = Heartbeat.create(station)
    watcher = Heartbeat.attach(station)
    before_ns = time.monotonic_ns()
    for _ in range(3):
        line.beat(*cycle())
    assert (watcher.cycles, watcher.broken) == (3, 0)
    assert before_ns <= watcher.alive_ns <= time.monotonic_ns()


@pytest.mark.parametrize(
    "lacks",
    [
        {"looks": ()},
        {"looks": (ViewCapture(1, 2, 90_000, Reason.OK),)},
        {"checks": ()},
        {"stamps": StageTimes(100_000, 0, 300_000, 400_000, 500_000)},
        {"stamps": StageTimes(200_000, 100_000, 300_000, 400_000, 500_000)},
        {"stamps": StageTimes(1_000, 2_000, 3_000, 4_000, 5_000)},
    ],
    ids=["no look", "another view", "no check", "a stage missing", "misordered", "too early"],
)
def test_heartbeat_is_not_fed_by_a_cycle_that_lacks_a_stage(
    station: str, lacks: dict[str, Any]
) -> None:
    """Missing, misordered or too early: counted as broken, and no sign of life."""
    line = Heartbeat.create(station)
    line.beat(*cycle(**lacks))
    assert (line.cycles, line.broken, line.alive_ns) == (0, 1, 0)


def test_heartbeat_tells_a_successor_where_the_last_line_was(station: str) -> None:
    """Serial and part id as begun, whether that part was finished or not."""
    line = Heartbeat.create(station)
    assert line.take_over() == (0, 0)
    line.begin(17, 4)
    line.show(Mode.RULES_ONLY, 1234, 512)
    heir = Heartbeat.attach(station)
    assert heir.take_over() == (17, 4)
    assert (heir.part_id, heir.mode, heir.session, heir.takeovers) == (
        4, Mode.RULES_ONLY, 1234, 2,
    )  # fmt: skip
    assert heir.faults == 512


def test_heartbeat_names_the_start_of_a_station_not_its_lines(station: str) -> None:
    """A line that takes over has the BOX_ID of the one before; a station started anew has not."""
    first = Heartbeat.create(station)
    first.take_over()
    heir = Heartbeat.attach(station)
    heir.take_over()
    assert 0 < heir.box == first.box <= 0xFFFF
    others = set()
    for _ in range(5):
        heartbeat_path(station).unlink()
        others.add(Heartbeat.create(station).box)
    assert others - {first.box}


def test_heartbeat_idle_is_life_but_no_cycle(station: str) -> None:
    """A line that waits for parts lives; it has not inspected anything."""
    line = Heartbeat.create(station)
    watcher = Heartbeat.attach(station)
    line.idle(123)
    assert (watcher.cycles, watcher.alive_ns) == (0, 123)


def test_heartbeat_that_nobody_made_is_refused(station: str) -> None:
    """There is nothing to watch before the supervisor made it."""
    with pytest.raises(SegmentError, match="heartbeat"):
        Heartbeat.attach(station)


def test_heartbeat_closed_gives_its_memory_back(station: str) -> None:
    """The mapping is gone after close."""
    heart = Heartbeat.create(station)
    heart.close()
    assert heart.segment.map.closed


WORDS = {
    "cycles": [0],
    "alive_ns": [3],
    "part_id": [4],
    "mode": [5],
    "session": [6],
    "broken": [7],
    "takeovers": [8],
    "box": [10],
    "faults": [11],
}


@pytest.mark.parametrize(("name", "at"), WORDS.items())
def test_heartbeat_words_stand_where_the_docstring_says(
    station: str, name: str, at: list[int]
) -> None:
    """Each name reads its own word, and no other."""
    line = Heartbeat.create(station)
    assert index_of(HeartbeatView.attach(station), name, line.segment.words(0, 16)) == at


def test_heartbeat_line_writes_where_the_docstring_says(station: str) -> None:
    """Every word with a number of its own."""
    line = Heartbeat.create(station)
    line.take_over()
    line.begin(102, 104)
    line.beat(*cycle())
    line.beat(*cycle(checks=()))
    line.show(Mode.SAFE, 106, 111)
    line.want(109)
    words = line.segment.words(0, 16).tolist()
    assert words[1] == words[3] > 0
    assert words[:1] + words[2:3] + words[4:10] == [1, 102, 104, Mode.SAFE, 106, 1, 1, 109]
    assert words[11:] == [111, 0, 0, 0, 0]


def test_heartbeat_wants_the_first_recipe_until_a_line_has_begun(station: str) -> None:
    """An engine process that starts before the line has one to load."""
    line = Heartbeat.create(station)
    watcher = HeartbeatView.attach(station)
    assert watcher.recipe == 1
    line.want(3)
    assert watcher.recipe == 3


def test_heartbeat_of_a_watcher_cannot_be_written(station: str) -> None:
    """Life comes from the line alone."""
    Heartbeat.create(station)
    watcher = HeartbeatView.attach(station)
    cannot_write(watcher, WORDS, watcher.words)
    assert not hasattr(watcher, "beat")
