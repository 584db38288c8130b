"""Who is at the console, and what they may ask for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gonogo.base.errors import AccountsUnreadable
from gonogo.console.access.entrance import Entrance, Station
from gonogo.console.access.login import Entered
from gonogo.console.access.policy import delay_limits, session_limits
from gonogo.console.access.roles import Action, Role, allowed
from gonogo.console.access.ways import Way
from gonogo.ipc.audit.who import who

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from gonogo.config.access import AccessSection
    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.login import Refused as NotEntered

READER = "reader"  # the role of whoever is at a cable without accounts
FIRST_ACCOUNT = "first-account"  # what such a one may do besides looking


class Person(NamedTuple):
    """Somebody who has signed in, with the role that the account has; `stamp`: as it was then."""

    name: str
    role: str
    stamp: int = 0


class Refused(NamedTuple):
    """Not signed in; the next try counts after `wait_s` seconds."""

    wait_s: float


class Waits(Protocol):
    """An attempt that is being looked at."""

    def outcome(self) -> Person | Refused | None:
        """What came of it, None: nothing yet; AccountsUnreadable."""
        ...


class Access(Protocol):
    """Accounts and roles of a station. No call waits: a delay is told, and not slept."""

    @property
    def asks(self) -> bool:
        """Whether there are accounts that somebody can sign in with."""
        ...

    def login(self, name: str, secret: str, source: str) -> Person | Refused | Waits:
        """Who it is; `source` is the port, whose wrong tries are counted as well."""
        ...

    def anybody(self) -> Person:
        """Who it is where nobody is asked."""
        ...

    def allowed(self, who: Person, action: str) -> bool:
        """Whether they may do that now (`see-status`, `activate-engine`, ...)."""
        ...

    def holds(self, who: Person) -> bool:
        """Whether they are still whom they came in as: nothing was changed about the account."""
        ...

    def stays_s(self, who: Person) -> tuple[float, float] | None:
        """How long they may do nothing, and be there at all; None: as long as they like."""
        ...

    def left(self, who: Person, source: str, why: str) -> None:
        """They signed out, or were signed out."""
        ...


class Everybody(ABC):
    """What is the same wherever nobody signs in."""

    asks = False

    def login(self, name: str, secret: str, source: str) -> Person | Refused | Waits:  # noqa: ARG002 - the protocol's
        """Nobody is asked."""
        return self.anybody()

    @abstractmethod
    def anybody(self) -> Person:
        """Each kind says who."""

    def holds(self, who: Person) -> bool:  # noqa: ARG002 - the protocol's
        """There is no account to be changed."""
        return True

    def stays_s(self, who: Person) -> tuple[float, float] | None:  # noqa: ARG002 - the protocol's
        """They have nothing to sign out of."""
        return None

    def left(self, who: Person, source: str, why: str) -> None:  # noqa: B027 - nothing is to be told
        """Nobody has come."""


class StationUser(Everybody):
    """At a terminal of the box, as the station's user or root: what the command line may do.

    `name`: of another process's user; left out, whoever logged in here.
    """

    def __init__(self, name: str = "") -> None:
        self._name = name

    def anybody(self) -> Person:
        """The user."""
        return Person(self._name or str(who()["login"]), "station user")

    def allowed(self, who: Person, action: str) -> bool:  # noqa: ARG002 - the protocol's
        """All of it: the same user may type it as a command of the box."""
        return True


class Reader(Everybody):
    """At a cable of a station without accounts: whoever has the key of the cabinet may look."""

    _MAY = frozenset({"see-status", "see-parts", "see-log", "see-setup", FIRST_ACCOUNT})

    def anybody(self) -> Person:
        """Nobody by name."""
        return Person("somebody at the cable", READER)

    def allowed(self, who: Person, action: str) -> bool:  # noqa: ARG002 - the protocol's
        """Reads that name no person, and making the first account."""
        return action in self._MAY


class AtCable:
    """At a cable of a station with a file of accounts, in which there may be nobody yet.

    scrypt and the disk are waited for by a thread: whoever else is at the console goes on.
    """

    def __init__(self, name: str, records: Path, section: AccessSection) -> None:
        station = Station(name, records)
        self._entrance = Entrance(station, Way.SERIAL, delay_limits(section))
        self._limits = session_limits(section)
        self._nobody = Reader()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign-in")

    @property
    def asks(self) -> bool:
        """Whether there is an account, or a file of them that nobody can read."""
        return self._entrance.asks

    def login(self, name: str, secret: str, source: str) -> Waits:
        """Begin to look at it."""
        return Attempt(self._worker.submit(self._entrance.login, name, secret, source))

    def anybody(self) -> Person:
        """Nobody by name."""
        return self._nobody.anybody()

    def allowed(self, who: Person, action: str) -> bool:
        """By the table of roles."""
        if who.role == READER:
            return self._nobody.allowed(who, action)
        # the first account is there: nobody makes it again
        return action != FIRST_ACCOUNT and allowed(Role(who.role), Action(action))

    def holds(self, who: Person) -> bool:
        """Whether the account is as it was; who came in without one signs in once there is one."""
        if who.role == READER:
            return not self.asks
        try:
            account = self._entrance.accounts.find(who.name)
        except AccountsUnreadable:
            return False
        return account is not None and not account.disabled and account.stamp == who.stamp

    def stays_s(self, who: Person) -> tuple[float, float] | None:
        """By the role ([access])."""
        if who.role == READER:
            return None
        return self._limits.idle_s[Role(who.role)], self._limits.longest_s

    def left(self, who: Person, source: str, why: str) -> None:
        """Tell the trail."""
        if who.role != READER:
            self._worker.submit(self._tell_left, who, source, why)

    def close(self) -> None:
        """Wait for what is being looked at."""
        self._worker.shutdown()

    def _tell_left(self, who: Person, source: str, why: str) -> None:
        account = self._entrance.accounts.find(who.name)
        if account is not None:
            self._entrance.left(account, source, why)


class Attempt:
    """One sign-in, at which a thread looks."""

    def __init__(self, found: Future[Entered | NotEntered]) -> None:
        self._found = found

    def outcome(self) -> Person | Refused | None:
        """None while it is looked at; AccountsUnreadable."""
        if not self._found.done():
            return None
        result = self._found.result()
        if isinstance(result, Entered):
            return person_of(result.account)
        return Refused(result.wait_s)


def person_of(account: Account) -> Person:
    """Who came in by it."""
    return Person(account.name, account.role.value, account.stamp)
