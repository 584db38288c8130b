"""The screen as an ASGI application: what answers which path, and what goes around all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from gonogo.base.errors import GonogoError
from gonogo.base.log.logger import get_logger
from gonogo.console.screen.access import check_host
from gonogo.console.screen.asked import headers_of
from gonogo.console.screen.beside import TooMuch
from gonogo.console.screen.pages import HEADERS, page_files
from gonogo.console.screen.people import People
from gonogo.console.screen.refused import refusal, status_of
from gonogo.console.screen.shown import Shown
from gonogo.console.screen.why import Whys

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gonogo.console.screen.shown import Behind

    Handler = Callable[[Request], Awaitable[Response]]

log = get_logger(__name__)

PART = "/{run}/{serial}"
UNEXPECTED = 500


def make_app(behind: Behind) -> ASGIApp:
    """All of it."""
    shown, people, whys = Shown(behind), People(behind), Whys(behind)
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
    ]
    return _guarded(Starlette(routes=routes))


def _get(path: str, handler: Handler) -> Route:
    return Route(path, _told(handler), methods=["GET"])


def _post(path: str, handler: Handler) -> Route:
    return Route(path, _told(handler), methods=["POST"])


def _told(handler: Handler) -> Handler:
    """The same, with errors of ours as answers."""

    async def answer(request: Request) -> Response:
        try:
            check_host(headers_of(request))
            return await handler(request)
        except (GonogoError, TooMuch) as error:
            if status_of(error) >= UNEXPECTED and not isinstance(error, TooMuch):
                log.warning("screen_failed", text="%(error)s", error=error)
            return refusal(error)

    return answer


def _guarded(app: ASGIApp) -> ASGIApp:
    """Headers that keep a browser to our own files, on whatever is answered."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *own]}
            await send(message)

        await app(scope, receive, told)

    return guarded
