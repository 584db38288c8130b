"""What the loader makes of what it sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.engines.loading.glance import ANSWER_S, EMPTY_S, RAISE_S, Glance, Limits, event_of
from gonogo.engines.loading.steps import TABLE, Event, Step
from gonogo.ipc.engine_slot import Phase

LIMITS = Limits(load_s=120, warm_s=600)
SIGHTS = st.builds(
    Glance,
    waited_s=st.floats(0, 10_000),
    checked=st.none() | st.booleans(),
    phase=st.sampled_from(Phase),
)
E_ = Event


@pytest.mark.parametrize(
    ("step", "seen", "event"),
    [
        (Step.IDLE, Glance(phase=Phase.REFUSED, lost=True), None),
        (Step.CHECKING, Glance(), None),
        (Step.CHECKING, Glance(checked=True), E_.CHECKED),
        (Step.CHECKING, Glance(checked=False), E_.REFUSED),
        (Step.CHECKING, Glance(waited_s=121), E_.LATE),
        (Step.LOADING, Glance(phase=Phase.TESTING), None),
        (Step.LOADING, Glance(phase=Phase.TESTING, waited_s=121), E_.LATE),
        (Step.LOADING, Glance(phase=Phase.READY, waited_s=121), E_.READY),
        (Step.LOADING, Glance(phase=Phase.READY, again=True), E_.READY_AGAIN),
        (Step.LOADING, Glance(phase=Phase.READY, lost=True), E_.LOST),
        (Step.LOADING, Glance(phase=Phase.REFUSED, lost=True), E_.REFUSED),
        (Step.SHADOW, Glance(phase=Phase.READY), None),
        (Step.SHADOW, Glance(phase=Phase.READY, judged=True), E_.JUDGED),
        (Step.SHADOW, Glance(judged=True, lost=True), E_.LOST),
        (Step.REPORTED, Glance(phase=Phase.READY, waited_s=1e9), None),
        (Step.REPORTED, Glance(phase=Phase.REFUSED), E_.REFUSED),
        (Step.RAISING, Glance(phase=Phase.READY), None),
        (Step.RAISING, Glance(phase=Phase.READY, realtime=True), E_.RAISED),
        (Step.RAISING, Glance(phase=Phase.READY, waited_s=RAISE_S + 1), E_.RAISED),
        (Step.RAISING, Glance(realtime=True, lost=True), E_.LOST),
        (Step.FLIPPING, Glance(phase=Phase.READY, answered=False), None),
        (Step.FLIPPING, Glance(answered=False, waited_s=ANSWER_S + 1), E_.LATE),
        (Step.FLIPPING, Glance(answered=False, lost=True), E_.LOST),
        (Step.FLIPPING, Glance(answered=False, active=True), None),
        (Step.FLIPPING, Glance(active=True, lost=True), E_.FLIPPED),
        (Step.FLIPPING, Glance(), E_.NOT_READY),
        (Step.FLIPPING, Glance(retreated=True), E_.RETREATED),
        (Step.TRIAL, Glance(active=True), None),
        (Step.TRIAL, Glance(active=True, watched=True), E_.TRIED),
        (Step.TRIAL, Glance(active=True, watched=True, disappointed=True), E_.DISAPPOINTED),
        (Step.TRIAL, Glance(watched=True), E_.RETREATED),
        (Step.SETTLED, Glance(active=True), None),
        (Step.SETTLED, Glance(active=True, waited_s=601), E_.COLD),
        (Step.SETTLED, Glance(waited_s=601), E_.RETREATED),
        (Step.BACKING, Glance(answered=False, active=True, waited_s=1e9), None),
        (Step.BACKING, Glance(answered=False, waited_s=1e9), None),
        (Step.BACKING, Glance(), E_.RETREATED),
        (Step.BACKING, Glance(active=True), E_.NOT_READY),
        (Step.UNLOADING, Glance(), None),
        (Step.UNLOADING, Glance(emptied=True), E_.EMPTY),
        (Step.UNLOADING, Glance(waited_s=EMPTY_S + 1), E_.LATE),
    ],
)
def test_glance_is_this_event(step: Step, seen: Glance, event: Event | None) -> None:
    """Step by step."""
    assert event_of(step, seen, LIMITS) is event


@given(st.sampled_from(Step), SIGHTS)
def test_glance_makes_no_event_that_the_table_does_not_name(step: Step, seen: Glance) -> None:
    """An event without an entry would be lost in silence."""
    event = event_of(step, seen, LIMITS)
    assert event is None or (step, event) in TABLE
