"""What asks for more than one line: signing in, and a change that wants its code."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ChangeNotConfirmed, CommandDenied
from gonogo.console.serial.access import Person
from gonogo.console.serial.editor import Prompt
from gonogo.console.serial.table import At

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.serial.access import Access
    from gonogo.console.serial.table import Command, Order

_DIGITS = 4
_LETTERS = 20  # of the station's name in the prompt


def four_digits() -> str:
    """A code that neither noise nor a hand that slips types."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


class Place(NamedTuple):
    """Which station, where its log is kept (None: it is not), at which port one sits, and how.

    `way`: serial, terminal or socket.
    """

    station: str
    log: Path | None
    port: str
    way: str = "serial"


class Guest:
    """Who is at the console: a name, then a secret that is not shown; nobody until then.

    Where there are no accounts it is somebody from the beginning.
    """

    def __init__(self, access: Access, place: Place) -> None:
        self.access, self.place = access, place
        self.who: Person | None = None
        self._name = ""
        self.begin()

    @property
    def prompt(self) -> Prompt:
        """What is asked for now."""
        if self.who is not None:
            return Prompt(f"{self.place.station[:_LETTERS]}> ", command=True)
        return Prompt("PIN or badge: ", echo=False) if self._name else Prompt("name: ")

    @property
    def begun(self) -> bool:
        """Whether a name waits for its secret."""
        return bool(self._name)

    @property
    def can_leave(self) -> bool:
        """Whether somebody has signed in, who may have gone away."""
        return self.access.asks and self.who is not None

    def begin(self) -> None:
        """Signed out."""
        self._name = ""
        self.who = None if self.access.asks else self.access.anybody()

    def forget(self) -> None:
        """A name that was typed."""
        self._name = ""

    def enter(self, line: str) -> str:
        """A line of who is not signed in; what to say to it, '' for nothing."""
        if not self._name:
            self._name = line.strip()
            return ""
        name, self._name = self._name, ""
        found = self.access.login(name, line, self.place.port)
        if isinstance(found, Person):
            self.who = found
            return f"signed in as {found.role}; ? lists commands"
        wait = f"; the next try counts in {found.wait_s:.0f} s" if found.wait_s else ""
        return f"not signed in{wait}"

    def at(self, why: str = "") -> At:
        """For a command, and why it is given."""
        who, place = self.who or Person("", ""), self.place
        return At(place.station, place.log, who, place.port, place.way, why)

    def demand(self, command: Command) -> None:
        """CommandDenied where the role may not give that command."""
        action, who = command.action, self.who
        if action and (who is None or not self.access.allowed(who, action)):
            role = f"the role '{who.role}'" if who is not None else "nobody"
            raise CommandDenied(f"{command.words}: {role} may not ({action})")


class Change:
    """A change that waits: for the reason, then for the code that is shown."""

    def __init__(self, order: Order, code: Callable[[], str]) -> None:
        self.order = order
        self.why = ""
        self._code = code()
        self._reasoned = False

    @property
    def said(self) -> list[str]:
        """What it will do."""
        return [f"{self.order.command.words}: {self.order.command.changes}"]

    @property
    def prompt(self) -> Prompt:
        """What is asked for now."""
        if self._reasoned:
            return Prompt(f"type {self._code} to do it: ")
        return Prompt("reason: ")

    def enter(self, line: str) -> bool:
        """Whether it is to be done; False: go on asking. ChangeNotConfirmed."""
        if not self._reasoned:
            self._reasoned, self.why = True, line.strip()
            return False
        if line.strip() != self._code:
            raise ChangeNotConfirmed(
                f"{self.order.command.words}: expected the four digits that were shown; nothing "
                "was changed"
            )
        return True
