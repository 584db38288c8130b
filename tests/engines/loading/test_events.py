"""What the loader makes of what it sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.engines.loading.events import ANSWER_S, EMPTY_S, RAISE_S, StepLimits, event_of
from gonogo.engines.loading.observation import Observation
from gonogo.engines.loading.steps import TABLE, Event, Step
from gonogo.ipc.engine_slot import Phase

LIMITS = StepLimits(load_s=120, warm_s=600)
SIGHTS = st.builds(
    Observation,
    waited_s=st.floats(0, 10_000),
    checked=st.none() | st.booleans(),
    phase=st.sampled_from(Phase),
)
E_ = Event


@pytest.mark.parametrize(
    ("step", "seen", "event"),
    [
        (Step.IDLE, Observation(phase=Phase.REFUSED, lost=True), None),
        (Step.CHECKING, Observation(), None),
        (Step.CHECKING, Observation(checked=True), E_.CHECKED),
        (Step.CHECKING, Observation(checked=False), E_.REFUSED),
        (Step.CHECKING, Observation(waited_s=121), E_.LATE),
        (Step.LOADING, Observation(phase=Phase.TESTING), None),
        (Step.LOADING, Observation(phase=Phase.TESTING, waited_s=121), E_.LATE),
        (Step.LOADING, Observation(phase=Phase.READY, waited_s=121), E_.READY),
        (Step.LOADING, Observation(phase=Phase.READY, again=True), E_.READY_AGAIN),
        (Step.LOADING, Observation(phase=Phase.READY, lost=True), E_.LOST),
        (Step.LOADING, Observation(phase=Phase.REFUSED, lost=True), E_.REFUSED),
        (Step.SHADOW, Observation(phase=Phase.READY), None),
        (Step.SHADOW, Observation(phase=Phase.READY, judged=True), E_.JUDGED),
        (Step.SHADOW, Observation(judged=True, lost=True), E_.LOST),
        (Step.REPORTED, Observation(phase=Phase.READY, waited_s=1e9), None),
        (Step.REPORTED, Observation(phase=Phase.REFUSED), E_.REFUSED),
        (Step.RAISING, Observation(phase=Phase.READY), None),
        (Step.RAISING, Observation(phase=Phase.READY, realtime=True), E_.RAISED),
        (Step.RAISING, Observation(phase=Phase.READY, waited_s=RAISE_S + 1), E_.RAISED),
        (Step.RAISING, Observation(realtime=True, lost=True), E_.LOST),
        (Step.SWITCHING, Observation(phase=Phase.READY, answered=False), None),
        (Step.SWITCHING, Observation(answered=False, waited_s=ANSWER_S + 1), E_.LATE),
        (Step.SWITCHING, Observation(answered=False, lost=True), E_.LOST),
        (Step.SWITCHING, Observation(answered=False, active=True), None),
        (Step.SWITCHING, Observation(active=True, lost=True), E_.SWITCHED),
        (Step.SWITCHING, Observation(), E_.NOT_READY),
        (Step.SWITCHING, Observation(rolled_back=True), E_.ROLLED_BACK),
        (Step.TRIAL, Observation(active=True), None),
        (Step.TRIAL, Observation(active=True, watched=True), E_.TRIED),
        (Step.TRIAL, Observation(active=True, watched=True, disappointed=True), E_.DISAPPOINTED),
        (Step.TRIAL, Observation(watched=True), E_.ROLLED_BACK),
        (Step.SETTLED, Observation(active=True), None),
        (Step.SETTLED, Observation(active=True, waited_s=601), E_.COLD),
        (Step.SETTLED, Observation(waited_s=601), E_.ROLLED_BACK),
        (Step.BACKING, Observation(answered=False, active=True, waited_s=1e9), None),
        (Step.BACKING, Observation(answered=False, waited_s=1e9), None),
        (Step.BACKING, Observation(), E_.ROLLED_BACK),
        (Step.BACKING, Observation(active=True), E_.NOT_READY),
        (Step.UNLOADING, Observation(), None),
        (Step.UNLOADING, Observation(emptied=True), E_.EMPTY),
        (Step.UNLOADING, Observation(waited_s=EMPTY_S + 1), E_.LATE),
    ],
)
def test_event_of_an_observation(step: Step, seen: Observation, event: Event | None) -> None:
    """Step by step."""
    assert event_of(step, seen, LIMITS) is event


@given(st.sampled_from(Step), SIGHTS)
def test_event_is_one_that_the_table_names(step: Step, seen: Observation) -> None:
    """An event without an entry would be lost in silence."""
    event = event_of(step, seen, LIMITS)
    assert event is None or (step, event) in TABLE
