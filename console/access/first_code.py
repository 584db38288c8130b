"""The first start: a one-time code, shown where somebody stands before the box, makes an account.

Where there is no account nobody can sign in, and nobody may make one by whichever page comes first.
The serial console shows a code; who types it at the screen within a quarter of an hour makes the
first account, of the role `security`. Five codes that are wrong, and it is none any more. What is
kept of it lies in memory (gonogo.console.access.shared), and is a hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import FirstCodeRefused
from gonogo.base.shm import segment_path
from gonogo.console.access.names import fit
from gonogo.console.access.roles import Role
from gonogo.console.access.secret import check
from gonogo.console.access.shared import SharedTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.access.accounts import Accounts
    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.shared import Table

LASTS_S = 900
TRIES = 5
NS_PER_S = 1_000_000_000
# without those that are read as another one: 0 O 1 I L
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH, _GROUP = 12, 4  # 59 bits
_AGAIN = "show a new one at the serial console"


def path_of(station: str) -> Path:
    """Where console and screen of a station find it."""
    return segment_path(station, "first-code")


class FirstCode:
    """`path` of the table that console and screen share; `accounts` says whether it is of use."""

    def __init__(
        self,
        path: Path,
        accounts: Accounts,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._shared = SharedTable(path)
        self._accounts = accounts
        self._now_ns = now_ns

    def show(self) -> str:
        """A new code, as ABCD-EFGH-JKMN; the one before is none any more. FirstCodeRefused."""
        self._expect_nobody()
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        until_ns = self._now_ns() + LASTS_S * NS_PER_S
        try:
            with self._shared.changing() as table:
                table.clear()
                table.update(hash=_hash(code), until_ns=until_ns, left=TRIES)
        except OSError as error:
            raise FirstCodeRefused(f"{self._shared.path}: no code can be kept: {error}") from error
        return "-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))

    def use(self, code: str, name: str, secret: str) -> Account:
        """The first account, of the role `security`; FirstCodeRefused, AccountUnfit."""
        self._expect_nobody()
        # a name or PIN that is not taken costs no code
        check(secret, fit(name))
        try:
            with self._shared.changing() as table:
                right = self._is_right(table, code)
        except OSError as error:
            raise FirstCodeRefused(f"{self._shared.path}: no code is kept: {error}") from error
        if not right:
            raise FirstCodeRefused(f"the code is wrong, spent, or older than {LASTS_S} s; {_AGAIN}")
        return self._accounts.add(name, Role.SECURITY, secret, first=True)

    def _is_right(self, table: Table, code: str) -> bool:
        left, until_ns = table.get("left"), table.get("until_ns")
        if not isinstance(left, int) or not isinstance(until_ns, int):
            return False
        in_time = 0 <= until_ns - self._now_ns() <= LASTS_S * NS_PER_S
        right = hmac.compare_digest(_hash(code), str(table.get("hash")))
        # counted whatever was typed: one try of it is gone
        if left <= 1 or not in_time or right:
            table.clear()
        else:
            table["left"] = left - 1
        return right and in_time and left > 0

    def _expect_nobody(self) -> None:
        if self._accounts.all():
            raise FirstCodeRefused(
                "there are accounts already: expected to sign in; `gonogo users add`, as root or "
                "the station's user, makes another one"
            )


def _hash(code: str) -> str:
    plain = "".join(each for each in code[: 4 * _LENGTH].upper() if each.isalnum())
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()
