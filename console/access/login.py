"""Signing in: a name, a PIN or badge, and whence; the answer is there after one scrypt at most.

Whether there is such an account, whether it is disabled and whether the PIN was wrong look the
same: the same words after the same work. An attempt that comes too early is not looked at, right or
wrong, and the answer says how long to wait.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from gonogo.console.access.names import folded
from gonogo.console.access.secret import opens

if TYPE_CHECKING:
    from gonogo.console.access.accounts import Accounts
    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.delays import Delays

BUSY_S = 1.0  # another attempt is being looked at, which takes some tens of milliseconds


class Entered(NamedTuple):
    """Somebody is in; the account as it was then."""

    account: Account


class Refused(NamedTuple):
    """Nobody is in; the next attempt is looked at after `wait_s`. `early`: this one was not."""

    wait_s: float
    early: bool = False

    def __str__(self) -> str:
        wait = f"wait {self.wait_s:.0f} s" if self.wait_s >= 1 else "try again"
        return wait if self.early else f"name or PIN is wrong; {wait}"


class Login:
    """Looks at one attempt at a time, so that no crowd of them takes more memory than one."""

    def __init__(self, accounts: Accounts, delays: Delays) -> None:
        self._accounts, self._delays = accounts, delays
        self._one = threading.Lock()

    def login(self, name: str, secret: str, source: str) -> Entered | Refused:
        """Try it; AccountsUnreadable where nobody can sign in.

        `source` is whence: a serial port's name, or gonogo.console.access.ways.source_of a peer.
        """
        if not self._one.acquire(blocking=False):
            return Refused(BUSY_S, early=True)
        try:
            return self._tried(name, secret, source)
        finally:
            self._one.release()

    def _tried(self, name: str, secret: str, source: str) -> Entered | Refused:
        account = self._accounts.find(name)  # first: a file that cannot be read counts for nobody
        key = folded(name)
        wait_s = self._delays.begin(key, source)
        if wait_s:
            return Refused(max(wait_s, 1.0), early=True)
        lock = account.lock if account is not None else None
        right = opens(lock, secret, self._accounts.by)
        if account is None or not right or account.disabled:
            return Refused(self._delays.wait_s(key, source))
        self._delays.right(key, source)
        return Entered(account)
