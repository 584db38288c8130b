"""Why a part was judged so, for a page: what can be asked, and the pictures of each answer.

Worked out by another process (gonogo.console.why.process) that is begun with the first question; a
few answers are kept, so that the pictures of one come from the same look.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import JSONResponse

from gonogo.base.errors import PatchBankUnusable, ScreenUnasked, WhyUnknown
from gonogo.console.screen.access import SEE
from gonogo.console.screen.asked import number_of, part_of
from gonogo.console.screen.beside import Beside
from gonogo.console.screen.shown import image
from gonogo.console.why.asked import EngineWhy
from gonogo.console.why.causes import causes_of, question_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from gonogo.console.screen.archive import Archive
    from gonogo.console.screen.shown import Behind
    from gonogo.console.why.asked import Question, RuleWhy
    from gonogo.console.why.causes import Cause
    from gonogo.console.why.client import Explainer

KEPT_MAX = 8  # answers, some 100 kB each
WAITING_MAX = 4


class Key(NamedTuple):
    """A cause of a part, by its number."""

    run: str
    serial: int
    cause: int


class Reasons:
    """Of one station; asked by any thread, and by one at a time where something is worked out."""

    def __init__(self, archive: Archive, explainer: Explainer, longest_px: int) -> None:
        self._archive, self._explainer, self._longest_px = archive, explainer, longest_px
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, EngineWhy | RuleWhy] = OrderedDict()

    def causes(self, run: str, serial: int) -> list[Cause]:
        """What of a part can be asked; NoSuchPart."""
        found = self._archive.find(run, serial)
        return causes_of(found.row, found.about)

    def why(self, key: Key) -> EngineWhy | RuleWhy:
        """Of one cause; WhyUnknown, WhyUnanswered, and what an engine or a rule says."""
        with self._lock:
            said = self._kept.get(key)
            if said is None:
                said = self._explainer.ask(self._question(key))
                self._kept[key] = said
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return said

    def close(self) -> None:
        """End the process that works it out; idempotent."""
        self._explainer.close()

    def _question(self, key: Key) -> Question:
        found = self._archive.find(key.run, key.serial)
        causes = causes_of(found.row, found.about)
        if key.cause >= len(causes):
            raise ScreenUnasked("expected one of the causes of this part; reload the page")
        return question_of(causes[key.cause], found.row, found.about, self._longest_px)


class Whys:
    """An answer for each path of it."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        # not the threads that pictures and records are read by: one answer may take long
        self._beside = Beside(workers=1, waiting_max=WAITING_MAX)

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
        return await self._beside.ask(partial(self._behind.reasons.why, key))
