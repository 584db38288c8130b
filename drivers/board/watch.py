"""From readings of the board to how hot it is, with hysteresis in degrees and in time.

Each zone is by itself: warm from its limit on, cool again only so much below it. A zone that
cannot be read any more stays for HOLD_S what it was, and is unknown after that: what is not known
neither sheds the engine for ever nor brings it back. What slows the chip down counts for SLOWED_S
after it was last seen, as it comes and goes many times a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.drivers.board.limits import limits_of
from gonogo.drivers.board.thermal import LOW_C
from gonogo.ipc.board_health import HOLD_NS, Heat

if TYPE_CHECKING:
    from gonogo.drivers.board.reading import BoardReading, Zone
    from gonogo.drivers.board.section import BoardSection

HOLD_S = HOLD_NS / 1e9
SLOWED_S = 10.0
_BEFORE = ""  # what a process before this one has left; no zone has this name


class Level(NamedTuple):
    """How hot one zone is, when it was last read; `why`: in words."""

    heat: Heat
    read_s: float
    why: str
    now_c: float = LOW_C


class BoardWatch:
    """`heat` is how hot the board is, `why` by what, in words; `left`: as it was found."""

    def __init__(self, section: BoardSection, left: Heat, now_s: float) -> None:
        self._section = section
        self._left = left
        self._levels: dict[str, Level] = {}
        if left is Heat.HOT:  # the process before this one has shed the engine: it stays so
            self._levels[_BEFORE] = Level(left, now_s, "as it was before this process began")
        self._events: dict[str, int] = {}
        self._slowed: Level | None = None
        self.heat, self.why = left, ""

    def add(self, reading: BoardReading, now_s: float) -> Heat:
        """One more reading; how hot the board is now."""
        zones = [zone for zone in reading.zones if self._wanted(zone)]
        for zone in zones:
            if zone.temperature_c is not None:
                self._levels[zone.name] = self._level(zone, zone.temperature_c, now_s)
        if any(zone.temperature_c is not None for zone in zones):
            self._levels.pop(_BEFORE, None)  # now it is known, zone by zone
            self._left = Heat.COOL
        self._slow(reading, now_s)
        known = [each for each in self._levels.values() if now_s - each.read_s <= HOLD_S]
        if self._slowed is not None:
            known.append(self._slowed)
        worst = max(known, key=lambda each: (each.heat, each.now_c), default=None)
        if worst is None:
            found = Level(Heat.COOL if reading.throttles else Heat.UNKNOWN, now_s, "")
        else:
            found = worst
        self.heat, self.why = found.heat, found.why
        return self.heat

    @property
    def slowed(self) -> bool:
        """Whether something slows the chip down, or did so within the last SLOWED_S."""
        return self._slowed is not None

    def _wanted(self, zone: Zone) -> bool:
        return not self._section.zones or zone.name in self._section.zones

    def _level(self, zone: Zone, now_c: float, now_s: float) -> Level:
        before = self._levels.get(zone.name)
        # of a zone that is read for the first time, the process before may have shed the engine
        was = self._left if before is None else before.heat
        limits, less_c = limits_of(zone, self._section), self._section.hysteresis_c
        for heat, at_c in ((Heat.HOT, limits.shed_c), (Heat.WARM, limits.warn_c)):
            if now_c >= (at_c - less_c if was >= heat else at_c):
                why = f"{zone.name} {now_c:.1f} degC, limit {at_c:g} degC"
                return Level(heat, now_s, why, now_c)
        return Level(Heat.COOL, now_s, f"{zone.name} {now_c:.1f} degC", now_c)

    def _slow(self, reading: BoardReading, now_s: float) -> None:
        """By what is slowed down now, and by what was counted since the last reading."""
        found = [*reading.throttled, *self._counted(reading)]
        if found:
            heat = Heat.HOT if self._section.when_slowed == "shed" else Heat.WARM
            self._slowed = Level(heat, now_s, f"the chip is slowed down: {', '.join(found)}")
        elif self._slowed is not None and now_s - self._slowed.read_s > SLOWED_S:
            self._slowed = None

    def _counted(self, reading: BoardReading) -> list[str]:
        before, self._events = self._events, {each.name: each.events for each in reading.counters}
        return [name for name, events in self._events.items() if events > before.get(name, events)]
