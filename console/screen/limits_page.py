"""The page of the limits review: its questions, and what people do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.scores import ScoreLimits
from gonogo.console.access.roles import Action
from gonogo.console.screen.access import SAY, SEE
from gonogo.console.screen.asked import decimal_of, fields_of, whole_of
from gonogo.console.screen.desk import Desk
from gonogo.console.screen.limits_asked import VIEW_MAX, LimitsAsked, SayAsked, UndoAsked, Where

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from gonogo.console.screen.limits_review import LimitsReview
    from gonogo.console.screen.shown import Behind

APPLY = Action.SET_LIMITS.value


class LimitsPage(Desk):
    """An answer for each question of the page."""

    def __init__(self, behind: Behind) -> None:
        super().__init__(behind)
        self.gets = {
            "/limits/review": self.review,
            "/limits/difference": self.difference,
            "/limits/undone": self.undone,
        }
        self.posts = {
            "/limits/say": self.say,
            "/limits/apply": self.apply,
            "/limits/undo": self.undo,
        }

    async def review(self, request: Request) -> Response:
        """Parts, scores and limits of an engine."""
        person, where = self.may(request, SEE), _where(request)
        return await self._asked(lambda desk: desk.found(person, where))

    async def difference(self, request: Request) -> Response:
        """What limits would change in the station file."""
        self.may(request, APPLY)
        limits = ScoreLimits(decimal_of(request, "recheck"), decimal_of(request, "reject"))
        where = _where(request)
        return await self._asked(lambda desk: desk.difference(where, limits))

    async def undone(self, request: Request) -> Response:
        """What taking the last limits back would change there."""
        self.may(request, APPLY)
        return await self._asked(lambda desk: desk.undone())

    async def say(self, request: Request) -> Response:
        """Write down what a part is."""
        sender = self.sender(request, SAY)
        asked = await fields_of(request, SayAsked)
        return await self._asked(lambda desk: {"number": desk.say(asked, sender)[-1].number})

    async def apply(self, request: Request) -> Response:
        """Write limits into the station file."""
        sender = self.sender(request, APPLY)
        asked = await fields_of(request, LimitsAsked)
        return await self._asked(lambda desk: desk.apply(asked, sender))

    async def undo(self, request: Request) -> Response:
        """Take the last ones back."""
        sender = self.sender(request, APPLY)
        asked = await fields_of(request, UndoAsked)
        return await self._asked(lambda desk: desk.undo(asked, sender))

    async def _asked(self, question: Callable[[LimitsReview], Any]) -> Response:
        def answer() -> Any:  # noqa: ANN401 - of any form
            from gonogo.console.screen.limits_review import LimitsReview  # noqa: PLC0415 - see Desk

            return question(LimitsReview(self.behind))

        return await self.answer(answer)


def _where(request: Request) -> Where:
    view = request.query_params.get("view", "")
    return Where(view[:VIEW_MAX], whole_of(request, "recipe", 1))
