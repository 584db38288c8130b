"""How the box fares, in lines for a terminal: while a station runs, and for `gonogo check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.drivers.board.limits import limits_of
from gonogo.ipc.board_health import STALE_NS, Heat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.drivers.board.reading import BoardReading, Clock, Zone
    from gonogo.drivers.board.section import BoardSection
    from gonogo.ipc.board_health import BoardView

_HEATS = {
    Heat.UNKNOWN: "unknown",
    Heat.COOL: "cool enough",
    Heat.WARM: "WARM",
    Heat.HOT: "TOO HOT for the engine, which rests",
}
_MHZ, _NS_PER_S = 1e6, 1e9


def standing(view: BoardView, now_ns: int) -> str:
    """How hot the box is by what its process said last."""
    if not view.said_ns:
        return "box: nobody has looked at it yet"
    age_ns = now_ns - view.said_ns
    hottest = "" if view.hottest_c is None else f", {view.zone} {view.hottest_c:.1f} degC"
    slowed = ", slowed down" if view.slowed else ""
    power = "" if view.power_w is None else f", {view.power_w:.1f} W"
    said = f"box: {_HEATS[view.heat]}{hottest}{slowed}{power}"
    # old words are no news: how old, and that nobody says more, comes with them
    return said if age_ns <= STALE_NS else f"{said}; said {age_ns / _NS_PER_S:.0f} s ago: UNKNOWN"


def found(reading: BoardReading, section: BoardSection) -> Iterator[str]:
    """All that can be read of a box, with the limits of each zone."""
    mode = reading.power_mode
    power = "" if mode is None else f", power mode {mode.name or mode.number}"
    yield f"box: {reading.model or 'it does not say what it is'}{power}"
    for zone in reading.zones:
        yield f"  {_zone(zone, section)}"
    if not reading.zones:
        yield "  no temperature can be read"
    for clock in reading.clocks:
        if clock.kind != "other" and clock.now_hz is not None:
            yield f"  {_clock(clock)}"
    for rail in reading.rails:
        if rail.power_w is not None:
            yield f"  {rail.name} {rail.power_w:.2f} W"
    if reading.throttled:
        yield f"  slowed down now by: {', '.join(reading.throttled)}"
    had = [f"{each.name} {each.events}" for each in reading.counters if each.events]
    if had:
        yield f"  since it was switched on: {', '.join(had)}"


def in_one_line(reading: BoardReading) -> str:
    """For a station that has nobody watch its box."""
    hottest = reading.hottest
    now = "no temperature can be read"
    if hottest is not None and hottest.temperature_c is not None:
        now = f"hottest is {hottest.name}, {hottest.temperature_c:.1f} degC"
    return f"box: {now}; nobody watches it: that takes [board] in the station file"


def _zone(zone: Zone, section: BoardSection) -> str:
    if section.zones and zone.name not in section.zones:
        return f"{zone.name} is not looked at ([board] zones)"
    limits = limits_of(zone, section)
    now = "unknown" if zone.temperature_c is None else f"{zone.temperature_c:.1f} degC"
    return (
        f"{zone.name} {now}; warned of from {limits.warn_c:g} degC on, "
        f"the engine rests from {limits.shed_c:g} degC on"
    )


def _clock(clock: Clock) -> str:
    now_hz, most_hz = clock.now_hz or 0.0, clock.most_hz
    most = "" if most_hz is None else f" of {most_hz / _MHZ:.0f}"
    governor = f" ({clock.governor})" if clock.governor else ""
    return f"{clock.kind} clock {clock.name}: {now_hz / _MHZ:.0f}{most} MHz{governor}"
