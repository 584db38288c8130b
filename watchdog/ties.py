"""Who is told that the station lives: systemd and the hardware watchdog."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol

from gonogo.watchdog.hardware import HardwareWatchdog
from gonogo.watchdog.notify import Notifier

if TYPE_CHECKING:
    from gonogo.watchdog.plan import SupervisorPlan
    from gonogo.watchdog.row import Row

FEED_S = 0.25  # how often they hear of it
SLACK_S = 30.0  # between two rows that come up: what stands between their limits


class Supervised(Protocol):
    """What they are told of."""

    was_up: bool

    @property
    def healthy(self) -> bool:
        """Whether every required row beats."""
        ...

    @property
    def coming(self) -> Row | None:
        """The row that all others wait for, while they come up."""
        ...


class Ties:
    """Fed from completed work, and from nothing else."""

    def __init__(self, plan: SupervisorPlan) -> None:
        self._notifier = Notifier.from_environment(os.environ)
        self._device = HardwareWatchdog(plan.device, plan.device_timeout_s) if plan.device else None
        self._fed_s = 0.0
        self._said_ready = False
        self._coming = ""

    def tell(self, supervisor: Supervised) -> None:
        """As often as is due."""
        self._put_off(supervisor)
        now_s = time.monotonic()
        if not supervisor.healthy or now_s - self._fed_s < FEED_S:
            return
        self._fed_s = now_s
        if supervisor.was_up and not self._said_ready:
            # once: a row that fails later is for the watchdog, not for the start-up of the unit
            self._said_ready = True
            self._notifier.ready("running")
        self._notifier.alive()
        if self._device is not None:
            self._device.feed()

    def _put_off(self, supervisor: Supervised) -> None:
        """A start is each row's own, one after the other: no limit for all of them would fit."""
        row = None if supervisor.was_up else supervisor.coming
        if row is not None and row.name != self._coming:
            self._coming = row.name
            self._notifier.starting(row.plan.start_limit_s + SLACK_S, f"{row.name} starts")

    def close(self, *, ordered: bool) -> None:
        """Disarm the hardware only on an ordered stop."""
        self._notifier.stopping()
        self._notifier.close()
        if self._device is not None:
            self._device.close(ordered=ordered)
