"""What the screen shows: the page, what is on it now, and pictures.

Pages ask /now again and again, and share nothing. A page that asks to wait gets its answer as soon
as there is something newer; how many may do so is bounded (gonogo.console.screen.news), for a
browser has six connections for a box, and the seventh tab would hang. An answer that nothing is new
costs a hundred bytes.
"""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.responses import JSONResponse, Response

from gonogo.console.access.ways import may_act
from gonogo.console.screen.access import SEE
from gonogo.console.screen.asked import address_of, asker_of, part_of, view_of
from gonogo.console.screen.pages import LANGUAGES, page_files

if TYPE_CHECKING:
    from starlette.requests import Request

    from gonogo.console.screen.access import Access, Person
    from gonogo.console.screen.archive import Archive
    from gonogo.console.screen.at_the_door import AtTheDoor
    from gonogo.console.screen.beside import Beside
    from gonogo.console.screen.box_kept import BoxKept
    from gonogo.console.screen.doors import Doors
    from gonogo.console.screen.frames import Frames, Shot
    from gonogo.console.screen.heat import Heat
    from gonogo.console.screen.now import Now
    from gonogo.console.screen.plan import ScreenPlan
    from gonogo.console.screen.reasons import Reasons
    from gonogo.console.screen.review import Review
    from gonogo.console.screen.spoken import Speaking
    from gonogo.console.screen.watcher import Watcher

PERSON = "gonogo.person"  # in the scope of a request, once it is known


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
    doors: Doors
    at_the_door: AtTheDoor
    kept: BoxKept
    reasons: Reasons

    def person(self, request: Request) -> Person:
        """Who asks; AccessDenied for a change that is not asked for by their own page."""
        found = self.access.person(asker_of(request))
        request.scope[PERSON] = found  # whatever becomes of it, the answer says who that was
        return found


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
        views = [view.name for view in plan.views] if SEE in person.may else []
        return JSONResponse(
            {
                "station": plan.station, "language": plan.screen.language,
                "languages": LANGUAGES, "name": person.name, "may": sorted(person.may),
                "views": views, "names": plan.screen.names, **self._signed(request, person),
            }
        )  # fmt: skip

    def _signed(self, request: Request, person: Person) -> dict[str, Any]:
        """Who is signed in, the token for what they do, and how somebody gets so far."""
        asker, plan = asker_of(request), self._behind.plan
        tls = plan.screen.tls_address(plan.access)
        acts = may_act(asker.way, asker.peer)
        return {
            "role": person.role, "session": person.session.split(" ")[0],
            "csrf": person.stay.csrf if person.stay else "",
            "acts": acts, "tls_port": tls[1] if tls else None,
            "first": acts and not self._behind.doors.of(asker).entrance.asks,
        }  # fmt: skip

    async def now(self, request: Request) -> Response:
        """What is on the screen; 304 where that has not changed, 503 where nobody knows.

        Asked with `wait`, a 304 comes only after a while in which that stayed so.
        """
        self._behind.person(request).demand(SEE)
        watcher, known = self._behind.watcher, request.headers.get("if-none-match")
        self._behind.frames.watch(time.monotonic_ns())
        if "wait" in request.query_params:
            await watcher.news.wait(address_of(request), lambda: known != self._tag(watcher.now))
        now_ns = time.monotonic_ns()
        if watcher.stuck(now_ns):
            return JSONResponse({"code": "stuck", "text": "what would be shown is old"}, 503)
        found = watcher.now
        tag = self._tag(found)
        if known == tag:
            return Response(status_code=304, headers={"etag": tag})
        return JSONResponse(found.plain(now_ns), headers={"etag": tag})

    def _tag(self, found: Now) -> str:
        return f'"{self._boot}-{found.version}"'

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
