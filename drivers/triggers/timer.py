"""A trigger without a photo-eye: a part every period, for the desk and for benchmarks.

Not simulated: the jitter of a conveyor, parts that stop and go, a PLC that waits
for the verdict.
"""

from __future__ import annotations

import time
from typing import Annotated, Literal

from pydantic import Field

from gonogo.base.ticks import Ticks, sleep_until
from gonogo.base.words import NS_PER_MS, TriggerEvent, following
from gonogo.drivers.triggers.trigger import TriggerSection


class TimerSection(TriggerSection):
    """A part every `period_ms`, 1 ms to 1 h; part ids run 1 to 65535 and then from 1 again."""

    driver: Literal["timer"]
    """A part every period, for the desk and for benchmarks."""
    period_ms: Annotated[float, Field(ge=1.0, le=3_600_000.0)]
    """From one part to the next; part ids run 1 to 65535 and then from 1 again."""

    def least_pitch_ms(self, pitch_ms: float) -> float:
        """The belt's, or the timer's own where that is shorter."""
        return min(pitch_ms, self.period_ms)


def open_timer(section: TimerSection, last_part_id: int, _refused: object) -> TimerTrigger:
    """As the catalogue opens it; a timer never has a part too many."""
    return TimerTrigger(section, last_part_id)


class TimerTrigger:
    """The first part comes one period after the opening; its id follows `after`.

    A part that the line fetches late keeps its own time stamp. Periods that passed
    altogether are counted in `missed` and skipped: no part, no part id.
    """

    def __init__(self, section: TimerSection, after: int = 0) -> None:
        period_ns = round(section.period_ms * NS_PER_MS)
        # absolute times from here on: lateness of one part does not move the next
        self._ticks = Ticks(time.monotonic_ns(), period_ns)
        self._next = 1
        self._part_id = after
        self._closed = False
        self.missed = 0

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The part of the next tick, or None when `until_ns` (absolute monotonic) comes first."""
        if self._closed:
            return None
        self._skip_missed()
        at_ns = self._ticks.at_ns(self._next)
        sleep_until(min(at_ns, until_ns))
        # not yet: the tick stays the next one
        if at_ns > until_ns:
            return None
        self._next += 1
        self._part_id = following(self._part_id)
        return TriggerEvent(self._part_id, at_ns)

    def _skip_missed(self) -> None:
        # skipped, not caught up with: parts in a burst would have nothing to do with a belt
        late = self._ticks.latest(time.monotonic_ns()) - self._next
        if late > 0:
            self.missed += late
            self._next += late

    def close(self) -> None:
        """No more parts; idempotent."""
        self._closed = True
