"""The accounts of a station: who may sign in, as what, and how that is changed.

Read by any number of processes, each of which sees a change at its next look; written by one at a
time. There is always somebody who may give out accounts: the first one is of the role `security`,
and the last one of that role cannot be removed, disabled or made something else.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import SYSTEM, Files
from gonogo.base.errors import AccountRefused
from gonogo.base.plain_text import harmless
from gonogo.console.access import accounts_file
from gonogo.console.access.accounts_file import MOST, Account, Mark, Roll
from gonogo.console.access.names import LONGEST, drawn, fit, folded
from gonogo.console.access.roles import Role
from gonogo.console.access.secret import check, derive, kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.access.secret import Derive

_STAMP_BITS = 53  # what a number of JSON holds exactly, whoever reads it


class Accounts:
    """Of the file `path` (gonogo.console.access.accounts_file says where it lies)."""

    def __init__(self, path: Path, files: Files = SYSTEM, by: Derive = derive) -> None:
        self.path = path
        self.by = by
        self._files = files
        self._read: tuple[Roll, Mark | None] | None = None

    def all(self) -> tuple[Account, ...]:
        """As the file says now; AccountsUnreadable. An unchanged file is not read again."""
        known = self._read  # once: another thread may read it anew meanwhile
        if known is None or known[1] != accounts_file.mark_of(self.path):
            self._read = None  # what cannot be read is not what it was
            self._read = known = accounts_file.read(self.path)
        return known[0].accounts

    def find(self, name: str) -> Account | None:
        """By any spelling of its name, disabled or not; AccountsUnreadable."""
        key = folded(name)
        return next((each for each in self.all() if each.key == key), None)

    def the(self, name: str) -> Account:
        """The one of that name; AccountRefused where there is none, AccountsUnreadable."""
        return _the(name, self.all())

    def add(self, name: str, role: Role, secret: str, *, first: bool = False) -> Account:
        """A new one; AccountUnfit, AccountRefused, AccountsNotWritten. `first`: or none at all."""
        shown = fit(name)
        check(secret, shown)
        made = _stamped(shown, role, kept(secret, self.by))

        def change(there: tuple[Account, ...]) -> tuple[Account, ...]:
            if first and there:
                raise AccountRefused("somebody else was first: there is an account already")
            _expect_free(shown, there)
            if len(there) >= MOST:
                raise AccountRefused(f"{len(there)} accounts, expected at most {MOST}: remove some")
            return (*there, made)

        self._change(change)
        return made

    def set_role(self, name: str, role: Role) -> Account:
        """Make it something else; whoever is signed in with it is signed out."""
        return self._replace(name, lambda old, _: _again(old, role=role))

    def set_secret(self, name: str, secret: str) -> Account:
        """Another PIN or badge; whoever is signed in with it is signed out, everywhere."""
        check(secret, name)
        lock = kept(secret, self.by)
        return self._replace(name, lambda old, _: _again(old, lock=lock))

    def set_disabled(self, name: str, *, disabled: bool) -> Account:
        """It stays, and nobody signs in with it; or somebody may again."""
        return self._replace(name, lambda old, _: _again(old, disabled=disabled))

    def rename(self, name: str, to: str) -> Account:
        """The same account under another name; AccountRefused where that is taken."""
        shown = fit(to)

        def change(old: Account, others: tuple[Account, ...]) -> Account:
            _expect_free(shown, others)
            return _again(old, name=shown)

        return self._replace(name, change)

    def remove(self, name: str) -> None:
        """It is gone; what it did stays under its name in the audit trail."""

        def change(there: tuple[Account, ...]) -> tuple[Account, ...]:
            gone = _the(name, there)
            return tuple(each for each in there if each is not gone)

        self._change(change)

    def _replace(self, name: str, by: Callable[[Account, tuple[Account, ...]], Account]) -> Account:
        made: list[Account] = []

        def change(there: tuple[Account, ...]) -> tuple[Account, ...]:
            old = _the(name, there)
            made.append(by(old, tuple(each for each in there if each is not old)))
            return tuple(made[-1] if each is old else each for each in there)

        self._change(change)
        return made[-1]

    def _change(self, by: Callable[[tuple[Account, ...]], tuple[Account, ...]]) -> None:
        # the work of scrypt is done before: the lock is held for a write alone
        with accounts_file.held(self.path):
            there, _ = accounts_file.read(self.path)
            changed = by(there.accounts)
            _expect_security(changed)
            accounts_file.write(self.path, Roll(accounts=changed), self._files)
            self._read = None


def _stamped(name: str, role: Role, lock: str) -> Account:
    return Account(name=name, role=role, lock=lock, stamp=secrets.randbits(_STAMP_BITS))


def _again(old: Account, **changed: object) -> Account:
    """The account with what was changed, and another stamp."""
    return Account(**{**dict(old), **changed, "stamp": secrets.randbits(_STAMP_BITS)})


def _the(name: str, there: tuple[Account, ...]) -> Account:
    key = folded(name)
    found = next((each for each in there if each.key == key), None)
    if found is None:
        raise AccountRefused(
            f"'{harmless(name, LONGEST)}': no such account; `gonogo users list` shows them"
        )
    return found


def _expect_free(name: str, there: tuple[Account, ...]) -> None:
    like = next((each for each in there if drawn(each.name) == drawn(name)), None)
    if like is not None:
        same = "is taken" if like.key == folded(name) else f"looks like '{like.name}'"
        raise AccountRefused(f"'{name}' {same}; expected a name that no other account has")


def _expect_security(accounts: tuple[Account, ...]) -> None:
    if not any(each.role is Role.SECURITY and not each.disabled for each in accounts):
        raise AccountRefused(
            "nobody would be left who may give out accounts; expected one account of the role "
            f"'{Role.SECURITY.value}' at least: make that one first"
        )
