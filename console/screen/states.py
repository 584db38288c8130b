"""How a station stands, from what its memory says at one moment and before: pure."""

from __future__ import annotations

from typing import NamedTuple

from gonogo.base.words import FaultBit, Mode
from gonogo.console.screen.now import (
    LineState,
    LinkState,
    ModeWhy,
    RecordsState,
    Since,
    Standing,
)

IDLE_NS = 10_000_000_000
SILENT_NS = 1_500_000_000  # an idle line gives a sign of life many times a second
BEHIND_NS = 5_000_000_000


class Glance(NamedTuple):
    """What the station's memory says at one moment; `alive_ns` 0 before the first line.

    `engines_up`: whether the engines that judge are ready; None where there are none. `tested`:
    whether the PLC is told of test mode.
    """

    at_ns: int
    alive_ns: int
    mode: Mode
    faults: FaultBit
    taken: int
    waiting: int
    lost: int
    engines_up: bool | None
    tested: bool = False


class Held:
    """One value, and since when it is what it is."""

    def __init__(self) -> None:
        self._since: Since | None = None

    def see(self, value: object, now_ns: int) -> Since:
        """It is this now."""
        if self._since is None or self._since.value != value:
            self._since = Since(value, now_ns)
        return self._since


class States:
    """Remembers since when each value is what it is."""

    def __init__(self) -> None:
        self._mode, self._link, self._records, self._faults = Held(), Held(), Held(), Held()
        self._taken = Held()

    def standing(self, glance: Glance, last_ns: int) -> Standing:
        """At that moment; `last_ns` is the trigger of the last part, 0 before the first."""
        now_ns = glance.at_ns
        lost = bool(glance.faults & FaultBit.LINK)
        return Standing(
            _line(glance, last_ns),
            self._mode.see(glance.mode, now_ns),
            _why(glance),
            self._link.see(LinkState.LOST if lost else LinkState.UP, now_ns),
            self._records.see(self._written(glance), now_ns),
            glance.waiting,
            self._faults.see(glance.faults, now_ns),
        )

    def _written(self, glance: Glance) -> RecordsState:
        # the count moves with each batch: one that stands still with rows that wait is stuck
        taken = self._taken.see((glance.taken, not glance.waiting), glance.at_ns)
        if glance.lost:
            return RecordsState.LOST
        behind = glance.waiting and glance.at_ns - taken.since_ns > BEHIND_NS
        return RecordsState.BEHIND if behind else RecordsState.WRITTEN


def _line(glance: Glance, last_ns: int) -> Since:
    if not glance.alive_ns:
        return Since(LineState.STARTING, 0)
    if glance.at_ns - glance.alive_ns > SILENT_NS:
        return Since(LineState.SILENT, glance.alive_ns)
    idle = glance.at_ns - last_ns > IDLE_NS
    return Since(LineState.IDLE if idle else LineState.RUNNING, last_ns)


def _why(glance: Glance) -> ModeWhy:
    if glance.tested:
        return ModeWhy.TEST
    if glance.mode is Mode.FULL:
        return ModeWhy.NONE
    if glance.mode is Mode.RULES_ONLY:
        return ModeWhy.ENGINE_STARTING if glance.engines_up is False else ModeWhy.ENGINE_SILENT
    return ModeWhy.CAMERA if glance.faults & FaultBit.CAMERA else ModeWhy.OTHER
