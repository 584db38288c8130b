"""What the loader sees at one glance, and which event that is: a pure function."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.engines.loading.steps import Event, Step
from gonogo.ipc.engine_slot import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

RAISE_S = 2.0  # where real time is not permitted nobody says that it was done; the line tries it
ANSWER_S = 30.0  # a line that lives answers within ten seconds
EMPTY_S = 30.0


class Limits(NamedTuple):
    """How long a step may take."""

    load_s: float
    warm_s: float


class Observation(NamedTuple):
    """What there is to see of the engine that is exchanged, of the line, and of the clock."""

    waited_s: float = 0.0  # since this step began
    checked: bool | None = None  # by the registry; None: not yet
    phase: Phase = Phase.EMPTY  # of the place that was told to hold it
    lost: bool = False  # its process is another than the one that began to load it
    realtime: bool = False
    again: bool = False  # it has judged before: no shadow is asked for
    judged: bool = False  # in shadow, as often as was wanted, or there were no windows for it
    answered: bool = True  # the line has no order left
    active: bool = False  # it judges
    rolled_back: bool = False  # the line has gone back by itself since it was asked
    watched: bool = False  # for all parts of its trial
    disappointed: bool = False  # and there is another to go back to
    emptied: bool = False  # the place that does not judge has acted on that


def event_of(step: Step, seen: Observation, limits: Limits) -> Event | None:
    """What has happened since the last glance, if anything has."""
    look = _LOOKS.get(step)
    return look(seen, limits) if look else None


def _checking(seen: Observation, limits: Limits) -> Event | None:
    if seen.checked is not None:
        return Event.CHECKED if seen.checked else Event.REFUSED
    return Event.LATE if seen.waited_s > limits.load_s else None


def _loading(seen: Observation, limits: Limits) -> Event | None:
    trouble = _trouble(seen)
    if trouble is not None:
        return trouble
    if seen.phase is Phase.READY:
        return Event.READY_AGAIN if seen.again else Event.READY
    return Event.LATE if seen.waited_s > limits.load_s else None


def _shadow(seen: Observation, _: Limits) -> Event | None:
    return _trouble(seen) or (Event.JUDGED if seen.judged else None)


def _reported(seen: Observation, _: Limits) -> Event | None:
    return _trouble(seen)


def _raising(seen: Observation, _: Limits) -> Event | None:
    raised = seen.realtime or seen.waited_s > RAISE_S
    return _trouble(seen) or (Event.RAISED if raised else None)


def _switching(seen: Observation, _: Limits) -> Event | None:
    if seen.answered and seen.active:
        return Event.SWITCHED
    if seen.answered:
        return Event.ROLLED_BACK if seen.rolled_back else Event.NOT_READY
    late = Event.LATE if seen.waited_s > ANSWER_S else None
    return _trouble(seen) or late


def _trial(seen: Observation, _: Limits) -> Event | None:
    if not seen.active:
        return Event.ROLLED_BACK
    if seen.disappointed:
        return Event.DISAPPOINTED
    return Event.TRIED if seen.watched else None


def _settled(seen: Observation, limits: Limits) -> Event | None:
    if not seen.active:
        return Event.ROLLED_BACK
    return Event.COLD if seen.waited_s > limits.warm_s else None


def _backing(seen: Observation, _: Limits) -> Event | None:
    if not seen.answered:
        return None  # whatever comes: while an order stands, no place is touched
    return Event.NOT_READY if seen.active else Event.ROLLED_BACK


def _unloading(seen: Observation, _: Limits) -> Event | None:
    if seen.emptied:
        return Event.EMPTY
    return Event.LATE if seen.waited_s > EMPTY_S else None


def _trouble(seen: Observation) -> Event | None:
    if seen.phase is Phase.REFUSED:
        return Event.REFUSED
    return Event.LOST if seen.lost else None


_LOOKS: dict[Step, Callable[[Observation, Limits], Event | None]] = {
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
