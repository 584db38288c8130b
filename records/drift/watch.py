"""Drift of a whole station: parts in the order of their serials go in, points and alarms come out.

It lives in a process of its own and may be slow; its memory is bounded by CHARTS sets of charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.drift.embedded import Embedded
from gonogo.records.drift.hour import Hour
from gonogo.records.drift.view_charts import Found, ViewCharts

if TYPE_CHECKING:
    from gonogo.records.drift.overrides import SaidOf
    from gonogo.records.drift.part import Conditions, JudgedPart
    from gonogo.records.drift.rows import Mark

CHARTS = 16  # sets of them: the one that was used longest ago makes room for a new one
RESTARTS = 64  # that are remembered


class Restart(NamedTuple):
    """A person began a reference anew."""

    conditions: Conditions
    who: str
    why: str
    wall_s: float


class Watched(NamedTuple):
    """One set of charts, the hour that is going on, and the embeddings of it."""

    charts: ViewCharts
    hour: Hour
    embedded: Embedded


class DriftWatch:
    """All charts of a station; what it starts from comes from gonogo.records.drift.state.

    `mark`: up to which part they were fed, None before the first one. `said`: of the overrides.
    """

    def __init__(self) -> None:
        # in the order of use: the first is the one that was used longest ago
        self.watched: dict[Conditions, Watched] = {}
        self.restarts: list[Restart] = []
        self.dropped = 0
        self.mark: Mark | None = None
        self.said: tuple[SaidOf, ...] = ()

    def add(self, part: JudgedPart) -> Found | None:
        """Take a part; what the hour before it showed, where that is over."""
        at = self._of(part.conditions)
        summary = at.hour.add(part, at.embedded)
        return None if summary is None else at.charts.add(summary)

    @property
    def current(self) -> dict[str, Watched]:
        """Of each view the charts that were used last: those of an engine that is gone say none."""
        return {at.view: found for at, found in self.watched.items()}

    @property
    def odd(self) -> int:
        """Scores and embeddings that were of no use, since the start."""
        return sum(each.hour.odd + each.embedded.odd for each in self.watched.values())

    def restart(self, restart: Restart) -> None:
        """Begin a reference anew, also a half one; who and why is remembered."""
        self.watched.pop(restart.conditions, None)
        self.restarts = [*self.restarts, restart][-RESTARTS:]

    def take(self, watched: Watched) -> None:
        """A set of charts that was saved."""
        self.watched[watched.charts.conditions] = watched
        while len(self.watched) > CHARTS:
            del self.watched[next(iter(self.watched))]
            self.dropped += 1

    def _of(self, conditions: Conditions) -> Watched:
        found = self.watched.pop(conditions, None)
        found = found or Watched(ViewCharts(conditions), Hour(), Embedded())
        self.take(found)
        return found
