"""The screen as an ASGI application: what answers which path, and what goes around all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from gonogo.base.errors import AccessDenied, GonogoError
from gonogo.base.log.logger import get_logger
from gonogo.console.screen.asked import asker_of
from gonogo.console.screen.beside import TooMuch
from gonogo.console.screen.limits_page import LimitsPage
from gonogo.console.screen.pages import HEADERS, page_files
from gonogo.console.screen.people import People
from gonogo.console.screen.refused import refusal, status_of
from gonogo.console.screen.setup_page import SetupPage
from gonogo.console.screen.shown import PERSON, Shown
from gonogo.console.screen.signing import Signing
from gonogo.console.screen.trends_page import TrendsPage
from gonogo.console.screen.why import Whys

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gonogo.console.screen.access import Person
    from gonogo.console.screen.doors import Doors
    from gonogo.console.screen.shown import Behind

    Handler = Callable[[Request], Awaitable[Response]]

log = get_logger(__name__)

PART = "/{run}/{serial}"
REFUSED, UNEXPECTED = 400, 500
SESSION_HEADER = "x-gonogo-session"


def make_app(behind: Behind) -> ASGIApp:
    """All of it."""
    return _guarded(Starlette(routes=routes_of(behind)), behind.doors)


def routes_of(behind: Behind) -> list[Route]:
    """Which question is whose to answer."""
    shown, people, signing = Shown(behind), People(behind), Signing(behind)
    whys = Whys(behind)
    routes = [
        *(_get(path, shown.file) for path in page_files()),
        _get("/about", shown.about),
        _get("/now", shown.now),
        _get(f"/picture{PART}/{{view}}", shown.picture),
        _get(f"/map{PART}/{{view}}", shown.map),
        _get(f"/part{PART}", people.part),
        _get(f"/why{PART}", whys.causes),
        _get(f"/why{PART}/{{cause}}", whys.why),
        _get(f"/why{PART}/{{cause}}/{{which}}", whys.picture),
        _get("/disputed", people.disputed),
        _get("/audit/next", people.audit_next),
        _get("/audit/picture/{ticket}/{view}", people.audit_picture),
        _post("/override", people.override),
        _post("/audit/answer", people.audit_answer),
        _get("/ca.crt", signing.ca),
        _post("/login", signing.login),
        _post("/first", signing.first),
        _post("/logout", signing.logout),
        _post("/here", signing.here),
    ]
    for page in (LimitsPage(behind), TrendsPage(behind), SetupPage(behind)):
        routes += [_get(path, handler) for path, handler in page.gets.items()]
        routes += [_post(path, handler) for path, handler in page.posts.items()]
    return routes


def _get(path: str, handler: Handler) -> Route:
    return Route(path, _told(handler), methods=["GET"])


def _post(path: str, handler: Handler) -> Route:
    return Route(path, _told(handler), methods=["POST"])


def _told(handler: Handler) -> Handler:
    """The same, with errors of ours as answers."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except (GonogoError, TooMuch) as error:
            if status_of(error) >= UNEXPECTED and not isinstance(error, TooMuch):
                log.warning("screen_failed", text="%(error)s", error=error)
            return refusal(error)

    return answer


def _guarded(app: ASGIApp, doors: Doors) -> ASGIApp:
    """What holds for whatever is asked: by a name of this box, and kept to our own files.

    Each answer says which session it is of, so that a page notices when that is another or over.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        asker = asker_of(Request(scope))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                if asker.changes and message["status"] < REFUSED:
                    doors.did(asker)
                message = {**message, "headers": [*message.get("headers", ()), *_headers(scope)]}
            await send(message)

        try:
            doors.check_host(asker)
        except AccessDenied as error:
            await refusal(error)(scope, receive, told)
            return
        await app(scope, receive, told)

    return guarded


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    person: Person | None = scope.get(PERSON)
    session = {} if person is None else {SESSION_HEADER: person.session}
    return [(name.encode(), value.encode()) for name, value in {**HEADERS, **session}.items()]
