"""Sessions of browsers, without sockets or clocks: times and headers in, answers out.

An id is 256 random bits (gonogo.console.access.cookies carries it); a change needs the token of the
session besides, in a header that the page of another site cannot set. A session ends when it is
idle for longer than its role may be, after some hours whatever is done, and at once when its
account is removed, disabled, renamed, or gets another PIN or role. They live in the memory of one
process: once that starts anew, people sign in again.

That a page asks for what is new is not somebody being there: only what a person does counts
(`touch`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gonogo.console.access.roles import Role, allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.roles import Action

NS_PER_S = 1_000_000_000
_BYTES = 32  # 256 bits
_REMEMBERED = 256  # sessions that are over, of which nobody has asked yet
_IDLE_S = {
    Role.OBSERVER: 8 * 3600.0,
    Role.OPERATOR: 3600.0,
    Role.TECHNICIAN: 900.0,
    Role.SUPERVISOR: 600.0,
    Role.SECURITY: 300.0,
}


@dataclass(frozen=True)
class SessionLimits:
    """How long, and how many: of one account, and in all."""

    idle_s: Mapping[Role, float]
    longest_s: float = 12 * 3600.0
    per_account: int = 4
    in_all: int = 64


LIMITS = SessionLimits(_IDLE_S)


class Opened(NamedTuple):
    """Of a session that was just opened: the id for its cookie, and its token for changes."""

    id: str
    csrf: str


class Session(NamedTuple):
    """Somebody who is signed in."""

    account: Account
    csrf: str
    opened_ns: int
    seen_ns: int

    def may(self, action: Action) -> bool:
        """Whether whoever it is may do that."""
        return allowed(self.account.role, action)

    def is_from(self, token: str | None) -> bool:
        """Whether a request has this session's token: it came from a page of ours."""
        given = (token or "").encode(errors="replace")
        return hmac.compare_digest(given, self.csrf.encode())


class Ended(NamedTuple):
    """A session that is over, and why; not by somebody who signed out."""

    session: Session
    why: str


class Sessions:
    """Of one way in; `find` is that of the accounts."""

    def __init__(
        self, find: Callable[[str], Account | None], limits: SessionLimits = LIMITS
    ) -> None:
        self._find, self._limits = find, limits
        self._open: dict[str, Session] = {}  # by the hash of the id: memory that leaks opens none
        self._ended: deque[Ended] = deque(maxlen=_REMEMBERED)

    def open(self, account: Account, now_ns: int) -> Opened:
        """Let somebody in; where there are too many, the one that was idle longest ends."""
        self._tidy(now_ns)
        same = [key for key, one in self._open.items() if one.account.key == account.key]
        self._end_idlest(same, self._limits.per_account)
        self._end_idlest(list(self._open), self._limits.in_all)
        session_id, csrf = secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES)
        self._open[_hash(session_id)] = Session(account, csrf, now_ns, now_ns)
        return Opened(session_id, csrf)

    def of(self, session_id: str | None, now_ns: int, *, touch: bool) -> Session | None:
        """Whose request it is; None: nobody's. `touch`: a person did something, no script.

        AccountsUnreadable where nobody can be known.
        """
        key = _hash(session_id or "")
        found = self._open.get(key)
        if found is None:
            return None
        if why := self._why_over(found, now_ns):
            self._end(key, why)
            return None
        if touch:
            self._open[key] = found._replace(seen_ns=max(now_ns, found.seen_ns))
        return self._open[key]

    def close(self, session_id: str | None) -> None:
        """Whoever it is signs out."""
        self._open.pop(_hash(session_id or ""), None)

    def close_all(self, account: Account) -> int:
        """An account signs out everywhere; how many sessions that were."""
        same = [key for key, one in self._open.items() if one.account.key == account.key]
        for key in same:
            del self._open[key]
        return len(same)

    def ends_in_s(self, session: Session, now_ns: int) -> float:
        """How long it lasts if nobody does anything."""
        idle_ns = session.seen_ns + round(self._idle_s(session) * NS_PER_S)
        end_ns = session.opened_ns + round(self._limits.longest_s * NS_PER_S)
        return max(min(idle_ns, end_ns) - now_ns, 0) / NS_PER_S

    def ended(self, now_ns: int) -> list[Ended]:
        """Those that are over since this was asked last, to be told; AccountsUnreadable."""
        self._tidy(now_ns)
        found = list(self._ended)
        self._ended.clear()
        return found

    def _why_over(self, session: Session, now_ns: int) -> str:
        """The reason; empty while it stands."""
        now = self._find(session.account.name)
        if now is None or now.disabled or now.stamp != session.account.stamp:
            return "the account was changed, disabled or removed"
        if self.ends_in_s(session, now_ns) > 0:
            return ""
        at_its_end = now_ns - session.opened_ns >= self._limits.longest_s * NS_PER_S
        return "signed in for as long as anybody may be" if at_its_end else "nobody did anything"

    def _end(self, key: str, why: str) -> None:
        self._ended.append(Ended(self._open.pop(key), why))

    def _idle_s(self, session: Session) -> float:
        return self._limits.idle_s[session.account.role]

    def _tidy(self, now_ns: int) -> None:
        over = [(key, self._why_over(one, now_ns)) for key, one in self._open.items()]
        for key, why in over:
            if why:
                self._end(key, why)

    def _end_idlest(self, keys: list[str], most: int) -> None:
        keys.sort(key=lambda key: self._open[key].seen_ns)
        for key in keys[: max(len(keys) - most + 1, 0)]:
            self._end(key, "too many were signed in")


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode(errors="replace")).hexdigest()
