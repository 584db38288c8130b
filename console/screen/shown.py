"""What the screen shows: the page, what is on it now, and pictures.

Pages poll /now, and share nothing: a stream a tab would take one of the six connections that a
browser has for a box, and the seventh tab would hang; a poll that finds nothing new costs a
hundred bytes.
"""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import JSONResponse, Response

from gonogo.console.screen.access import SEE
from gonogo.console.screen.asked import asker_of, part_of, view_of
from gonogo.console.screen.pages import LANGUAGES, page_files

if TYPE_CHECKING:
    from starlette.requests import Request

    from gonogo.console.screen.access import Access, Person
    from gonogo.console.screen.archive import Archive
    from gonogo.console.screen.beside import Beside
    from gonogo.console.screen.frames import Frames, Shot
    from gonogo.console.screen.heat import Heat
    from gonogo.console.screen.plan import ScreenPlan
    from gonogo.console.screen.review import Review
    from gonogo.console.screen.spoken import Speaking
    from gonogo.console.screen.watcher import Watcher


class Behind(NamedTuple):
    """All that stands behind the answers."""

    plan: ScreenPlan
    watcher: Watcher
    frames: Frames
    archive: Archive
    heat: Heat
    speaking: Speaking
    review: Review
    access: Access
    beside: Beside

    def person(self, request: Request) -> Person:
        """Who asks."""
        return self.access.person(asker_of(request))


class Shown:
    """An answer for each thing that is shown."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        self._files = page_files()
        self._boot = secrets.token_hex(4)  # the versions of another process are others

    async def file(self, request: Request) -> Response:
        """A file of the page."""
        found = self._files[request.url.path]
        return Response(found.body, headers={"content-type": found.content_type})

    async def about(self, request: Request) -> Response:
        """The station, its languages, and what who asks may do."""
        person, plan = self._behind.person(request), self._behind.plan
        return JSONResponse(
            {
                "station": plan.station, "language": plan.screen.language,
                "languages": LANGUAGES, "name": person.name, "may": sorted(person.may),
                "views": [view.name for view in plan.views], "names": plan.screen.names,
            }
        )  # fmt: skip

    async def now(self, request: Request) -> Response:
        """What is on the screen; 304 where that has not changed, 503 where nobody knows."""
        self._behind.person(request).demand(SEE)
        now_ns, watcher = time.monotonic_ns(), self._behind.watcher
        self._behind.frames.watch(now_ns)
        if watcher.stuck(now_ns):
            return JSONResponse({"code": "stuck", "text": "what would be shown is old"}, 503)
        found = watcher.now
        tag = f'"{self._boot}-{found.version}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return JSONResponse(found.plain(now_ns), headers={"etag": tag})

    async def picture(self, request: Request) -> Response:
        """Of a view of a part: what the screen holds itself, else what the records keep."""
        run, serial, view = self._seen(request)
        shot = self._shot(run, serial, view)
        if shot is not None:
            return image(shot.jpeg)
        name, longest_px = self._behind.plan.views[view].name, self._behind.plan.screen.picture_px
        ask = partial(self._behind.archive.picture, run, serial, name, longest_px)
        return image(await self._behind.beside.ask(ask))

    async def map(self, request: Request) -> Response:
        """The heat map of a view, as large as its picture and to be laid over it."""
        run, serial, view = self._seen(request)
        shot, heat = self._shot(run, serial, view), self._behind.heat
        ask = partial(heat.of_shot, shot, view) if shot else partial(heat.kept, run, serial, view)
        return image(await self._behind.beside.ask(ask), "image/png")

    def _seen(self, request: Request) -> tuple[str, int, int]:
        self._behind.person(request).demand(SEE)
        return (*part_of(request), view_of(request, len(self._behind.plan.views)))

    def _shot(self, run: str, serial: int, view: int) -> Shot | None:
        this_run = run == self._behind.watcher.now.run
        return self._behind.frames.of(serial, view) if this_run else None


def image(data: bytes, content_type: str = "image/jpeg") -> Response:
    """A picture as it goes out."""
    return Response(data, headers={"content-type": content_type})
