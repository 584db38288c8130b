"""Requests of browsers: whose they are, and whether they may do what they ask for.

Before anything else a request must be for this box (Host); one that changes something must come
from our own page (Origin), over a way by which something may be done, and bear the token of its
session. One that fails in any of these is refused with the reason, and nothing of it is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import AccessDenied
from gonogo.console.access.cookies import CSRF_HEADER, SessionCookie
from gonogo.console.access.roles import demand
from gonogo.console.access.ways import Way, is_here, is_ours, is_same_origin, looks, may_act

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gonogo.console.access.roles import Action, Role
    from gonogo.console.access.sessions import Session, Sessions


class Site(NamedTuple):
    """Where a screen is served: the station's name, the way, the port, and the box's names."""

    station: str
    way: Way
    port: int
    names: Callable[[], Collection[str]]

    @property
    def secure(self) -> bool:
        """Whether it is by TLS."""
        return self.way is Way.TLS


class Request(NamedTuple):
    """What is known of one: the address at its other end, and its headers by small names."""

    peer: str
    headers: Mapping[str, str]


class Unsigned(NamedTuple):
    """What whoever has not signed in is: at the box itself, and elsewhere; None: nobody."""

    here: Role | None = None
    elsewhere: Role | None = None


class Visitor(NamedTuple):
    """Whose request it is; `session` None: nobody has signed in."""

    role: Role | None
    session: Session | None


class Visits:
    """To one site; `unsigned`: what the station file lets people do who have not signed in."""

    def __init__(self, site: Site, sessions: Sessions, unsigned: Unsigned = Unsigned()) -> None:  # noqa: B008 - immutable
        self.cookie = SessionCookie(site.station, secure=site.secure)
        self._site, self._sessions, self._unsigned = site, sessions, unsigned

    def visitor(self, request: Request, now_ns: int, *, touch: bool = False) -> Visitor:
        """Whose request it is; AccountsUnreadable. `touch`: a person did something, no script.

        By a way that is read as it passes a cookie is nobody's: it may be anybody's by now.
        """
        session = None
        if may_act(self._site.way, request.peer):
            session_id = self.cookie.id_in(request.headers.get("cookie"))
            session = self._sessions.of(session_id, now_ns, touch=touch)
        if session is not None:
            return Visitor(session.account.role, session)
        at_the_box = self._unsigned.here if is_here(request.peer) else None
        return Visitor(at_the_box or self._unsigned.elsewhere, None)

    def comes(self, request: Request, now_ns: int, *, changes: bool) -> Visitor:
        """Whose request it is, of one that is ours; AccessDenied, AccountsUnreadable.

        `changes`: it is none that only looks. What its role may is still to be asked.
        """
        self.check_host(request)
        if not changes:
            return self.visitor(request, now_ns)
        self.check_ours(request)
        found = self.visitor(request, now_ns)
        token = request.headers.get(CSRF_HEADER)
        if found.session is None and token:  # no word of hers is written down as another's
            raise AccessDenied("the session of that page is over; nothing was done, sign in again")
        if found.session is not None and not found.session.is_from(token):
            raise AccessDenied("expected the token of the session; load the page")
        # from elsewhere nobody does anything who has not signed in, whatever the file says
        known = found.session is not None or is_here(request.peer)
        return found if known else Visitor(None, None)

    def demand(self, request: Request, action: Action, now_ns: int) -> Visitor:
        """Who asks for it, and may; AccessDenied says why not. Doing something keeps a session."""
        found = self.comes(request, now_ns, changes=not looks(action))
        demand(found.role, action)
        return found if looks(action) else self.visitor(request, now_ns, touch=True)

    def check_host(self, request: Request) -> None:
        """AccessDenied unless the page was opened by a name of this box."""
        if not is_ours(request.headers.get("host"), self._site.names(), self._site.port):
            raise AccessDenied(
                "the page was opened by a name that is not this box's; expected its host name, an "
                "address of it, or one of `names` in [access]"
            )

    def check_ours(self, request: Request) -> None:
        """AccessDenied unless something may be done, or somebody sign in, by such a request."""
        origin, host = request.headers.get("origin"), request.headers.get("host")
        if not may_act(self._site.way, request.peer):
            raise AccessDenied(
                "by plain HTTP from another machine nothing is done and nobody signs in: what is "
                "typed could be read on its way; open the page by https, or at the box"
            )
        if not is_same_origin(origin, host, secure=self._site.secure):
            raise AccessDenied("a request of another page than the station's own; nothing was done")
