"""Signing in and out at the screen, and the first account by its one-time code.

A PIN is looked at beside the thread that serves: the work of scrypt and the disk of the audit trail
keep no page waiting.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from gonogo.base.errors import AccessDenied, SignInRefused
from gonogo.base.section import Section
from gonogo.console.access.login import Refused
from gonogo.console.screen.asked import asker_of, fields_of
from gonogo.console.screen.refused import refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from gonogo.console.access.accounts_file import Account
    from gonogo.console.screen.access import Asker
    from gonogo.console.screen.shown import Behind

Typed = Annotated[str, Field(max_length=200)]
# shown as stars wherever it may turn up: in an error, a log, a debugger
Secret = Annotated[SecretStr, Field(max_length=200)]


class SignInAsked(Section):
    """What the page of signing in sends."""

    name: Typed
    secret: Secret


class FirstAsked(SignInAsked):
    """The same for the first account, with the code that was shown."""

    code: Typed


class Signing:
    """An answer for each."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind

    async def login(self, request: Request) -> Response:
        """Sign somebody in; 403 with the seconds to wait, whatever was wrong."""
        asker = self._ours(request)
        asked = await fields_of(request, SignInAsked)
        entrance = self._behind.doors.of(asker).entrance
        secret = asked.secret.get_secret_value()
        ask = partial(entrance.login, asked.name, secret, asker.source)
        found = await self._behind.at_the_door.ask(asker.source, ask)
        if isinstance(found, Refused):
            more = {"wait_s": found.wait_s, "early": found.early}
            return refusal(SignInRefused(str(found)), more)
        return self._let_in(found.account, asker)

    async def first(self, request: Request) -> Response:
        """Make the first account, and sign in whoever made it."""
        asker = self._ours(request)
        asked = await fields_of(request, FirstAsked)
        entrance = self._behind.doors.of(asker).entrance
        secret = asked.secret.get_secret_value()
        ask = partial(entrance.first, asked.code, asked.name, secret, asker.source)
        return self._let_in(await self._behind.at_the_door.ask(asker.source, ask), asker)

    async def logout(self, request: Request) -> Response:
        """Sign out whoever is signed in; also with a page whose session is long over."""
        asker = self._ours(request)
        return _with_cookie({}, self._behind.doors.let_out(asker))

    async def here(self, request: Request) -> Response:
        """Somebody did something at a page that the box knows nothing of: they are still there."""
        if self._behind.person(request).stay is None:
            raise AccessDenied("nobody is signed in there")
        return JSONResponse({})

    async def ca(self, request: Request) -> Response:  # noqa: ARG002 - a handler's
        """The certificate of the box's own CA, for browsers; it is no secret."""
        found = self._behind.kept.ca_pem
        if found is None:
            return Response(status_code=404)
        return Response(found, headers={"content-type": "application/x-x509-ca-cert"})

    def _ours(self, request: Request) -> Asker:
        asker = asker_of(request)
        self._behind.doors.check_ours(asker)
        return asker

    def _let_in(self, account: Account, asker: Asker) -> Response:
        cookie = self._behind.doors.let_in(account, asker)
        return _with_cookie({"name": account.name, "role": account.role.value}, cookie)


def _with_cookie(fields: dict[str, str], cookie: str) -> Response:
    return JSONResponse(fields, headers={"set-cookie": cookie})
