"""How long somebody has to wait before the next attempt to sign in.

After a few that were wrong each further one doubles the time until the next is looked at, per
account and per source, up to a bound: an account that somebody plays with is never shut for good.
Nobody waits here: the answer says how long, at once. Times are CLOCK_MONOTONIC, so that setting the
clock shortens nothing.

The table lies in memory that outlives a process (gonogo.console.access.shared): a screen that was
made to crash and started anew goes on where it was, and screen and console count together. It does
not outlive a start of the whole station or of the box, which takes longer than an attempt, and for
which somebody has to stand there or to be signed in.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.shm import segment_path
from gonogo.console.access.shared import SharedTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.access.shared import Table

MOST = 1000  # accounts and sources: some 100 kB
NS_PER_S = 1_000_000_000
_DOUBLINGS = 30  # of a second: beyond every bound


def path_of(station: str) -> Path:
    """Where the processes of a station keep the table."""
    return segment_path(station, "sign-in")


class DelayLimits(NamedTuple):
    """How many attempts are free, and the longest wait; one is forgotten each `forget_s`.

    More are free for a source: a screen is used by a whole shift.
    """

    free_account: int = 3
    free_source: int = 10
    longest_s: float = 60.0
    forget_s: float = 600.0


class Tries(NamedTuple):
    """Wrong attempts in a row; the next one is looked at from `until_ns` on."""

    wrong: int
    until_ns: int
    last_ns: int


class Delays:
    """`path` of the table that processes share; None: this process alone counts."""

    def __init__(
        self,
        path: Path | None,
        limits: DelayLimits = DelayLimits(),  # noqa: B008 - immutable
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._shared = None if path is None else SharedTable(path)
        self._own: Table = {}
        self._limits = limits
        self._now_ns = now_ns

    def begin(self, account: str, source: str) -> float:
        """Seconds to wait; 0: it may be tried now, and counts as wrong until it was right.

        Counted first: a hundred attempts at once are a hundred, not one.
        """
        return self._with(lambda table: self._begun(table, account, source))

    def right(self, account: str, source: str) -> None:
        """The attempt was right: the account waits no longer.

        What others did wrong at that source still counts, or an account of one's own would buy
        attempts at all the others.
        """
        self._with(lambda table: self._forgiven(table, account, source))

    def unlock(self, account: str) -> None:
        """Somebody who may has said so."""
        self._with(lambda table: table.pop(_key("account", account), None))

    def wait_s(self, account: str, source: str) -> float:
        """How long that account has to wait at that source now; nothing is counted."""
        return self._with(lambda table: self._wait_s(table, account, source))

    def _with(self, what: Callable[[Table], float | None]) -> float:
        if self._shared is None:
            return what(self._own) or 0.0
        found: list[float] = []
        try:
            with self._shared.changing() as table:
                found.append(what(table) or 0.0)
        except OSError:  # no room, or somebody holds it: this process goes on by what it saw
            if not found:
                found.append(what(self._shared.seen) or 0.0)
        return found[0]

    def _begun(self, table: Table, account: str, source: str) -> float:
        waiting_s = self._wait_s(table, account, source)
        if waiting_s:
            return waiting_s
        limits, now_ns = self._limits, self._now_ns()
        for key, free in (
            (_key("account", account), limits.free_account),
            (_key("source", source), limits.free_source),
        ):
            wrong = self._of(table, key).wrong + 1
            until_ns = now_ns + self._delay_ns(wrong - free)
            table[key] = [wrong, until_ns, now_ns]
        self._make_room(table)
        return 0.0

    def _forgiven(self, table: Table, account: str, source: str) -> None:
        table.pop(_key("account", account), None)
        key = _key("source", source)
        found = self._of(table, key)
        if found.wrong <= 1:
            table.pop(key, None)
        else:
            table[key] = [found.wrong - 1, self._now_ns(), found.last_ns]

    def _wait_s(self, table: Table, account: str, source: str) -> float:
        now_ns = self._now_ns()
        keys = _key("account", account), _key("source", source)
        until_ns = max(self._of(table, key).until_ns for key in keys)
        return min(max(until_ns - now_ns, 0) / NS_PER_S, self._limits.longest_s)

    def _of(self, table: Table, key: str) -> Tries:
        found = _tries(table.get(key))
        quiet_ns = max(self._now_ns() - found.last_ns, 0)
        wrong = found.wrong - int(quiet_ns / (self._limits.forget_s * NS_PER_S))
        return found._replace(wrong=wrong) if wrong > 0 else Tries(0, 0, 0)

    def _delay_ns(self, beyond: int) -> int:
        if beyond < 0:
            return 0
        return round(min(2.0 ** min(beyond, _DOUBLINGS), self._limits.longest_s) * NS_PER_S)

    def _make_room(self, table: Table) -> None:
        """What is forgotten goes first, then what has the fewest wrong: none buys another out."""
        if len(table) <= MOST:
            return
        known = {key: self._of(table, key) for key in table}
        for key in sorted(known, key=lambda key: (known[key].wrong, known[key].last_ns)):
            if len(table) <= MOST * 9 // 10:
                return
            del table[key]


def _key(kind: str, name: str) -> str:
    """Hashed: somebody types a PIN where a name belongs, and no file shall say it."""
    text = f"{kind}\0{name}".encode(errors="replace")
    return hashlib.sha256(text).hexdigest()[:24]


def _tries(value: object) -> Tries:
    """What another process wrote; whatever else stands there counts as nothing."""
    right = isinstance(value, list) and len(value) == len(Tries._fields)
    if not (right and isinstance(value, list) and all(type(each) is int for each in value)):
        return Tries(0, 0, 0)
    return Tries(*value)
