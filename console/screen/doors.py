"""The ways into the screen, HTTP and TLS, each with its sessions: who came by it, and may what.

Sessions of the two are apart: what was set without TLS may have been read. All of it is asked by
the thread that serves; only `Door.entrance` waits for work and a disk, and is asked beside it.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import AccountsUnreadable
from gonogo.console.access.entrance import Entrance, Station
from gonogo.console.access.policy import delay_limits, session_limits
from gonogo.console.access.roles import TABLE, Role
from gonogo.console.access.sessions import Sessions
from gonogo.console.access.visits import Request, Site, Unsigned, Visits
from gonogo.console.access.ways import Way, is_here, looks, may
from gonogo.console.screen.access import AT_THE_BOX, NOBODY, SAY, Person, Stay

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gonogo.config.screen import ScreenSection
    from gonogo.console.access.accounts import Accounts
    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.sessions import Session
    from gonogo.console.access.visits import Visitor
    from gonogo.console.screen.access import Asker
    from gonogo.console.screen.plan import ScreenPlan

_TAG_LETTERS = 12


class Door(NamedTuple):
    """One way in."""

    site: Site
    entrance: Entrance
    sessions: Sessions
    visits: Visits

    def person(self, asker: Asker, now_ns: int) -> Person:
        """Who comes by it."""
        found = self._visitor(asker, now_ns)
        session = found.session
        # from elsewhere a role that was given to everybody only looks
        known = session is not None or is_here(asker.peer)
        they_may = frozenset(
            action
            for action in (TABLE[found.role] if found.role else ())
            if may(self.site.way, asker.peer, found.role, action) and (known or looks(action))
        )
        if session is None:
            name = AT_THE_BOX if SAY in they_may else NOBODY
            return Person(name, they_may, None, self.site.way, asker.source)
        left_s = self.sessions.ends_in_s(session, now_ns)
        stay = Stay(session.account, _tag(session.csrf), session.csrf, left_s)
        return Person(session.account.name, they_may, stay, self.site.way, asker.source)

    def _visitor(self, asker: Asker, now_ns: int) -> Visitor:
        request = Request(asker.peer, asker.headers)
        try:
            return self.visits.comes(request, now_ns, changes=asker.changes)
        except AccountsUnreadable:
            if asker.changes:
                raise
        # the line is still to be seen; nobody is anybody until the file is mended
        plain = {name: value for name, value in asker.headers.items() if name != "cookie"}
        return self.visits.comes(request._replace(headers=plain), now_ns, changes=False)


class Doors:
    """Of one screen; `names` are those of the box, `accounts` another's of the same file."""

    def __init__(
        self,
        plan: ScreenPlan,
        names: Callable[[], Collection[str]],
        accounts: Accounts | None = None,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._plan, self._names, self._accounts, self._now_ns = plan, names, accounts, now_ns
        self._untold: list[Callable[[], None]] = []
        self._doors = {Way.HTTP: self._door(Way.HTTP), Way.TLS: self._door(Way.TLS)}

    def _door(self, way: Way) -> Door:
        plan = self._plan
        port = plan.screen.port if way is Way.HTTP else plan.access.tls_port
        site = Site(plan.station, way, port, self._names)
        station = Station(plan.station, plan.records)
        entrance = Entrance(station, way, delay_limits(plan.access), self._accounts)
        sessions = Sessions(entrance.accounts.find, session_limits(plan.access))
        return Door(site, entrance, sessions, Visits(site, sessions, _unsigned(plan.screen)))

    def of(self, asker: Asker) -> Door:
        """By which they came."""
        return self._doors[asker.way]

    def person(self, asker: Asker) -> Person:
        """Who asks; AccessDenied, AccountsUnreadable where something would be changed."""
        return self.of(asker).person(asker, self._now_ns())

    def check_host(self, asker: Asker) -> None:
        """AccessDenied unless the page was opened by a name of this box."""
        self.of(asker).visits.check_host(Request(asker.peer, asker.headers))

    def check_ours(self, asker: Asker) -> None:
        """AccessDenied unless somebody may sign in by such a request."""
        self.check_host(asker)
        self.of(asker).visits.check_ours(Request(asker.peer, asker.headers))

    def did(self, asker: Asker) -> None:
        """Somebody did something: their session is kept."""
        with suppress(AccountsUnreadable):  # it is done, whoever it was
            self._session(asker, touch=True)

    def let_in(self, account: Account, asker: Asker) -> str:
        """Somebody has proved who they are: the Set-Cookie header of their session."""
        door = self.of(asker)
        self._close(door, asker)  # whoever was signed in there before
        opened = door.sessions.open(account, self._now_ns())
        return door.visits.cookie.set(opened.id)

    def let_out(self, asker: Asker) -> str:
        """Whoever is signed in there signs out: the Set-Cookie header that ends it."""
        session, door = None, self.of(asker)
        with suppress(AccountsUnreadable):  # nobody is kept in by a damaged file
            session = self._session(asker)
        self._close(door, asker)
        if session is not None:
            left = door.entrance.left
            self._untold.append(partial(left, session.account, asker.source, "they signed out"))
        return door.visits.cookie.clear()

    def _session(self, asker: Asker, *, touch: bool = False) -> Session | None:
        request = Request(asker.peer, asker.headers)
        return self.of(asker).visits.visitor(request, self._now_ns(), touch=touch).session

    def ended(self) -> list[Callable[[], None]]:
        """What the trail is to be told of sessions that are over, in calls that wait for a disk."""
        found, self._untold = self._untold, []
        for door in self._doors.values():
            with suppress(AccountsUnreadable):  # told once it can be read again
                over = door.sessions.ended(self._now_ns())
                found += [partial(door.entrance.left, each.session.account, "", each.why)
                          for each in over]  # fmt: skip
        return found

    @staticmethod
    def _close(door: Door, asker: Asker) -> None:
        door.sessions.close(door.visits.cookie.id_in(asker.headers.get("cookie")))


def _unsigned(screen: ScreenSection) -> Unsigned:
    """What whoever has not signed in is."""
    everybody = Role.OBSERVER if screen.look_without_login else None
    return Unsigned(Role.OPERATOR if screen.local_operator else everybody, everybody)


def _tag(csrf: str) -> str:
    return hashlib.sha256(csrf.encode()).hexdigest()[:_TAG_LETTERS]
