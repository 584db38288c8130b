"""One way into a station, whole: its accounts, the delays, and what the audit trail is told.

What screen and console ask, so that none of the three is forgotten by one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import AccountsUnreadable, FirstCodeRefused
from gonogo.console.access import first_code
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.accounts_file import beside_records
from gonogo.console.access.author import author
from gonogo.console.access.delays import DelayLimits, Delays, path_of
from gonogo.console.access.first_code import FirstCode
from gonogo.console.access.login import Entered, Login, Refused
from gonogo.console.access.sign_in_trail import SignInTrail
from gonogo.ipc.audit.change import told
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.ways import Way


class Station(NamedTuple):
    """Whose accounts: the station's name, and the `path` of its [records]."""

    name: str
    records: Path

    @property
    def accounts(self) -> Accounts:
        """To be read and changed."""
        return Accounts(beside_records(self.records))

    @property
    def trail(self) -> Path:
        """Where each change is told."""
        return trail_of(self.records)


class Entrance:
    """By that way; `accounts` may be another's of the same file."""

    def __init__(
        self,
        station: Station,
        way: Way,
        limits: DelayLimits = DelayLimits(),  # noqa: B008 - immutable
        accounts: Accounts | None = None,
    ) -> None:
        self.accounts = accounts or station.accounts
        self._station, self._way = station, way
        self._first = FirstCode(first_code.path_of(station.name), self.accounts)
        self._login = Login(self.accounts, Delays(path_of(station.name), limits))
        self._trail = SignInTrail(station.trail, way)

    @property
    def asks(self) -> bool:
        """Whether there is anybody who could sign in, or a file that cannot tell."""
        try:
            return bool(self.accounts.all())
        except AccountsUnreadable:
            return True

    def login(self, name: str, secret: str, source: str) -> Entered | Refused:
        """Try it, and tell the trail; AccountsUnreadable where nobody can sign in.

        The trail waits for a disk: not to be called where somebody must not be kept waiting.
        """
        found = self._login.login(name, secret, source)
        if isinstance(found, Entered):
            self._trail.entered(found.account, source)
        elif not found.early:  # what was not looked at is no attempt
            self._trail.refused(self.accounts.find(name), source)
        return found

    def show_code(self) -> str:
        """The one-time code of the first account, for whoever stands before the box; it is told."""
        code = self._first.show()
        self._told(Entry("first code shown", "noted"), "")
        return code

    def first(self, code: str, name: str, secret: str, source: str) -> Account:
        """Make the first account by its code, and tell it; FirstCodeRefused, AccountUnfit."""
        try:
            made = self._first.use(code, name, secret)
        except FirstCodeRefused:
            self._trail.refused(None, source)
            raise
        new = {"account": made.name, "role": made.role.value, "by": "the first code"}
        self._told(Entry("users add", "noted", new=new), source)
        return made

    def _told(self, entry: Entry, source: str) -> None:
        told(Trail(self._station.trail, author=author(None, self._way, source)), entry)

    def left(self, account: Account, source: str, why: str) -> None:
        """Tell the trail that somebody signed out, or was signed out, and why."""
        self._trail.left(account, source, why)
