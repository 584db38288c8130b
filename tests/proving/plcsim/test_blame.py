"""Whose fault it was: the judge is excused by its own lateness alone, where that explains all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.proving.plcsim.blame import (
    BOUND_MS,
    CLOCKS_MS,
    GRACE_MS,
    HANG_UP_MS,
    HEART_MS,
    RECOVERY_MS,
    WAIT_OVER_MS,
    Span,
    covered_ns,
)
from gonogo.tests.plc.sim.onepart import (
    DUE_MS,
    MS,
    TRIGGER_MS,
    WAITS_MS,
    Event,
    at,
    behind,
    hang_up,
    record,
    run,
    session,
)

if TYPE_CHECKING:
    from gonogo.proving.plcsim.row import Row


def by_judge(*events: Event, **keys: Any) -> bool:  # noqa: ANN401 - as run
    """Whether the one part without a timely verdict is laid to the judge, consistently."""
    found = run(*events, **keys)
    row = found.rows[0]
    assert (found.missing, found.ok) == (1, False)
    assert found.missing_by_judge == row.by_judge == found.inconclusive
    assert found.late_by_judge == (row.by_judge and row.taken == "late")
    return row.by_judge


def the_row(*events: Event) -> Row:
    """The part."""
    return run(*events).rows[0]


# -- the judge in time: always the station ----------------------------------------------


@pytest.mark.parametrize("polls", [False, True])
@pytest.mark.parametrize("events", [(), (record(1101),), (record(1300),)])
def test_blame_is_the_stations_while_the_judge_is_in_time(
    events: tuple[Event, ...], *, polls: bool
) -> None:
    """Silent or late, in both roles."""
    assert not by_judge(*events, polls=polls)


@pytest.mark.parametrize("what", ["scan", "reply"])
def test_blame_passes_over_lateness_within_the_bound(what: str) -> None:
    """A verdict 1 ms late, and a judge late by as much as counts for nothing."""
    assert not by_judge(behind(what, 1101 - BOUND_MS, 1101), record(1101))
    assert by_judge(behind("reply", 1101 - BOUND_MS - 0.1, 1101), record(1101))


def test_blame_passes_over_lateness_before_and_after_the_part() -> None:
    """Only what lies between its trigger and its verdict."""
    assert not by_judge(behind("reply", 700, 990), behind("reply", 1200, 1390), record(1150))
    assert not by_judge(behind("reply", 700, 990), behind("reply", 1200, 1390))


# -- late verdicts, of a station that asks ----------------------------------------------


def test_blame_of_a_verdict_that_came_as_the_judge_was_back_is_the_judges() -> None:
    """Its request lay in the socket; both times are told."""
    row = the_row(behind("reply", 1040, 1115), record(1117, 1120))
    assert row.by_judge
    assert row.late_ms == pytest.approx(20.0)
    assert row.judge_late_ms == pytest.approx(75.0)


def test_blame_of_a_verdict_that_came_well_after_the_judges_return_is_the_stations() -> None:
    """By then it had to be ready: the station was late in the same moment."""
    assert by_judge(behind("reply", 1040, 1115), record(1115 + GRACE_MS))
    assert not by_judge(behind("reply", 1040, 1115), record(1115 + GRACE_MS + 0.1))


def test_blame_needs_the_judges_lateness_to_explain_all_of_it() -> None:
    """It came 20 ms late, and the judge took 15 of them."""
    assert not by_judge(behind("reply", 1105, 1120), record(1120))
    assert not by_judge(behind("reply", 1099, 1114), record(1115, 1120))


def test_blame_of_a_scan_that_was_missed_is_the_judges() -> None:
    """The verdict was there in time; the scan that was due did not see it."""
    assert by_judge(behind("scan", 1090, 1130), record(1095, 1130))
    assert by_judge(behind("scan", 1060, 1130), record(1095, 1130))


def test_blame_of_a_scan_that_was_due_too_late_anyway_is_the_stations() -> None:
    """It arrived in time, and the next scan was due after the decision point."""
    assert not by_judge(behind("scan", 1104, 1130), record(1099, 1130))


def test_blame_of_a_server_that_was_late_excuses_no_scan() -> None:
    """The verdict was there in time, and its next scan was due too late: a matter of the sum."""
    assert not by_judge(behind("reply", 1096, 1130), record(1095, 1130))


def test_blame_of_missed_scans_excuses_no_arrival() -> None:
    """The station could write all the time, and had nothing to write: it stood still, too."""
    assert not by_judge(behind("scan", 1003, 1160), record(1161, 1163))


def test_blame_gives_back_what_passed_before_the_trigger_could_be_read() -> None:
    """Told at 1080 ms by a judge that was late, the part has its whole budget from then on."""
    late = behind("reply", 1001, 1080)
    assert by_judge(late, record(1170), heard_ms=1080)
    assert not by_judge(late, record(1185), heard_ms=1080)
    assert not by_judge(record(1170), heard_ms=1080)  # nobody kept it from reading


def test_blame_of_a_station_that_waited_longer_than_it_does_is_its_own() -> None:
    """It had asked, and should have hung up: it was not there to do it."""
    until_ms = 1010 + WAITS_MS + WAIT_OVER_MS + 1
    events = (behind("reply", 1010, until_ms), record(until_ms + 1))
    assert not by_judge(*events)
    assert by_judge(*events, waits_ms=None)  # how long it waits is not known
    assert by_judge(behind("reply", 1010, until_ms - 2), record(until_ms - 1))


# -- late verdicts, of a station that is asked ------------------------------------------


@pytest.mark.parametrize("what", ["scan", "poll"])
def test_blame_of_a_poll_that_came_late_is_the_judges(what: str) -> None:
    """The first poll after the absence brought the verdict, which was made in time."""
    assert by_judge(behind(what, 1010, 1150), record(1151), polls=True)


def test_blame_of_a_polled_station_that_says_it_took_too_long_is_its_own() -> None:
    """Nothing kept it from having the verdict ready: it stood still with the judge."""
    late = behind("scan", 1010, 1150)
    assert not by_judge(late, record(1151, took_ms=149), polls=True)
    assert by_judge(late, record(1151, took_ms=98), polls=True)
    assert not by_judge(late, record(1151, took_ms=98.1), polls=True)


def test_blame_of_a_verdict_that_the_first_poll_did_not_bring_is_the_stations() -> None:
    """It was asked at once after the judge's return."""
    assert not by_judge(behind("scan", 1010, 1150), record(1160), polls=True)


# -- verdicts that never came ------------------------------------------------------------


def test_blame_of_a_link_that_the_judge_broke_lasts_until_the_next_session() -> None:
    """It owed an answer, was hung up on, and what was on its way is lost."""
    broke = (behind("reply", 1050, 1140), hang_up(1140.5))
    assert by_judge(*broke, session(1300))
    assert by_judge(behind("reply", 800, 900), hang_up(900.5), session(1050))
    assert not by_judge(behind("reply", 800, 900), hang_up(900.5), session(999))


def test_blame_of_a_broken_link_ends_when_it_must_be_back() -> None:
    """A station that does not come back has its own reasons."""
    ago_ms = TRIGGER_MS - RECOVERY_MS
    assert by_judge(behind("reply", ago_ms - 90, ago_ms + 1), hang_up(ago_ms + 1), session(4000))
    assert not by_judge(
        behind("reply", ago_ms - 90, ago_ms - 1), hang_up(ago_ms - 1), session(4000)
    )


@pytest.mark.parametrize("waits_ms", [None, WAITS_MS])
def test_blame_of_a_hang_up_before_the_station_may_is_its_own(waits_ms: float | None) -> None:
    """It waits that long at least, so it was not the judge that it lost patience with."""
    least_ms = waits_ms or HANG_UP_MS
    for over_ms, excused in ((-CLOCKS_MS - 0.1, False), (-CLOCKS_MS + 0.1, True)):
        until_ms = 1010 + least_ms + over_ms
        events = (behind("reply", 1010, until_ms), hang_up(until_ms + 1), session(1300))
        assert by_judge(*events, waits_ms=waits_ms) is excused


def test_blame_of_a_verdict_that_the_plc_forgot_is_no_matter_of_the_link() -> None:
    """It came, and the PLC had been told to restart."""
    broke = (behind("reply", 1050, 1140), hang_up(1140.5), session(1300))
    assert not by_judge(*broke, record(1200, taken="lost"))


@pytest.mark.parametrize("t_ms", [1009.0, 1140 + GRACE_MS + 1])
def test_blame_of_a_hang_up_at_another_time_is_the_stations(t_ms: float) -> None:
    """The judge owed it nothing then."""
    assert not by_judge(behind("reply", 1050, 1140), hang_up(t_ms), session(1300))


def test_blame_of_a_judge_whose_link_held_is_the_stations() -> None:
    """Late, but nothing broke: a verdict has no reason not to come at all."""
    assert not by_judge(behind("reply", 1050, 1140))
    assert not by_judge(behind("scan", 1050, 1140), hang_up(1140.5), session(1300))


@pytest.mark.parametrize("polls", [False, True])
def test_blame_of_a_heart_that_stood_still_for_too_long_is_the_judges(*, polls: bool) -> None:
    """The station has to take the link as lost then, whoever polls."""
    end_ms = 1090.0
    late, back = behind("scan", end_ms - HEART_MS - 1, end_ms), session(1200)
    assert by_judge(late, back, polls=polls)
    assert not by_judge(behind("scan", end_ms - HEART_MS + 1, end_ms), back, polls=polls)


# -- what is never excused ---------------------------------------------------------------


def wrong_part() -> Event:
    """A verdict for a part that is not on the belt."""
    return record(1141, part=None, part_id=99, taken="wrong_part") | {"event": "wrong_part"}


@pytest.mark.parametrize("also", [wrong_part(), record(1142, taken="doubled")])
def test_blame_never_excuses_a_wrong_or_doubled_verdict(also: Event) -> None:
    """However late the judge was: the run is not inconclusive, it has failed."""
    found = run(behind("reply", 1050, 1115), record(1117), also)
    assert (found.missing, found.missing_by_judge, found.inconclusive) == (1, 1, False)


def test_blame_of_two_parts_is_told_apart() -> None:
    """One by the judge, one by the station: the run has failed."""
    events = [behind("reply", 1050, 1115), record(1117)]
    other = {"part": 2, "part_id": 8}
    events += [at(1200, "trigger", **other, good=True, label="x"), at(1202, "heard", part_id=8)]
    events += [at(1390, "eject", **other, why="silent", good=True, label="x")]
    found = run(*events)
    assert [row.by_judge for row in found.rows] == [True, False]
    assert (found.missing, found.missing_by_judge, found.inconclusive) == (2, 1, False)


def test_blame_leaves_a_timely_part_alone() -> None:
    """A judge that was late and missed nothing is no reason for anything."""
    found = run(behind("reply", 1010, 1080), record(1081))
    assert (found.ok, found.inconclusive, found.missing_by_judge) == (True, False, 0)
    assert not found.rows[0].by_judge
    assert [span.ms for span in found.behind] == [70.0]


def test_blame_counts_absences_of_two_threads_at_once_as_one() -> None:
    """Scan and server were stopped together."""
    found = run(behind("scan", 1010, 1080), behind("reply", 1005, 1079), behind("scan", 1200, 1240))
    assert [(span.since_ns // MS, span.until_ns // MS) for span in found.behind] == [
        (1005, 1080),
        (1200, 1240),
    ]
    assert found.rank == 38


# -- properties --------------------------------------------------------------------------

spans = st.lists(
    st.tuples(st.sampled_from(["scan", "reply"]), st.integers(900, 1400), st.integers(1, 300)),
    max_size=6,
)


@given(spans, st.floats(1100.1, 1390))
def test_blame_never_excuses_more_than_the_judge_took(
    told: list[tuple[str, int, int]], arrival_ms: float
) -> None:
    """Whatever the judge was late by: taken off, the verdict is in time, or it is the station's."""
    events = [behind(what, since_ms, since_ms + for_ms) for what, since_ms, for_ms in told]
    row = the_row(*events, record(arrival_ms))
    if row.by_judge:
        assert arrival_ms - row.judge_late_ms <= DUE_MS + 1e-6
        assert row.judge_late_ms > 0


@given(spans)
def test_covered_counts_each_moment_once(told: list[tuple[str, int, int]]) -> None:
    """Against counting milliseconds one by one."""
    made = sorted((Span(what, since, since + long) for what, since, long in told), key=since_of)
    inside = {t for span in made for t in range(span.since_ns, span.until_ns)}
    assert covered_ns(made, 1000, 1200) == len(inside & set(range(1000, 1200)))


def since_of(span: Span) -> int:
    """Its beginning."""
    return span.since_ns
