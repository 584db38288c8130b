"""Who asks the screen, and what they may do: from whoever knows accounts, or from the box alone.

Nothing that changes anything is taken from another page than our own: a page of a stranger, open in
the same browser, could ask as whoever is logged in there.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from gonogo.base.errors import ScreenRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

# actions of gonogo's one table of who may do what
SEE, SAY, AUDIT, DECIDE = "see-parts", "say-disposition", "audit-sample", "decide-disposition"
NOBODY, AT_THE_BOX = "nobody", "screen"
OURS = "x-gonogo-screen"  # a header that no form and no link can send
# what a proxy adds: who comes through one is not at the box, though the proxy is
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Asker(NamedTuple):
    """Where a request comes from: its address, "" where that is not known, and its headers."""

    address: str
    headers: Mapping[str, str]  # names in lower case


class Person(NamedTuple):
    """Who that is, and the actions that they may do."""

    name: str
    may: frozenset[str]

    def demand(self, action: str) -> None:
        """ScreenRefused unless they may."""
        if action not in self.may:
            raise ScreenRefused(
                f"{self.name} may not {action} here: expected somebody who is logged in and may, "
                "or `local_operator` in [screen] and a browser on the box itself"
            )


class Access(Protocol):
    """Knows people: by accounts, sessions, or where they sit."""

    def person(self, asker: Asker) -> Person:
        """Who asks."""


class OnTheBox:
    """Without accounts: everybody sees, and who sits at the box may speak where that is wanted."""

    def __init__(self, *, local_operator: bool) -> None:
        self._speaks = local_operator

    def person(self, asker: Asker) -> Person:
        """By the address alone."""
        if self._speaks and _is_here(asker):
            return Person(AT_THE_BOX, frozenset({SEE, SAY, AUDIT}))
        return Person(NOBODY, frozenset({SEE}))


def check_host(headers: Mapping[str, str]) -> None:
    """ScreenRefused where the page was opened by a name: any name may be made to mean this box."""
    host = headers.get("host", "")
    if not _is_address(host):
        raise ScreenRefused(
            f"host {host[:64]!r}: expected the address of this box as 127.0.0.1, or localhost; "
            "open the page by that"
        )


def check_ours(headers: Mapping[str, str]) -> None:
    """ScreenRefused unless it comes from our own page."""
    origin = headers.get("origin")
    strange = origin is not None and urlsplit(origin).netloc != headers.get("host", "")
    site = headers.get("sec-fetch-site", "same-origin")
    if strange or site != "same-origin" or headers.get(OURS) != "1":
        raise ScreenRefused("expected a request of the screen's own page; nothing was done")


def _is_here(asker: Asker) -> bool:
    if any(name in asker.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(asker.address).is_loopback
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False
