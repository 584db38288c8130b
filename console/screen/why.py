"""Why a part was judged so, for a page: what can be asked, and the pictures of each answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from gonogo.base.errors import PatchBankUnusable, ScreenUnasked, WhyUnknown
from gonogo.console.screen.access import SEE
from gonogo.console.screen.asked import number_of, part_of
from gonogo.console.screen.reasons import Key
from gonogo.console.screen.shown import image
from gonogo.console.why.asked import EngineWhy

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from gonogo.console.screen.shown import Behind
    from gonogo.console.why.asked import RuleWhy


class Whys:
    """An answer for each path of it."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind

    async def causes(self, request: Request) -> Response:
        """What of a part can be asked, the likeliest first."""
        self._behind.person(request).demand(SEE)
        ask = partial(self._behind.reasons.causes, *part_of(request))
        found = await self._behind.beside.ask(ask)
        return JSONResponse({"causes": [each._asdict() for each in found]})

    async def why(self, request: Request) -> Response:
        """One of them, without its pictures; that there is nothing to show is an answer, too."""
        try:
            said = await self._said(request)
        except (WhyUnknown, PatchBankUnusable) as error:
            told = {"kind": "unknown", "code": f"GN{error.code}", "text": str(error.args[0])}
            return JSONResponse(told)
        return JSONResponse(said.model_dump(exclude={"whole", "worst", "good"}))

    async def picture(self, request: Request) -> Response:
        """A picture of it: whole, worst or good."""
        said, which = await self._said(request), request.path_params["which"]
        pictures = {"whole": said.whole}
        if isinstance(said, EngineWhy):
            pictures |= {"worst": said.worst, "good": said.good}
        if which not in pictures:
            raise ScreenUnasked(f"expected one of {', '.join(pictures)}; reload the page")
        return image(pictures[which].data)

    async def _said(self, request: Request) -> EngineWhy | RuleWhy:
        self._behind.person(request).demand(SEE)
        key = Key(*part_of(request), number_of(request.path_params["cause"]))
        reasons = self._behind.reasons
        return await reasons.beside.ask(partial(reasons.why, key))
