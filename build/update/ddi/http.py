"""HTTP to an update server, bounded in time and size, by the standard library.

The token goes to the server that the settings name, and to no other, whatever a link says.
Redirects are not followed.
"""

from __future__ import annotations

import json
import ssl
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from gonogo.base.errors import (
    GonogoError,
    UpdateServerAway,
    UpdateServerRefused,
    UpdateSettingsWrong,
)
from gonogo.build.update.settings import authorization, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.build.update.settings import ServerSection

QUIET_S = 30.0  # without a byte
ANSWER_S = 60.0  # for a whole answer that is no image
LARGEST_BYTES = 1 << 20
_LONGEST_WAIT_S = 3600.0
_TOO_MANY = 429
_PIECE = 16 << 10
_MEANS = {
    401: "it does not take the token",
    403: "it does not take the token",
    404: "it does not know this tenant, id or action",
    409: "it has another state of this action",
    410: "the action is over",
}


class Answer(NamedTuple):
    """What came: the status, the object (empty where there is none), and when to ask again."""

    status: int
    body: dict[str, Any]
    wait_s: float = 0.0

    def demand(self, what: str) -> dict[str, Any]:
        """Its object; UpdateServerAway, UpdateServerRefused."""
        demand(self.status, what, self.wait_s)
        return self.body


def demand(status: int, what: str, wait_s: float = 0.0) -> None:
    """Whether an answer is a good one; UpdateServerAway, UpdateServerRefused."""
    if 200 <= status < 300:  # noqa: PLR2004 - of HTTP
        return
    if status == _TOO_MANY or status >= 500:  # noqa: PLR2004
        away = UpdateServerAway(f"{what}: the update server is busy (HTTP {status})")
        away.wait_s = wait_s
        raise away
    raise UpdateServerRefused(f"{what}: HTTP {status}: {_MEANS.get(status, 'not as expected')}")


class Http:
    """One server."""

    def __init__(self, server: ServerSection, quiet_s: float = QUIET_S) -> None:
        self._server, self._quiet_s = server, quiet_s
        self._token = authorization(server)
        self._tls = _trusting(server) if server.url.startswith("https:") else None

    def json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """Ask for an object, below the server's own address; UpdateServerAway."""
        url = f"{self._server.url.rstrip('/')}{path}"
        headers = {"Accept": "application/json"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        end_s = time.monotonic() + ANSWER_S
        with self.asked(method, url, headers, data) as response:
            raw = _whole(response, url, end_s)
            wait_s = _retry_after(response)
        return Answer(response.status, _object(raw), wait_s)

    @contextmanager
    def asked(
        self, method: str, url: str, headers: dict[str, str], data: bytes | None = None
    ) -> Iterator[HTTPResponse]:
        """An answer, to be read; UpdateServerAway also where reading it fails."""
        connection = self._connection(url)
        if self._token is not None and origin(url) == origin(self._server.url):
            headers = {**headers, "Authorization": self._token}
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target, body=data, headers=headers)
            with connection.getresponse() as response:
                yield response
        except ssl.SSLCertVerificationError as error:
            raise UpdateServerAway(
                f"{url}: its certificate is not by the CA of the settings, or for another "
                f"address: {error.verify_message}"
            ) from error
        except (OSError, HTTPException) as error:
            if isinstance(error, GonogoError):  # of whoever reads it
                raise
            raise UpdateServerAway(f"{url}: {str(error) or type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self, url: str) -> HTTPConnection:
        try:
            scheme, host, port = origin(url)
        except ValueError as error:
            raise UpdateServerRefused(f"a link of the server: {error}") from error
        if scheme == "https":
            tls = self._tls or ssl.create_default_context()
            return HTTPSConnection(host, port, timeout=self._quiet_s, context=tls)
        if not self._server.unencrypted:
            raise UpdateServerRefused(f"{url}: a link without encryption, from a server with it")
        return HTTPConnection(host, port, timeout=self._quiet_s)


def _trusting(server: ServerSection) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca)
    except (OSError, ssl.SSLError) as error:
        raise UpdateSettingsWrong(f"{server.ca}: {error}; expected a CA in PEM") from error


def _whole(response: HTTPResponse, url: str, end_s: float) -> bytes:
    found = b""
    while piece := response.read1(_PIECE):
        found += piece
        if len(found) > LARGEST_BYTES:
            raise UpdateServerAway(f"{url}: more than {LARGEST_BYTES >> 20} MiB of an answer")
        if time.monotonic() > end_s:
            raise UpdateServerAway(f"{url}: no whole answer within {ANSWER_S:.0f} s")
    return found


def _object(raw: bytes) -> dict[str, Any]:
    """Empty where it is none: of an error page only the status is of use."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _retry_after(response: HTTPResponse) -> float:
    """Seconds; 0 where it says none, or a date."""
    said = response.getheader("Retry-After") or ""
    return min(float(said), _LONGEST_WAIT_S) if said.isdecimal() else 0.0
