"""What a request asks for: a part, a view, a language, a few fields; ScreenUnasked for the rest."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from gonogo.base.errors import ScreenUnasked
from gonogo.base.section import Section, brief
from gonogo.console.access.ways import Way
from gonogo.console.screen.access import Asker
from gonogo.console.screen.pages import LANGUAGES
from gonogo.console.screen.spoken import RUN_MAX, SERIAL_MAX

if TYPE_CHECKING:
    from starlette.requests import Request

BODY_MAX = 8192  # bytes of what people send
_LOOKING = frozenset({"GET", "HEAD"})
LONGEST_NUMBER = 32  # characters
_NUMBER = re.compile(r"[0-9]{1,13}")

Asked = TypeVar("Asked", bound=Section)


def part_of(request: Request) -> tuple[str, int]:
    """Run and serial of the part that is meant."""
    run, serial = request.path_params["run"], number_of(request.path_params["serial"])
    if not (1 <= serial <= SERIAL_MAX and run.isprintable() and len(run) <= RUN_MAX):
        raise ScreenUnasked("expected a part as RUN/SERIAL; reload the page")
    return run, serial


def view_of(request: Request, views: int) -> int:
    """The number of the view that is meant."""
    view = number_of(request.path_params["view"])
    if view >= views:
        raise ScreenUnasked(f"view {view}: expected 0 to {views - 1}; reload the page")
    return view


def number_of(text: str) -> int:
    """Decimal digits."""
    if not _NUMBER.fullmatch(text):
        raise ScreenUnasked("expected a number; reload the page")
    return int(text)


def whole_of(request: Request, name: str, usual: int) -> int:
    """A number of the question, as it stands behind the path."""
    return number_of(request.query_params.get(name, str(usual)))


def decimal_of(request: Request, name: str) -> float:
    """The same of a finite number that need not be whole."""
    try:
        value = float(request.query_params.get(name, "")[:LONGEST_NUMBER])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ScreenUnasked("expected a number; reload the page")
    return value


def language_of(request: Request) -> str:
    """The language that the page is in, English for any other."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def asker_of(request: Request) -> Asker:
    """Where it comes from, by which way, and whether it would change something."""
    way = Way.TLS if request.url.scheme == "https" else Way.HTTP
    changes = request.method not in _LOOKING
    return Asker(address_of(request), headers_of(request), changes, way)


def address_of(request: Request) -> str:
    """The address of who asks."""
    return request.client.host if request.client else ""


def headers_of(request: Request) -> dict[str, str]:
    """By their names in lower case; what came more than once is joined, and so is none of ours."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        between = "; " if name == "cookie" else ", "
        found[name] = f"{found[name]}{between}{value}" if name in found else value
    return found


async def fields_of(request: Request, kind: type[Asked]) -> Asked:
    """What was sent, as JSON and no longer than BODY_MAX."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX:
            raise ScreenUnasked(f"expected at most {BODY_MAX} bytes; nothing was written")
    try:
        return kind.model_validate(_plain(body), strict=True)
    except ValidationError as error:
        raise ScreenUnasked(f"{brief(error)}; nothing was written") from error


def _plain(body: bytes) -> Any:  # noqa: ANN401 - whatever was sent
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ScreenUnasked("expected JSON; nothing was written") from error
