"""The page of trends: drift, overrides, the times of the cycle, and health; a question each."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from gonogo.console.screen.access import SEE
from gonogo.console.screen.asked import language_of
from gonogo.console.screen.desk import Desk
from gonogo.console.screen.drift_charts import drift_charts
from gonogo.console.screen.health import health
from gonogo.console.screen.overrides import overrides
from gonogo.console.screen.stage_times import stage_times

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from gonogo.console.screen.shown import Behind


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class TrendsPage(Desk):
    """An answer for each question of the page."""

    def __init__(self, behind: Behind, now_ms: Callable[[], int] = _now_ms) -> None:
        super().__init__(behind)
        self._now_ms = now_ms
        self.gets = {
            "/trends/drift": self.drift,
            "/trends/overrides": self.overrides,
            "/trends/cycle": self.cycle,
            "/trends/health": self.health,
        }

    async def drift(self, request: Request) -> Response:
        """Where the charts stand, and how they came there."""
        self.may(request, SEE)
        return await self.answer(partial(drift_charts, self.behind.plan.records))

    async def overrides(self, request: Request) -> Response:
        """Which verdicts people set aside."""
        self.may(request, SEE)
        behind, language = self.behind, language_of(request)
        ask = partial(overrides, behind.plan, behind.archive, language, self._now_ms())
        return await self.answer(ask)

    async def cycle(self, request: Request) -> Response:
        """How long the stages took."""
        self.may(request, SEE)
        return await self.answer(partial(stage_times, self.behind.plan.station))

    async def health(self, request: Request) -> Response:
        """Processes, disk, and what is wrong."""
        self.may(request, SEE)
        return await self.answer(partial(health, self.behind.plan))
