"""The page for setting up: live figures of a view, master parts, and what changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from gonogo.base.section import Section
from gonogo.console.access.roles import Action
from gonogo.console.screen.asked import fields_of, view_of
from gonogo.console.screen.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from gonogo.console.screen.setup import Setup
    from gonogo.console.screen.shown import Behind

SETUP, MASTER = Action.SEE_SETUP.value, Action.SHOW_MASTER_PART.value


class GoldenAsked(Section):
    """Which known part comes next; `back`: none, what was asked for is taken back."""

    part: Literal["good", "bad", "back"]


class SetupPage(Desk):
    """An answer for each question of the page."""

    def __init__(self, behind: Behind) -> None:
        super().__init__(behind)
        self.gets = {
            "/setup/view/{view}": self.view,
            "/setup/golden": self.golden,
            "/setup/changes": self.changes,
        }
        self.posts = {"/setup/golden": self.show_golden}

    async def view(self, request: Request) -> Response:
        """The newest frame of a view in figures."""
        self.may(request, SETUP)
        number = view_of(request, len(self.behind.plan.views))
        self.behind.frames.watch(time.monotonic_ns())  # its picture is wanted, too
        return await self._asked(lambda desk: desk.view(number))

    async def golden(self, request: Request) -> Response:
        """How the master parts stand."""
        self.may(request, SETUP)
        return await self._asked(lambda desk: desk.golden())

    async def show_golden(self, request: Request) -> Response:
        """The next part is a known one."""
        sender = self.sender(request, MASTER)
        asked = await fields_of(request, GoldenAsked)
        return await self._asked(lambda desk: {"number": desk.show_golden(asked.part, sender)})

    async def changes(self, request: Request) -> Response:
        """What was changed since the station last came up."""
        person = self.may(request, SETUP)
        return await self._asked(lambda desk: desk.changes(person))

    async def _asked(self, question: Callable[[Setup], Any]) -> Response:
        def answer() -> Any:  # noqa: ANN401 - of any form
            from gonogo.console.screen.setup import Setup  # noqa: PLC0415 - see Desk

            return question(Setup(self.behind))

        return await self.answer(answer)
