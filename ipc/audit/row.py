"""One row of the audit trail: its fields, its line, and the hash that chains it to the one before.

A line is canonical JSON: keys sorted, no blanks, ASCII alone. The hash of a row is the SHA-256 of
its line without the key `hash`; the key `before` is the hash of the row before it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from gonogo.base.plain_text import harmless

NOTHING = "0" * 64  # `before` of the first row
LONGEST_TEXT = 500  # of a value: a path, a message
LONGEST_LINE = 64 * 1024  # what one power cut can tear
MOST_ITEMS = 100
DEEPEST = 6
_KINDS: dict[str, type] = {
    **dict.fromkeys(("at", "boot", "what", "state", "why", "torn", "before", "hash"), str),
    "number": int,
    "monotonic_ns": int,
    "who": dict,
}
State = Literal["asked", "done", "failed", "noted"]


class Entry(NamedTuple):
    """What is told of one change. `asked`: the number of the row in which it was asked for."""

    what: str
    state: State
    old: Any = None
    new: Any = None
    why: str = ""
    asked: int | None = None


class Head(NamedTuple):
    """The number and the hash of a row: all that a second place keeps of the newest one."""

    number: int
    hash: str


class Row(NamedTuple):
    """An entry with its time, its author and its place in the chain.

    `at` is UTC, `monotonic_ns` of the boot `boot`. `torn`: SHA-256 of what a power cut left of the
    line before this one, "" where nothing was. `lost`: the newest row that the second place knew,
    where that was not the row before this one.
    """

    number: int
    at: str
    boot: str
    monotonic_ns: int
    who: Mapping[str, Any]
    what: str
    state: State
    old: Any
    new: Any
    why: str
    asked: int | None
    torn: str
    lost: Head | None
    before: str
    hash: str

    @property
    def head(self) -> Head:
        """Its number and hash."""
        return Head(self.number, self.hash)


def sealed(row: Row) -> Row:
    """The row with its hash."""
    return row._replace(hash=hash_of(row))


def hash_of(row: Row) -> str:
    """SHA-256 of its line without the hash, in hex."""
    fields = _fields(row)
    del fields["hash"]
    return hashlib.sha256(_canonical(fields)).hexdigest()


def line_of(row: Row) -> bytes:
    """Its line, without the line break."""
    return _canonical(_fields(row))


def row_of(line: bytes) -> Row | None:
    """The row of a line; None where it is not one, which says nothing of its hash."""
    try:
        fields = json.loads(line)
        if not all(isinstance(fields[name], kind) for name, kind in _KINDS.items()):
            return None
        lost = fields["lost"]
        row = Row(**{**fields, "lost": None if lost is None else Head(*lost)})
        # as it was written, to the byte: what differs in a blank was written by another hand
        return row if line_of(row) == line else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def plain(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - what JSON can hold
    """A value as a row may hold it: bounded, harmless text, finite numbers."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return _plain_table(value, depth)
    if isinstance(value, (list, tuple, set, frozenset)) and depth < DEEPEST:
        some = [plain(each, depth + 1) for each in list(value)[:MOST_ITEMS]]
        more = len(value) - len(some)
        return [*some, f"and {more} more"] if more else some
    return harmless(str(value) if isinstance(value, (str, Path)) else repr(value), LONGEST_TEXT)


def _plain_table(value: Mapping[Any, Any], depth: int) -> Any:  # noqa: ANN401 - as above
    if depth >= DEEPEST:
        return "..."
    some = {
        harmless(str(key)): plain(each, depth + 1) for key, each in list(value.items())[:MOST_ITEMS]
    }
    more = len(value) - len(some)
    return {**some, "...": f"and {more} more"} if more else some


def bounded(value: Any) -> Any:  # noqa: ANN401 - as above
    """The same in a third of a line at most: what is larger is named by its SHA-256 alone."""
    found = plain(value)
    text = _canonical(found)
    if len(text) <= LONGEST_LINE // 3:
        return found
    return f"too long for a row: {len(text)} bytes, sha256 {hashlib.sha256(text).hexdigest()}"


def _fields(row: Row) -> dict[str, Any]:
    return {**row._asdict(), "lost": None if row.lost is None else list(row.lost)}


def _canonical(value: Any) -> bytes:  # noqa: ANN401 - as above
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")
