"""What an engine host decides about its slot: from what it sees to what it does, and no more.

judges   raised   while it loads   while it serves   before it unloads
yes      -        as it started    real time         ordinary
no       yes      as it started    real time         behind everybody
no       no       behind           behind            behind
"""

from __future__ import annotations

from enum import Enum, auto

from gonogo.base.words import FaultBit
from gonogo.ipc.engine_slot import Phase

# a host that is found so by the next one died of it: no code runs after an abort of a runtime
_LOADING = frozenset({Phase.VERIFYING, Phase.LOADING, Phase.TESTING})


class FirstStep(Enum):
    """What a host does first with the order that it finds."""

    LOAD = auto()
    REFUSE = auto()  # the host before it died of this order
    STAY_EMPTY = auto()  # the order was refused before


class Rank(Enum):
    """How hard the process runs."""

    AS_STARTED = auto()
    BEHIND = auto()  # only what nobody else wants of the processor
    ORDINARY = auto()
    REALTIME = auto()


def first_step(phase: Phase, *, judges: bool, left_out: bool = False) -> FirstStep:
    """Only a place that judges tries again what was refused, or what a host died of.

    `phase`: what the host before this one said of the same order. `left_out`: it died of one of
    several backends, which is left out from now on; so the order is not the same any more.
    """
    if judges:
        return FirstStep.LOAD
    if phase in _LOADING:
        return FirstStep.LOAD if left_out else FirstStep.REFUSE
    return FirstStep.STAY_EMPTY if phase is Phase.REFUSED else FirstStep.LOAD


def rank_to_load(*, judges: bool, raised: bool) -> Rank:
    """Not yet in real time: for the seconds that loading takes, nobody below would run."""
    return Rank.AS_STARTED if judges or raised else Rank.BEHIND


def rank_to_serve(*, judges: bool, raised: bool) -> Rank:
    """Raised before it judges, so that its first part finds it as all later ones do."""
    return Rank.REALTIME if judges or raised else Rank.BEHIND


def rank_to_unload(*, judges: bool) -> Rank:
    """Behind, so that freed memory disturbs nobody; but the line waits for who comes after one."""
    return Rank.ORDINARY if judges else Rank.BEHIND


def warning_of(*, allow_unsigned: bool, judges: bool, unsigned: bool) -> int:
    """What the PLC is warned of: engines that nobody signed are served, or may be."""
    return FaultBit.CONFIG if allow_unsigned or (judges and unsigned) else 0
