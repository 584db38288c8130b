"""Deadlines: absolute monotonic times, set at the trigger and never moved.

    trigger |---- camera ----|---------- engine ----------|-- reserve --| deadline
            |  at most half  |                            | decide, report, PLC scans

The reserve is what the stages after the engine need: two scans and one poll of
the PLC, plus the measured p99 of deciding and publishing, doubled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gonogo.base.words import NS_PER_MS, Part, TriggerEvent

CAMERA_SHARE = 2  # a frame must be there by half of the budget
WINDOW = 128  # parts over which the p99 is measured
FIRST_REPORT_NS = 2 * NS_PER_MS  # assumed until the first window is full


class Wire(NamedTuple):
    """What the PLC side costs at worst, once a verdict is on the wire."""

    scan_ms: float
    poll_ms: float

    @property
    def worst_ns(self) -> int:
        """Two scans (one just missed, one that sees it) and one poll."""
        return round((2 * self.scan_ms + self.poll_ms) * NS_PER_MS)


class Budget:
    """Plans each part and learns how long reporting takes."""

    def __init__(self, budget_ms: float, wire: Wire) -> None:
        self.budget_ns = round(budget_ms * NS_PER_MS)
        self._wire_ns = wire.worst_ns
        # rings over the last WINDOW parts, made once: the cycle allocates nothing
        self._report_ns = np.full(WINDOW, FIRST_REPORT_NS, np.int64)
        self._decided_ns = np.zeros(WINDOW, np.int64)
        self._serials = np.full(WINDOW, -1, np.int64)  # whose time stands there
        self._seen = 0
        self.reserve_ns = self._reserve(FIRST_REPORT_NS)

    def _reserve(self, report_ns: int) -> int:
        """At most half the budget, so that the engine's deadline never precedes the camera's."""
        return min(self._wire_ns + 2 * report_ns, self.budget_ns // 2)

    def part(self, pulse: TriggerEvent, serial: int) -> Part:
        """The part of a pulse, with its deadlines."""
        deadline_ns = pulse.at_ns + self.budget_ns
        return Part(
            serial=serial,
            part_id=pulse.part_id,
            trigger_ns=pulse.at_ns,
            camera_deadline_ns=pulse.at_ns + self.budget_ns // CAMERA_SHARE,
            engine_deadline_ns=deadline_ns - self.reserve_ns,
            deadline_ns=deadline_ns,
        )

    def probe(self, now_ns: int) -> Part:
        """A look without a part (id 0), to see whether the cameras are back."""
        return self.part(TriggerEvent(0, now_ns), serial=0)

    def decided(self, serial: int, now_ns: int) -> None:
        """A verdict is about to be handed to the PLC link."""
        self._decided_ns[serial % WINDOW] = now_ns
        self._serials[serial % WINDOW] = serial

    def published(self, serial: int, at_ns: int) -> None:
        """That verdict is on the wire: learn how long it took from the last score."""
        if self._serials[serial % WINDOW] != serial:  # refused undecided, or older than the window
            return
        took_ns = at_ns - int(self._decided_ns[serial % WINDOW])
        if took_ns < 0:  # dropped: never on the wire
            return
        self._report_ns[self._seen % WINDOW] = took_ns
        self._seen += 1
        # between two parts, and once a window: a percentile in each cycle would be felt
        if self._seen % WINDOW == 0:
            p99_ns = int(np.percentile(self._report_ns, 99))
            self.reserve_ns = self._reserve(p99_ns)
