"""What a board says of itself, in units: one record for a Jetson, a Raspberry Pi or a PC.

What the kernel of a box does not say is None, or is not there: unknown, and no fault.
"""

from __future__ import annotations

from typing import NamedTuple


class Trip(NamedTuple):
    """Where the kernel itself does something about a temperature.

    `kind`: active (a fan), passive (slower), hot, critical (it switches the box off).
    """

    kind: str
    temperature_c: float


class Zone(NamedTuple):
    """A place whose temperature is measured; `temperature_c` is None while it is not known."""

    name: str
    temperature_c: float | None
    trips: tuple[Trip, ...] = ()

    def trip_c(self, kind: str) -> float | None:
        """The lowest trip point of that kind."""
        return min((trip.temperature_c for trip in self.trips if trip.kind == kind), default=None)


class Clock(NamedTuple):
    """A clock of the processor ("cpu"), of the GPU ("gpu"), or of something else ("other").

    `low_hz` to `high_hz` is what its governor may take now, `most_hz` what the chip can do.
    """

    name: str
    kind: str
    now_hz: float | None
    low_hz: float | None
    high_hz: float | None
    most_hz: float | None
    governor: str | None


class Throttle(NamedTuple):
    """Something that slows the chip, or says that it does; `active`: now."""

    name: str
    active: bool


class Counter(NamedTuple):
    """How often something that must not be has happened since the box was switched on."""

    name: str
    events: int


class Rail(NamedTuple):
    """A supply; `power_w` is what flows through it now."""

    name: str
    voltage_v: float | None
    current_a: float | None
    power_w: float | None


class Fan(NamedTuple):
    """A fan; `share` of its highest step, 0 to 1."""

    name: str
    share: float


class PowerMode(NamedTuple):
    """What nvpmodel has set; `name` is None where its table does not say."""

    number: int
    name: str | None


class BoardReading(NamedTuple):
    """All of it, at one moment; `model` is what the board calls itself."""

    model: str | None = None
    zones: tuple[Zone, ...] = ()
    clocks: tuple[Clock, ...] = ()
    throttles: tuple[Throttle, ...] = ()
    counters: tuple[Counter, ...] = ()
    rails: tuple[Rail, ...] = ()
    fans: tuple[Fan, ...] = ()
    power_mode: PowerMode | None = None

    @property
    def hottest(self) -> Zone | None:
        """The hottest zone that is known."""
        known = [zone for zone in self.zones if zone.temperature_c is not None]
        return max(known, key=lambda zone: zone.temperature_c or 0.0, default=None)

    @property
    def throttled(self) -> tuple[str, ...]:
        """What slows the chip now."""
        return tuple(each.name for each in self.throttles if each.active)

    @property
    def gpu(self) -> Clock | None:
        """The clock of the GPU, where there is one."""
        return next((clock for clock in self.clocks if clock.kind == "gpu"), None)
