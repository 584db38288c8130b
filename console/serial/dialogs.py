"""What asks for more than one line: signing in, and a change that wants its code."""

from __future__ import annotations

import secrets
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ChangeNotConfirmed, CommandDenied, GonogoError
from gonogo.console.serial.access import Person, Refused
from gonogo.console.serial.bench import Bench
from gonogo.console.serial.editor import Prompt
from gonogo.console.serial.table import At

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.serial.access import Access, Waits
    from gonogo.console.serial.table import Command, Order

_DIGITS = 4
_LETTERS = 20  # of the station's name in the prompt


def four_digits() -> str:
    """A code that neither noise nor a hand that slips types."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


class Place(NamedTuple):
    """Which station, where its log is kept (None: it is not), at which port one sits, and how.

    `way`: serial, terminal or socket. `file`: the station file, None where there is none.
    """

    station: str
    log: Path | None
    port: str
    way: str = "serial"
    file: Path | None = None


class Guest:
    """Who is at the console: a name, then a secret that is not shown; nobody until then.

    Where there are no accounts it is somebody from the beginning. `waits`: a secret that is being
    looked at; nothing is asked for meanwhile.
    """

    def __init__(self, access: Access, place: Place) -> None:
        self.access, self.place = access, place
        self.who: Person | None = None
        self.bench = Bench()
        self._name = ""
        self.waits: Waits | None = None
        self.begin()

    @property
    def prompt(self) -> Prompt:
        """What is asked for now."""
        if self.who is not None:
            return Prompt(f"{self.place.station[:_LETTERS]}> ", command=True)
        if self.waits is not None:
            return Prompt("", echo=False)
        return Prompt("PIN or badge: ", echo=False) if self._name else Prompt("name: ")

    @property
    def begun(self) -> bool:
        """Whether a name waits for its secret."""
        return bool(self._name)

    @property
    def stays_s(self) -> tuple[float, float] | None:
        """How long whoever is there may do nothing, and stay; None: there is nothing to end."""
        return None if self.who is None else self.access.stays_s(self.who)

    @property
    def holds(self) -> bool:
        """Whether who is there is still who came."""
        return self.who is None or self.access.holds(self.who)

    def begin(self, why: str = "") -> None:
        """Signed out, because of `why`."""
        if self.who is not None:
            self.access.left(self.who, self.place.port, why)
        if self.bench.tries:
            # late: it knows the whole station file
            import_module("gonogo.console.serial.outputs").tries_no_more(self.at())
        self._name, self.waits, self.bench = "", None, Bench()
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
        if isinstance(found, (Person, Refused)):
            return self._entered(found)
        self.waits = found
        return ""

    def settled(self) -> str | None:
        """What came of the secret that was being looked at; None: nothing yet."""
        try:
            found = self.waits.outcome() if self.waits is not None else None
        except GonogoError as error:
            self.waits = None
            return f"GN{error.code}: {error.args[0]}"
        if found is None:
            return None
        self.waits = None
        return self._entered(found)

    def _entered(self, found: Person | Refused) -> str:
        if isinstance(found, Person):
            self.who = found
            return f"signed in as {found.role}; ? lists commands"
        wait = f"; the next try counts in {found.wait_s:.0f} s" if found.wait_s else ""
        return f"not signed in{wait}"

    def at(self, change: Change | None = None) -> At:
        """For a command; of a change with its reason, and what was typed for it."""
        who, place = self.who or Person("", ""), self.place
        why, secret = ("", "") if change is None else (change.why, change.secret)
        return At(
            place.station, place.log, who, place.port, place.way,
            why=why, secret=secret, file=place.file, bench=self.bench,
            may=lambda action: self.access.allowed(who, action),
        )  # fmt: skip

    def demand(self, command: Command) -> None:
        """CommandDenied where the role may not give that command."""
        action, who = command.action, self.who
        if action and (who is None or not self.access.allowed(who, action)):
            role = f"the role '{who.role}'" if who is not None else "nobody"
            raise CommandDenied(f"{command.words}: {role} may not ({action})")


REASON, SECRET, AGAIN, CODE = "reason", "PIN or badge", "again", "code"


class Change:
    """A change that waits: for the reason, a secret if it has one, then for the code it shows."""

    def __init__(self, order: Order, code: Callable[[], str]) -> None:
        self.order = order
        self._code = code()
        secret = [SECRET, AGAIN] if order.command.secret else []
        self._wanted = [REASON, *secret, CODE]
        self._given: dict[str, str] = {}

    @property
    def said(self) -> list[str]:
        """What it will do."""
        return [f"{self.order.command.words}: {self.order.command.changes}"]

    @property
    def prompt(self) -> Prompt:
        """What is asked for now."""
        wanted = self._wanted[0]
        if wanted == CODE:
            return Prompt(f"type {self._code} to do it: ")
        return Prompt(f"{wanted}: ", echo=wanted == REASON)

    @property
    def why(self) -> str:
        """The reason."""
        return self._given.get(REASON, "").strip()

    @property
    def secret(self) -> str:
        """What was typed twice."""
        return self._given.get(SECRET, "")

    def enter(self, line: str) -> bool:
        """Whether it is to be done; False: go on asking. ChangeNotConfirmed."""
        wanted = self._wanted.pop(0)
        self._given[wanted] = line
        if wanted == AGAIN and line != self.secret:
            raise ChangeNotConfirmed(
                f"{self.order.command.words}: expected the same twice; nothing was changed"
            )
        if wanted == CODE and line.strip() != self._code:
            raise ChangeNotConfirmed(
                f"{self.order.command.words}: expected the four digits that were shown; nothing "
                "was changed"
            )
        return wanted == CODE
