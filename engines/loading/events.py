"""Which event an observation is, step by step: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.engines.loading.steps import Event, Step
from gonogo.ipc.engine_slot import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.engines.loading.observation import Observation

RAISE_S = 2.0  # where real time is not permitted nobody says that it was done; the line tries it
ANSWER_S = 30.0  # a line that lives answers within ten seconds
EMPTY_S = 30.0


class StepLimits(NamedTuple):
    """How long a step may take."""

    load_s: float
    warm_s: float


def event_of(step: Step, seen: Observation, limits: StepLimits) -> Event | None:
    """What has happened since the last observation, if anything has."""
    event_at = _EVENTS_AT.get(step)
    return event_at(seen, limits) if event_at else None


def _checking(seen: Observation, limits: StepLimits) -> Event | None:
    if seen.checked is not None:
        return Event.CHECKED if seen.checked else Event.REFUSED
    return Event.LATE if seen.waited_s > limits.load_s else None


def _loading(seen: Observation, limits: StepLimits) -> Event | None:
    trouble = _trouble(seen)
    if trouble is not None:
        return trouble
    if seen.phase is Phase.READY:
        return Event.READY_AGAIN if seen.again else Event.READY
    return Event.LATE if seen.waited_s > limits.load_s else None


def _shadow(seen: Observation, _: StepLimits) -> Event | None:
    return _trouble(seen) or (Event.JUDGED if seen.judged else None)


def _reported(seen: Observation, _: StepLimits) -> Event | None:
    return _trouble(seen)


def _raising(seen: Observation, _: StepLimits) -> Event | None:
    raised = seen.realtime or seen.waited_s > RAISE_S
    return _trouble(seen) or (Event.RAISED if raised else None)


def _switching(seen: Observation, _: StepLimits) -> Event | None:
    if seen.answered and seen.active:
        return Event.SWITCHED
    if seen.answered:
        return Event.ROLLED_BACK if seen.rolled_back else Event.NOT_READY
    late = Event.LATE if seen.waited_s > ANSWER_S else None
    return _trouble(seen) or late


def _trial(seen: Observation, _: StepLimits) -> Event | None:
    if not seen.active:
        return Event.ROLLED_BACK
    if seen.disappointed:
        return Event.DISAPPOINTED
    return Event.TRIED if seen.watched else None


def _settled(seen: Observation, limits: StepLimits) -> Event | None:
    if not seen.active:
        return Event.ROLLED_BACK
    return Event.COLD if seen.waited_s > limits.warm_s else None


def _backing(seen: Observation, _: StepLimits) -> Event | None:
    if not seen.answered:
        return None  # whatever comes: while an order stands, no place is touched
    return Event.NOT_READY if seen.active else Event.ROLLED_BACK


def _unloading(seen: Observation, _: StepLimits) -> Event | None:
    if seen.emptied:
        return Event.EMPTY
    return Event.LATE if seen.waited_s > EMPTY_S else None


def _trouble(seen: Observation) -> Event | None:
    if seen.phase is Phase.REFUSED:
        return Event.REFUSED
    return Event.LOST if seen.lost else None


_EVENTS_AT: dict[Step, Callable[[Observation, StepLimits], Event | None]] = {
    Step.CHECKING: _checking,
    Step.LOADING: _loading,
    Step.SHADOW: _shadow,
    Step.REPORTED: _reported,
    Step.RAISING: _raising,
    Step.SWITCHING: _switching,
    Step.TRIAL: _trial,
    Step.SETTLED: _settled,
    Step.BACKING: _backing,
    Step.UNLOADING: _unloading,
}
