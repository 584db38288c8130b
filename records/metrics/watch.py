"""The alerts as they live on the box: told to log and PLC once they have held for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.records.metrics.alerts import found

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.records.metrics.alerts import Alert
    from gonogo.records.metrics.standing import Standing

log = get_logger(__name__)

LOOK_S = 1.0
# it must be gone for so long before it is over: what comes and goes is told once
QUIET_S = 60.0


class AlertWatch:
    """`bits`: what the PLC is warned of while they hold; beginning and end of each are told."""

    def __init__(self, look: Callable[[], Standing]) -> None:
        self.bits = 0
        self._look = look
        self._since_s: dict[Alert, float] = {}
        self._seen_s: dict[Alert, float] = {}
        self._told: set[Alert] = set()
        self._next_s = 0.0

    def keep(self, now_s: float) -> None:
        """Look, once in LOOK_S at most."""
        if now_s < self._next_s:
            return
        self._next_s = now_s + LOOK_S
        holding = dict(found(self._look()))
        for alert, words in holding.items():
            self._seen_s[alert] = now_s
            since_s = self._since_s.setdefault(alert, now_s)
            if alert not in self._told and now_s - since_s >= alert.held_s:
                self._told.add(alert)
                log.warning(
                    "alert_begins",
                    text="alert %(alert)s: %(words)s; docs/alerts.md says what to do",
                    alert=alert.name,
                    words=words,
                )
        for alert in [each for each in self._since_s if each not in holding]:
            self._gone(alert, now_s)
        self.bits = 0
        for alert in self._told & set(holding):
            self.bits |= alert.bit

    def _gone(self, alert: Alert, now_s: float) -> None:
        told = alert in self._told
        if told and now_s - self._seen_s[alert] < QUIET_S:
            return
        del self._since_s[alert]
        if told:
            self._told.remove(alert)
            log.info("alert_over", text="alert %(alert)s is over", alert=alert.name)
