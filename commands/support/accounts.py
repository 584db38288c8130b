"""Names of those who sign in at a station: from its accounts, and from what the trail says of them.

The trail also names accounts that are gone or were called otherwise.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_PERSON, _PEOPLE = "account", "accounts"  # as gonogo.console.access writes its rows


def account_names(records: Path) -> list[str]:
    """Of the accounts that there are; none where their file cannot be read."""
    from gonogo.console.access.accounts_file import beside_records, read

    with contextlib.suppress(AccessError):
        return [each.name for each in read(beside_records(records))[0].accounts]
    return []


def accounts_told(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Of those of whom rows of the trail tell, in their order."""
    return [name for row in rows for key in ("who", "old", "new") for name in _named(row.get(key))]


def _named(value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get(_PERSON), str):
        yield value[_PERSON]
    some = value.get(_PEOPLE)
    if isinstance(some, list):
        yield from (each for each in some if isinstance(each, str))
    yield from _named(value.get("asked"))  # of one that failed
