"""What the audit trail is told of signing in: who came, by which way, and how often it failed.

Everybody who may reach the page may try to sign in, and each row costs disk. So what was refused is
told once a minute at most, with how often it was; who came in is told each time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gonogo.console.access.author import author
from gonogo.ipc.audit.change import told
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.audit.who import who

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.ways import Way

PAUSE_NS = 60_000_000_000
MOST_NAMED = 10  # sources, and accounts, in one row
IN, OUT, REFUSED = "sign in", "sign out", "sign in refused"


class SignInTrail:
    """Of the audit trail in `path`, for one way in."""

    def __init__(
        self,
        path: Path,
        way: Way,
        now_ns: Callable[[], int] = time.monotonic_ns,
        process: Callable[[], dict[str, Any]] = who,
    ) -> None:
        self._path, self._way = path, way
        self._now_ns, self._process = now_ns, process
        self._next_ns: int | None = None
        self._refused = 0
        self._sources: dict[str, None] = {}
        self._accounts: dict[str, None] = {}

    def entered(self, account: Account, source: str) -> None:
        """Somebody signed in."""
        self._tell_refused()
        self._tell(account, source, Entry(IN, "noted", new={"role": account.role.value}))

    def left(self, account: Account, source: str, why: str) -> None:
        """Somebody signed out, or was signed out: idle, too long, a change of the account."""
        self._tell(account, source, Entry(OUT, "noted", why=why))

    def refused(self, account: Account | None, source: str) -> None:
        """Somebody was not let in; of a name that is no account nothing is kept: it may be a PIN.

        `account` is that of the name that was typed, if there is one.
        """
        self._refused += 1
        if len(self._sources) < MOST_NAMED:
            self._sources[source] = None
        if account is not None and len(self._accounts) < MOST_NAMED:
            self._accounts[account.name] = None
        now_ns = self._now_ns()
        if self._next_ns is None or now_ns >= self._next_ns:
            self._next_ns = now_ns + PAUSE_NS
            self._tell_refused()

    def _tell_refused(self) -> None:
        if not self._refused:
            return
        new = {"times": self._refused, "accounts": [*self._accounts], "from": [*self._sources]}
        self._tell(None, "", Entry(REFUSED, "noted", new=new))
        self._refused = 0
        self._sources.clear()
        self._accounts.clear()

    def _tell(self, account: Account | None, source: str, entry: Entry) -> None:
        by = author(account, self._way, source, self._process)
        told(Trail(self._path, author=by), entry)
