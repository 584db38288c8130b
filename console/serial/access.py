"""Who is at the console, and what they may ask for."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from gonogo.ipc.audit.who import who


class Person(NamedTuple):
    """Somebody who has signed in, with the role that the account has."""

    name: str
    role: str


class Refused(NamedTuple):
    """Not signed in; the next try counts after `wait_s` seconds."""

    wait_s: float


class Access(Protocol):
    """Accounts and roles of a station. Neither call waits: a delay is told, and not slept."""

    @property
    def asks(self) -> bool:
        """Whether there are accounts that somebody can sign in with."""
        ...

    def login(self, name: str, secret: str, source: str) -> Person | Refused:
        """Who it is; `source` is the port, whose wrong tries are counted as well."""
        ...

    def anybody(self) -> Person:
        """Who it is where nobody is asked."""
        ...

    def allowed(self, who: Person, action: str) -> bool:
        """Whether they may do that now (`see-status`, `activate-engine`, ...)."""
        ...


class StationUser:
    """At a terminal of the box, as the station's user or root: what the command line may do.

    `name`: of another process's user; left out, whoever logged in here.
    """

    asks = False

    def __init__(self, name: str = "") -> None:
        self._name = name

    def login(self, name: str, secret: str, source: str) -> Person | Refused:  # noqa: ARG002 - the protocol's
        """Nobody is asked."""
        return self.anybody()

    def anybody(self) -> Person:
        """The user."""
        return Person(self._name or str(who()["login"]), "station user")

    def allowed(self, who: Person, action: str) -> bool:  # noqa: ARG002 - the protocol's
        """All of it: the same user may type it as a command of the box."""
        return True


class Reader:
    """At a cable of a station without accounts: whoever has the key of the cabinet may look."""

    asks = False
    _MAY = frozenset({"see-status", "see-parts", "see-log", "see-setup"})

    def login(self, name: str, secret: str, source: str) -> Person | Refused:  # noqa: ARG002 - the protocol's
        """Nobody is asked."""
        return self.anybody()

    def anybody(self) -> Person:
        """Nobody by name."""
        return Person("somebody at the cable", "reader")

    def allowed(self, who: Person, action: str) -> bool:  # noqa: ARG002 - the protocol's
        """Reads that name no person."""
        return action in self._MAY
