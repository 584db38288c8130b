"""A browser at some address, with its cookie and the token that its page was given.

Import as `gonogo.tests.console.screen.signed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.tests.console.screen.scene import call, called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp

    from gonogo.tests.console.screen.scene import Answer

PINS = {"sec": "935028", "anna": "408162", "boss": "715306", "chef": "620583"}
LAN = "10.0.0.9"


class Page:
    """Of one browser; `scheme` http or https, by the box's own address."""

    def __init__(self, app: ASGIApp, address: str = "127.0.0.1", scheme: str = "http") -> None:
        self.app, self.address, self.scheme = app, address, scheme
        self.host = "127.0.0.1:9443" if scheme == "https" else "127.0.0.1:8470"
        self.cookie = self.csrf = ""

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """As a browser sends them for our own page; one of `more` that is "" is left out."""
        own = {"host": self.host, "origin": f"{self.scheme}://{self.host}"}
        own |= {"cookie": self.cookie, "x-gonogo-csrf": self.csrf} | dict(more or {})
        return {name: value for name, value in own.items() if value}

    def get(self, path: str, **more: str) -> Answer:
        """What is shown there."""
        headers = self.headers(more)
        return call(self.app, path, headers=headers, address=self.address, scheme=self.scheme)

    def post(self, path: str, fields: object, more: Mapping[str, str] | None = None) -> Answer:
        """What comes of it; a cookie that is set is kept, as a browser keeps it."""
        answer = call(self.app, path, fields=fields, headers=self.headers(more),
                      address=self.address, scheme=self.scheme)  # fmt: skip
        self._take(answer)
        return answer

    async def posting(self, path: str, fields: object) -> Answer:
        """The same beside others."""
        where = (self.address, self.scheme)
        return await called(self.app, path, fields, self.headers(), where)

    def sign_in(self, name: str, secret: str | None = None) -> Answer:
        """As a person, and load the page anew."""
        self.csrf = ""
        answer = self.post("/login", {"name": name, "secret": secret or PINS[name]})
        if answer.status == 200:
            self.load()
        return answer

    def load(self) -> dict[str, object]:
        """Load the page anew: with the token that it is given."""
        about: dict[str, object] = self.get("/about").json
        self.csrf = str(about["csrf"])
        return about

    def _take(self, answer: Answer) -> None:
        pair = answer.headers.get("set-cookie", "").partition(";")[0]
        if pair:
            self.cookie = "" if pair.endswith("=") else pair
