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
EMPTY_S = 30.0  # a host that is gone for good must not leave it at this step for ever


class StepLimits(NamedTuple):
    """How long a step may take, where the station file says it."""

    load_s: float  # [engines] load_limit_s: for the check, and once more for loading
    warm_s: float  # [engines] keep_warm_s


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
    if seen.phase is Phase.READY:  # before the clock: what is ready is not given up for it
        return Event.READY_AGAIN if seen.again else Event.READY
    return Event.LATE if seen.waited_s > limits.load_s else None


def _shadow(seen: Observation, _: StepLimits) -> Event | None:
    return _trouble(seen) or (Event.JUDGED if seen.judged else None)


def _reported(seen: Observation, _: StepLimits) -> Event | None:  # waits for people, for ever
    return _trouble(seen)


def _raising(seen: Observation, _: StepLimits) -> Event | None:
    raised = seen.realtime or seen.waited_s > RAISE_S
    return _trouble(seen) or (Event.RAISED if raised else None)


def _switching(seen: Observation, _: StepLimits) -> Event | None:
    # the answer before any trouble: once it judges, giving it up is another matter (TRIAL)
    if seen.answered and seen.active:
        return Event.SWITCHED
    if seen.answered:
        return Event.ROLLED_BACK if seen.rolled_back else Event.NOT_READY
    late = Event.LATE if seen.waited_s > ANSWER_S else None
    return _trouble(seen) or late


def _trial(seen: Observation, _: StepLimits) -> Event | None:
    if not seen.active:  # the line is quicker than we are, and need not ask
        return Event.ROLLED_BACK
    if seen.disappointed:  # before the end of its trial: the last part counts, too
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
    # REFUSED first: an order that a host died of is refused by the next one (slot_agent.begin),
    # and what that says of it tells more than that the first one is gone
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
