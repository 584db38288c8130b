"""From rows to charts, over restarts, swaps, pauses, clocks that step and damaged files."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.records.drift import restarts, saving
from gonogo.records.drift.feed import FedView, Feed
from gonogo.records.drift.following import Follower, read_state
from gonogo.records.drift.frames import Shown
from gonogo.records.drift.looks import Seen
from gonogo.records.drift.overrides import Said, SaidOf
from gonogo.records.drift.part import Conditions, Looks, Signal
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.rows import Mark
from gonogo.tests.records.drift.made import ENGINE, HOUR, NAMES, OTHER, TOP, Recorded, learnt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.records.drift.watch import DriftWatch

SWAPPED = TOP._replace(engine=NAMES[OTHER])


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Recorded]:
    """A station that runs."""
    made = Recorded(tmp_path / "records.sqlite")
    yield made
    made.close()


def feed() -> Feed:
    """Of its one view."""
    return Feed("run1", [FedView("top", 500.0, scored=True)])


def follower(
    line: Recorded, watch: DriftWatch | None = None, given: Feed | None = None
) -> Follower:
    """As the process makes it, from the state that is there."""
    if watch is not None:
        watch.mark = Mark("", -1, -1)
        saving.write(saving.beside_records(line.base), watch)
    return Follower(line.base, given or feed(), lambda: ())


def follow(held: Follower) -> int:
    """All that there is; how many parts that was."""
    # what came since the look before waits for the next one
    counts = [held.turn().parts for _ in range(2)]
    while counts[-1]:
        counts.append(held.turn().parts)
    return sum(counts)


def hours(held: Follower, at: Conditions = TOP) -> int:
    """How many hours a set of charts has had."""
    return held.watch.watched[at].hour.number


def test_follower_charts_the_hours_that_pass(line: Recorded) -> None:
    """From the first start on: LEARNING, and the file says so."""
    held = follower(line)
    line.parts(3 * HOUR + 2)
    assert follow(held) == 3 * HOUR + 2
    assert hours(held) == 3
    kept = saving.read(held.state)
    assert len(kept.watched[TOP].charts.learnt) == 3
    assert kept.mark is not None
    assert kept.mark.run == "run1"


def test_follower_alarms_when_scores_have_moved(line: Recorded) -> None:
    """Some hours after they did, once, and it goes on after a restart."""
    held = follower(line, learnt())
    line.parts(2 * HOUR)
    line.parts(6 * HOUR, 1.5)
    follow(held)
    out = {each.signal for each in held.watch.current["top"].charts.standing() if each.alarm}
    assert Signal.ACCEPTED_SCORES in out
    after = follower(line).watch.current["top"].charts.standing()
    assert {each.signal for each in after if each.alarm} == out


@pytest.mark.parametrize("taken", [1, HOUR, HOUR + 1, 2 * HOUR + 60])
def test_follower_counts_every_part_once_over_a_restart(line: Recorded, taken: int) -> None:
    """Killed anywhere: the charts are those of a process that was never killed."""
    never, killed = follower(line, learnt()), follower(line)
    line.parts(taken)
    follow(killed)
    line.parts(3 * HOUR + 10 - taken)
    again = follower(line)
    follow(again)
    follow(never)
    both = (each.watch.watched[TOP].charts.recent for each in (never, again))
    for one, other in zip(*both, strict=True):
        assert one.rejects == other.rejects
        assert np.array_equal(one.accepted, other.accepted)
    assert hours(never) == hours(again) == HOURS + 3


def test_follower_gives_an_engine_that_is_swapped_in_charts_of_its_own(line: Recorded) -> None:
    """In the middle of an hour; the former one comes back to its own."""
    held = follower(line, learnt())
    line.parts(HOUR // 2)
    line.parts(2 * HOUR + 2, engine=OTHER)
    follow(held)
    assert (hours(held), hours(held, SWAPPED)) == (HOURS, 2)
    assert held.watch.current["top"].charts.learning
    line.parts(2)
    follow(held)
    # it was away for more than an hour: its half one is over with its next part
    assert hours(held) == HOURS + 1
    assert held.watch.watched[TOP].charts.recent[-1].rejects.of == HOUR // 2


def test_follower_takes_a_weekend_for_no_hour(line: Recorded) -> None:
    """Nothing passed for 60 hours; then the next hour is the next one."""
    held = follower(line, learnt())
    line.parts(HOUR)
    line.wait(60 * 3600)
    line.parts(HOUR + 1)
    follow(held)
    assert hours(held) == HOURS + 2
    assert [each.rejects.of for each in held.watch.watched[TOP].charts.recent] == [HOUR] * 2


def test_follower_does_not_mind_a_clock_that_steps(line: Recorded) -> None:
    """A day on, a day back, over the month: hours are those of the monotonic clock."""
    held = follower(line, learnt())
    for wall in ("2026-03-31T23:50:00", "2026-04-01T23:50:00", "2026-03-31T12:00:00"):
        line.set(wall)
        line.parts(HOUR)
    line.parts(1)
    follow(held)
    assert [each.rejects.of for each in held.watch.watched[TOP].charts.recent] == [HOUR] * 3
    assert not any(each.alarm for each in held.watch.current["top"].charts.standing())


def test_follower_counts_scores_and_embeddings_of_no_use(line: Recorded) -> None:
    """NaN scores, embeddings whose length changes: the parts count for the rejects all the same."""
    given = feed()
    held = follower(line, learnt(), given)
    made = [entry for k in range(HOUR) for entry in line.parts(1)]
    seen = Seen(Looks(1.0, 1.0, 1.0), np.ones(4, np.float32))
    for k, entry in enumerate(made):
        length = 7 if k < 60 else 9
        shown = {NAMES[ENGINE]: np.ones(length, np.float32)}
        given.show("top", Shown(entry.part.serial, seen, shown))
    bad = line.parts(1)[0]
    score = bad.scores[0]
    assert score is not None
    odd = [
        bad._replace(
            part=bad.part._replace(serial=bad.part.serial + 1 + k),
            scores=(score._replace(value=value),),
        )
        for k, value in enumerate((float("nan"), float("inf")))
    ]
    line.write(*odd)
    follow(held)
    assert held.watch.odd == HOUR - 60 + 2
    assert held.watch.watched[TOP].charts.recent[-1].rejects.of == HOUR


def test_follower_begins_anew_where_its_file_is_damaged(
    line: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so (GN615), sets it aside, and what was there before is not read anew."""
    held = follower(line, learnt())
    line.parts(HOUR + 2)
    follow(held)
    raw = held.state.read_bytes()
    held.state.write_bytes(raw[: len(raw) // 2])
    again = follower(line)
    assert "GN615" in caplog.text
    assert again.watch.watched == {}
    assert held.state.with_name(f"{held.state.name}.damaged").read_bytes() == raw[: len(raw) // 2]
    line.parts(5)
    assert follow(again) == 5


def test_follower_goes_on_in_memory_where_nothing_can_be_written(
    line: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk that is full, a folder that is gone: said, and the charts go on."""
    held = follower(line, learnt())
    held.state = held.state.parent / "gone" / "state.json"
    line.parts(2 * HOUR + 1)
    follow(held)
    assert hours(held) == HOURS + 2
    assert "cannot be written" in caplog.text


def test_follower_restarts_a_reference_that_somebody_gave_up(
    line: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    """All sets of that view, and no other's; the request is done once, who and why is kept."""
    watch = learnt()
    watch.take(learnt(TOP._replace(view="side")).watched[TOP._replace(view="side")])
    held = follower(line, watch)
    line.parts(20)
    follow(held)
    asked = restarts.RestartRequest(view="top", who="M. Muster", why="new lamp", wall_s=5.0)
    restarts.ask(held.state, asked)
    with caplog.at_level(logging.WARNING):
        assert held.turn().news
    assert [at.view for at in held.watch.watched] == ["side"]
    assert "M. Muster: new lamp" in caplog.text
    assert not held.turn().news
    (kept,) = follower(line).watch.restarts
    assert (kept.conditions, kept.who, kept.why) == (TOP, "M. Muster", "new lamp")


def test_follower_tells_once_of_a_request_that_is_none(
    line: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where it cannot be removed."""
    held = follower(line, learnt())
    held.state.with_name(f"{held.state.stem}.restart-1.json").mkdir()
    for _ in range(2):
        assert not held.turn().news
    assert caplog.text.count("no reference begins anew by this request") == 1


def test_follower_tells_how_far_behind_it_is(
    line: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    """Once when it is far, once when only some wait, as of a line that goes on; and again."""
    follower(line, learnt())
    held = Follower(line.base, feed(), lambda: (), behind=300)
    caplog.set_level(logging.INFO)
    line.parts(299)
    held.look()
    assert "GN629" not in caplog.text
    line.parts(1)
    for _ in range(2):
        held.look()
    assert held.waiting == 300
    assert caplog.text.count("GN629") == 1
    follow(held)
    line.parts(30)
    held.look()
    assert "caught up" not in caplog.text
    follow(held)
    line.parts(29)
    held.look()
    assert held.waiting == 29
    assert caplog.text.count("caught up") == 1
    line.parts(271)
    held.look()
    assert caplog.text.count("GN629") == 2


def test_follower_keeps_what_people_said(line: Recorded) -> None:
    """For whoever asks by the file, and the next process; also while it is not known."""
    said = SaidOf("top", "ENGINE", 7.0, Said(Signal.OVERRIDES, 0.5, 0.0, 0.3, alarmed=True))
    answers = [(said,), None, ()]
    held = Follower(line.base, feed(), lambda: answers.pop(0))
    for expected in ((said,), (said,), ()):
        held.look()
        assert held.watch.said == read_state(held.state).said == expected
