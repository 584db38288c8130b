"""Accounts for tests: real files, and work that is counted in place of scrypt's."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gonogo.console.access.accounts import Accounts
from gonogo.console.access.roles import Role

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.console.access.secret import Cost

PIN = "408162"
BADGE = "badge 0x7F-19"


class Work:
    """Derives quickly, and remembers each time that it was asked to."""

    def __init__(self) -> None:
        self.done: list[tuple[bytes, Cost]] = []

    def __call__(self, secret: bytes, salt: bytes, cost: Cost) -> bytes:
        """As gonogo.console.access.secret.derive."""
        self.done.append((secret, cost))
        return hashlib.sha256(salt + secret).digest()


class Clock:
    """A monotonic clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000_000

    def __call__(self) -> int:
        """Nanoseconds."""
        return self.now_ns

    def go(self, seconds: float) -> None:
        """On."""
        self.now_ns += round(seconds * 1e9)


def accounts_in(folder: Path, work: Work | None = None) -> Accounts:
    """Those of a station: `sec`, who may give out accounts, and `anna`, an operator."""
    accounts = Accounts(folder / "parts.accounts.json", by=work or Work())
    accounts.add("sec", Role.SECURITY, "935028")
    accounts.add("anna", Role.OPERATOR, PIN)
    return accounts
