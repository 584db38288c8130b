"""What people ask of parts, and say of them: the dialog, and the queues of what waits for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from gonogo.base.errors import DispositionRefused
from gonogo.console.screen.access import SEE
from gonogo.console.screen.asked import address_of, fields_of, language_of, part_of, view_of
from gonogo.console.screen.refused import refusal
from gonogo.console.screen.review import AnswerAsked
from gonogo.console.screen.shown import image
from gonogo.console.screen.spoken import WordAsked

if TYPE_CHECKING:
    from starlette.requests import Request

    from gonogo.console.screen.shown import Behind


class People:
    """An answer for each."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind

    async def part(self, request: Request) -> Response:
        """All that is known of a part, and what people said of it."""
        self._behind.person(request).demand(SEE)
        ask = partial(self._behind.archive.about, *part_of(request), language_of(request))
        return JSONResponse(await self._behind.beside.ask(ask))

    async def override(self, request: Request) -> Response:
        """Write a word down; 409 with who and when where another one came meanwhile."""
        person = self._behind.person(request)
        asked = await fields_of(request, WordAsked)
        ask = partial(self._behind.speaking.word, asked, person, address_of(request))
        try:
            said = await self._behind.beside.ask(ask)
        except DispositionRefused as error:
            newest = partial(self._newest, asked, language_of(request))
            return refusal(error, {"newest": await self._behind.beside.ask(newest)})
        return JSONResponse({"number": said[-1].number})

    async def disputed(self, request: Request) -> Response:
        """Parts on which two people differ."""
        self._behind.person(request).demand(SEE)
        ask = partial(self._behind.review.disputed, language_of(request))
        return JSONResponse(await self._behind.beside.ask(ask))

    async def audit_next(self, request: Request) -> Response:
        """The next part of the sample for who asks."""
        person = self._behind.person(request)
        ask = partial(self._behind.review.next, person, language_of(request))
        return JSONResponse(await self._behind.beside.ask(ask))

    async def audit_picture(self, request: Request) -> Response:
        """Of the part that is asked about."""
        person, views = self._behind.person(request), self._behind.plan.views
        name = views[view_of(request, len(views))].name
        ask = partial(self._behind.review.picture, person, request.path_params["ticket"], name)
        return image(await self._behind.beside.ask(ask))

    async def audit_answer(self, request: Request) -> Response:
        """Write an answer down."""
        person = self._behind.person(request)
        asked = await fields_of(request, AnswerAsked)
        ask = partial(self._behind.review.answer, asked, person, address_of(request))
        return JSONResponse({"number": (await self._behind.beside.ask(ask))[-1].number})

    def _newest(self, asked: WordAsked, language: str) -> dict[str, Any] | None:
        """The word that came meanwhile: who said what, and when."""
        archive = self._behind.archive
        said = archive.said_of(archive.find(asked.run, asked.serial).row)
        return archive.in_words(said[-1], language) if said else None
