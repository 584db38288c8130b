"""Who asks the screen, by which way, and what they may do; the answers are the doors' to give.

gonogo.console.access knows accounts, sessions and ways; here is what the screen's handlers see of
all that. Of a request that changes something `Access.person` answers only where it comes from our
own page, with the token of its session: no handler has to ask, and none can forget to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from gonogo.base.errors import AccessDenied
from gonogo.console.access.roles import TABLE, Action
from gonogo.console.access.ways import Way, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.console.access.accounts_file import Account

# as they stand in gonogo's one table of who may do what
SEE, SAY = Action.SEE_PARTS, Action.SAY_DISPOSITION
AUDIT, DECIDE = Action.AUDIT_SAMPLE, Action.DECIDE_DISPOSITION
NOBODY, AT_THE_BOX = "nobody", "screen"
NO_SESSION = "-"
# what a proxy adds: who comes through one is not at the box, though the proxy is
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Asker(NamedTuple):
    """Where a request comes from: its address, "" where that is not known, and its headers.

    `changes`: it would change something; `way`: HTTP or TLS, as the server knows it.
    """

    address: str
    headers: Mapping[str, str]  # names in lower case
    changes: bool = False
    way: Way = Way.HTTP

    @property
    def peer(self) -> str:
        """The address at the other end, as far as it is that of whoever asks."""
        return "" if any(name in self.headers for name in _FORWARDED) else self.address

    @property
    def source(self) -> str:
        """What counts as one source of attempts, and what the audit trail is told."""
        return source_of(self.peer)


class Stay(NamedTuple):
    """That somebody is signed in: as whom, for how long if nobody does anything.

    `tag` tells sessions apart and is no secret; `csrf` is for their own page alone.
    """

    account: Account
    tag: str
    csrf: str
    left_s: float


class Person(NamedTuple):
    """Who that is, and the actions that they may do by the way that they came."""

    name: str
    may: frozenset[str]
    stay: Stay | None = None
    way: Way = Way.HTTP
    source: str = ""

    def demand(self, action: str) -> None:
        """AccessDenied unless they may."""
        if action not in self.may:
            who = ", ".join(role.value for role, may in TABLE.items() if action in may)
            raise AccessDenied(
                f"{Action(action).value}: {self.name} may not here; expected somebody who has "
                f"signed in as one of: {who}"
            )

    @property
    def role(self) -> str:
        """Of whoever is signed in."""
        return self.stay.account.role.value if self.stay else ""

    @property
    def session(self) -> str:
        """What pages are told with every answer: which session it is, and the seconds left."""
        return f"{self.stay.tag} {self.stay.left_s:.0f}" if self.stay else NO_SESSION


class Access(Protocol):
    """Knows people: by their sessions, or by where they sit."""

    def person(self, asker: Asker) -> Person:
        """Who asks; AccessDenied for what is no request of our own page, AccountsUnreadable."""
