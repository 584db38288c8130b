"""The table of an exchange: every step with every event, and what must never follow."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.engines.loading.steps import TABLE, Action, Event, Step, advance

EVENTS = st.lists(st.sampled_from(Event), max_size=60)
PERMITS = {Event.ACTIVATE, Event.ACTIVATE_WITHOUT_SHADOW, Event.READY_AGAIN}
CHANGED = {Step.TRIAL, Step.SETTLED}  # the new engine judges


def test_table_names_only_steps_that_can_be_reached() -> None:
    """From IDLE, by events alone."""
    reached = {Step.IDLE}
    while more := {TABLE[s, e][0] for s, e in TABLE if s in reached} - reached:
        reached |= more
    assert reached == set(Step)


@pytest.mark.parametrize(("step", "event"), list(itertools.product(Step, Event)))
def test_table_answers_every_pair(step: Step, event: Event) -> None:
    """A pair that is not named changes nothing, and does nothing."""
    after, action = advance(step, event)
    if (step, event) not in TABLE:
        assert (after, action) == (step, Action.NONE)
    else:
        assert after is not step


@pytest.mark.parametrize(("step", "event"), sorted(TABLE))
def test_table_flips_only_what_was_raised_and_loads_only_what_was_checked(
    step: Step, event: Event
) -> None:
    """Each action has one way to it."""
    _, action = TABLE[step, event]
    ways = {
        Action.CHECK: {(Step.IDLE, Event.LOAD), (Step.IDLE, Event.ROLLBACK),
                       (Step.UNLOADING, Event.LOAD), (Step.UNLOADING, Event.ROLLBACK)},
        Action.ORDER: {(Step.CHECKING, Event.CHECKED)},
        Action.SWITCH: {(Step.RAISING, Event.RAISED)},
        Action.TRY: {(Step.SWITCHING, Event.SWITCHED)},
    }  # fmt: skip
    if action in ways:
        assert (step, event) in ways[action]


@given(EVENTS)
def test_table_flips_only_with_a_report_or_when_told_without(events: list[Event]) -> None:
    """Between an order to a place and a switch somebody permits it, and a report stands before."""
    step, ordered, permitted, reported = Step.IDLE, False, False, False
    for event in events:
        before = step
        step, action = advance(step, event)
        if step is before:
            continue
        if action is Action.ORDER:
            ordered, permitted, reported = True, False, False
        reported |= action is Action.REPORT
        permitted |= event in PERMITS
        if event is Event.ACTIVATE:
            assert reported
        if action is Action.SWITCH:
            assert ordered
            assert permitted


@given(EVENTS)
def test_table_empties_no_place_while_an_order_to_the_line_stands(events: list[Event]) -> None:
    """SWITCHING and BACKING end by the line's answer alone."""
    step = Step.IDLE
    for event in events:
        before = step
        step, action = advance(step, event)
        if before in {Step.SWITCHING, Step.BACKING} and action is Action.EMPTY:
            assert event in {Event.NOT_READY, Event.ROLLED_BACK}


@pytest.mark.parametrize("step", Step)
def test_table_comes_to_rest_from_every_step(step: Step) -> None:
    """Whatever fails: there is a way to IDLE without anybody's permission."""
    reached, untold = {step}, PERMITS | {Event.LOAD, Event.ROLLBACK}
    for _ in Step:
        reached |= {TABLE[s, e][0] for s, e in TABLE if s in reached and e not in untold}
    assert Step.IDLE in reached


@pytest.mark.parametrize("step", [Step.LOADING, Step.SHADOW, Step.REPORTED, Step.RAISING])
@pytest.mark.parametrize("event", [Event.REFUSED, Event.LOST, Event.UNLOAD])
def test_table_gives_up_before_the_flip_by_emptying_the_other_place(
    step: Step, event: Event
) -> None:
    """The one that judges is not asked for anything."""
    assert advance(step, event) == (Step.UNLOADING, Action.EMPTY)


@pytest.mark.parametrize("step", sorted(CHANGED))
def test_table_goes_back_at_once(step: Step) -> None:
    """A rollback while the former engine is warm is an order to the line, and nothing else."""
    assert advance(step, Event.ROLLBACK) == (Step.BACKING, Action.BACK)
