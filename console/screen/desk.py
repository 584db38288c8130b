"""What the pages beside the line have in common: who may, who sends, and work that waits elsewhere.

What a page asks for may load the station file, engines and charts: it is loaded by the first who
looks, in the thread that answers, and not with the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.responses import JSONResponse

from gonogo.console.screen.asked import address_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gonogo.console.screen.access import Person
    from gonogo.console.screen.shown import Behind

    Handler = Callable[[Request], Awaitable[Response]]


class Sender(NamedTuple):
    """Who asks for a change, and from where."""

    person: Person
    address: str


class Desk:
    """Of one page; `gets` and `posts` are its answers by their paths."""

    def __init__(self, behind: Behind) -> None:
        self.behind = behind
        self.gets: Mapping[str, Handler] = {}
        self.posts: Mapping[str, Handler] = {}

    def may(self, request: Request, action: str) -> Person:
        """Who asks; AccessDenied unless they may."""
        person = self.behind.person(request)
        person.demand(action)
        return person

    def sender(self, request: Request, action: str) -> Sender:
        """The same of a change; where it does not come from our own page nobody asks."""
        return Sender(self.may(request, action), address_of(request))

    async def answer(self, question: Callable[[], Any]) -> Response:
        """What it says, as JSON; it may wait for a disk."""
        return JSONResponse(await self.behind.beside.ask(question))
